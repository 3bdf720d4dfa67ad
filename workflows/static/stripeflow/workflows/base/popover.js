// A box beside an element, above everything else; one at a time. Escape and a click elsewhere close it.
import { isComposing } from "./composing.js";
import { element } from "./dom.js";

const GAP = 6;
const ENOUGH = 340;
const LEAST = 180;
let current = null;

// `rect` says where to stand, if not at the whole anchor.
export function openPopover(anchor, content, { label, rect = () => anchor.getBoundingClientRect(), onClose = () => {} }) {
  closePopover();
  const box = element("div", { className: "sf-popover", role: "dialog", "aria-label": label }, content);
  // Inside the form's own box, so that Tab goes on from where one was.
  (anchor.closest("form, .sf-piece") || document.body).append(box);
  if (box.showPopover) {
    box.setAttribute("popover", "manual");
    box.showPopover();
  }
  current = { anchor, box, onClose, stop: new AbortController() };
  const { signal } = current.stop;
  place(anchor, box, rect);
  for (const what of ["scroll", "resize"]) {
    window.addEventListener(what, () => place(anchor, box, rect), { signal, capture: true, passive: true });
  }
  document.addEventListener("pointerdown", (event) => {
    if (!box.contains(event.target) && !anchor.contains(event.target)) {
      closePopover({ focus: false });
    }
  }, { signal, capture: true });
  // Wherever the focus is: Escape is for this box before it is for the panel below it.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isComposing(event)) {
      event.preventDefault();
      event.stopPropagation();
      closePopover();
    }
  }, { signal, capture: true });
  // What is typed here is no change of the form around it.
  for (const what of ["input", "change"]) {
    box.addEventListener(what, (event) => event.stopPropagation());
  }
  return box;
}

export function closePopover({ focus = true } = {}) {
  if (!current) {
    return;
  }
  const { box, onClose, stop } = current;
  current = null;
  stop.abort();
  box.remove();
  onClose({ focus });
}

// Below the anchor, or above it where there is more room; never beyond the window.
function place(anchor, box, rect) {
  if (!anchor.isConnected) {
    closePopover({ focus: false });
    return;
  }
  const at = rect();
  const below = window.innerHeight - at.bottom - 2 * GAP;
  const above = at.top - 2 * GAP;
  const isAbove = below < ENOUGH && above > below;
  box.style.setProperty("--sf-room", `${Math.max(isAbove ? above : below, LEAST)}px`);
  box.style.top = isAbove ? "auto" : `${Math.max(GAP, Math.min(at.bottom + GAP, window.innerHeight - LEAST - GAP))}px`;
  box.style.bottom = isAbove ? `${window.innerHeight - at.top + GAP}px` : "auto";
  const width = box.offsetWidth;
  const left = getComputedStyle(anchor).direction === "rtl" ? at.right - width : at.left;
  box.style.left = `${Math.max(GAP, Math.min(left, window.innerWidth - width - GAP))}px`;
}
