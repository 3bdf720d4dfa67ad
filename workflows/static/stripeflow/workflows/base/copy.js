// Puts a copy button beside each id. Without scripts a click selects the whole id.
import { button } from "./dom.js";

const draw = (path) =>
  `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"></path></svg>`;
const COPY = draw("M9 9h10v11H9zM5 15V4h10");
const DONE = draw("m5 12.500 4.500 4.500L19 7.500");

export function addCopyButtons(root) {
  if (navigator.clipboard) {
    root.querySelectorAll("[data-copy]").forEach((code) => code.after(buttonFor(code)));
  }
}

function buttonFor(code) {
  const copy = button("sf-copy", async () => {
    await navigator.clipboard.writeText(code.textContent);
    copy.innerHTML = DONE;
    setTimeout(() => (copy.innerHTML = COPY), 1500);
  });
  copy.title = copy.ariaLabel = gettext("Copy");
  copy.innerHTML = COPY;
  return copy;
}
