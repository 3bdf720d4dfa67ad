// Where the reader of a form stands: at its first box, or at the one that has to be changed.

const FIELDS = 'input:not([type="hidden"]), select, textarea, [contenteditable="true"]';
const BOXES = `${FIELDS}, .sf-choice, .select2-selection`;
const HOLDERS = [".sf-box", ".stripeflow-input, .form-row", ".sf-row"];

// Whether Escape is for this element before it is for the panel around it.
export function isField(element) {
  return element.matches(FIELDS);
}

export function focusFirst(root) {
  const form = root.querySelector("form.sf-form, [data-sf-gallery]");
  // On a telephone the keyboard would cover what was just opened.
  const box = form && !window.matchMedia("(pointer: coarse)").matches && shown(form)[0];
  box && box.focus({ preventScroll: true });
  return Boolean(box);
}

// Goes to the box of this id, or to what stands on the page in its place.
export function focusBox(id) {
  const named = document.getElementById(id) || document.getElementById(`${id}_0`);
  if (!named) {
    return false;
  }
  for (let fold = named.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  const holders = HOLDERS.map((holder) => named.closest(holder)).filter(Boolean);
  const box = isShown(named) ? named : holders.flatMap(shown)[0];
  if (box) {
    box.focus({ preventScroll: true });
    reveal(box);
  }
  return Boolean(box);
}

// Inside the panel, so that the page below it stays where it was.
function reveal(box) {
  const panel = box.closest("[data-sf-piece]");
  if (panel) {
    panel.scrollTop += box.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
  } else {
    box.scrollIntoView({ block: "center" });
  }
}

function shown(root) {
  return [...root.querySelectorAll(BOXES)].filter(isShown);
}

function isShown(element) {
  const isBox = element.matches(BOXES) && !element.matches(".select2-hidden-accessible, :disabled");
  return isBox && element.checkVisibility() && !element.closest(".sf-submit, .sf-draft");
}
