// Puts a copy button beside each id. Without scripts a click selects the whole id.
for (const code of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "sf-copy";
  button.title = button.ariaLabel = "Copy";
  button.textContent = "⧉";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "✓";
    setTimeout(() => (button.textContent = "⧉"), 1500);
  });
  code.after(button);
}
