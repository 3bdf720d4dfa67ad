// The one place where elements are made.

// `given` are properties where the element has them, and attributes otherwise: {className, type, role, "aria-label"}.
export function element(tag, given = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in made) {
      made[name] = value;
    } else {
      made.setAttribute(name, value);
    }
  }
  made.append(...children);
  return made;
}

// A button that submits nothing.
export function button(className, click, ...children) {
  const made = element("button", { type: "button", className }, ...children);
  made.addEventListener("click", click);
  return made;
}
