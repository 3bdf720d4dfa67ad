// Canvases to look at: a card with details on the same page leads to them, and both are marked.
// Without this the link itself goes there.
import { enhanceCanvas } from "./canvas.js";

export function startLooking() {
  for (const studio of document.querySelectorAll("[data-sf-look]")) {
    enhanceCanvas(studio);
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[data-sf-show]");
    const details = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (details && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      show(link, details);
    }
  });
}

function show(link, details) {
  for (const shown of document.querySelectorAll("[data-sf-card][aria-current], [data-sf-shown]")) {
    shown.removeAttribute("aria-current");
    shown.removeAttribute("data-sf-shown");
  }
  const card = link.closest("[data-sf-card]");
  if (card) {
    card.setAttribute("aria-current", "true");
  }
  details.dataset.sfShown = "";
  for (let fold = details.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    fold.open = true;
  }
  details.setAttribute("tabindex", "-1");
  details.focus({ preventScroll: true });
  details.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" });
}

function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
