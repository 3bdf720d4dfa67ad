// Looking around on the canvas: zoom, arrows between cards, and the keys of undo and redo.
import { enhanceDragging } from "./dragging.js";

const SIZES = [0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5];

export function enhanceCanvas(studio) {
  const tools = studio.querySelector(".sf-stage-tools");
  tools.hidden = false;
  tools.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sf-zoom]");
    if (button) {
      zoom(studio, button.dataset.sfZoom);
    }
  });
  const viewport = studio.querySelector("[data-sf-viewport]");
  viewport.addEventListener("keydown", (event) => walk(viewport, event));
  viewport.addEventListener("wheel", (event) => {
    if (event.ctrlKey) {
      event.preventDefault();
      zoom(studio, event.deltaY > 0 ? "out" : "in");
    }
  }, { passive: false });
  document.addEventListener("click", (event) => {
    document.querySelectorAll(".sf-menu[open]").forEach((menu) => menu.contains(event.target) || menu.removeAttribute("open"));
  });
  viewport.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest(".sf-menu[open]");
    if (menu) {
      event.preventDefault();
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    const form = studio.querySelector(turnedBy(event));
    if (form && !event.target.closest("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  enhanceDragging(studio.querySelector(".sf-stage"));
  centre(viewport);
}

// Which form these keys press: Ctrl+Z undoes; with Shift, or Ctrl+Y, it is made again.
function turnedBy(event) {
  const key = event.ctrlKey || event.metaKey ? event.key.toLowerCase() : "";
  if (key === "z" && !event.shiftKey) {
    return "[data-sf-undo]";
  }
  return (key === "z" || key === "y") && !event.altKey ? "[data-sf-redo]" : ":not(*)";
}

function zoom(studio, how) {
  const viewport = studio.querySelector("[data-sf-viewport]");
  const now = Number(viewport.style.getPropertyValue("--sf-zoom") || 1);
  const size = how === "fit" ? fitting(viewport, now) : next(now, how === "in" ? 1 : -1);
  viewport.style.setProperty("--sf-zoom", size);
  studio.querySelector("[data-sf-zoom-shown]").textContent = `${Math.round(size * 100)}%`;
  centre(viewport);
}

function next(now, by) {
  const nearest = SIZES.reduce((best, size) => (Math.abs(size - now) < Math.abs(best - now) ? size : best));
  return SIZES[Math.min(Math.max(SIZES.indexOf(nearest) + by, 0), SIZES.length - 1)];
}

function fitting(viewport, now) {
  const tree = viewport.querySelector(".sf-tree").getBoundingClientRect();
  const room = 48;
  const size = Math.min((viewport.clientWidth - room) / (tree.width / now), (viewport.clientHeight - room) / (tree.height / now), 1);
  return Math.max(Math.round(size * 100) / 100, SIZES[0]);
}

function centre(viewport) {
  viewport.scrollLeft = (viewport.scrollWidth - viewport.clientWidth) / 2;
}

// Arrows go to the next card in that direction, as the eye sees it.
function walk(viewport, event) {
  const card = event.target.closest("[data-sf-card]");
  if (!card || event.target.closest(".sf-menu")) {
    return;
  }
  if (event.key === "Delete") {
    const link = card.querySelector("[data-sf-delete]");
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  const towards = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
  if (!towards) {
    return;
  }
  event.preventDefault();
  const target = nearest(viewport, card, towards);
  const link = target && target.querySelector("[data-sf-open], [data-sf-show]");
  if (link) {
    link.focus();
    target.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function nearest(viewport, from, [x, y]) {
  const here = middle(from);
  let best = null;
  let least = Infinity;
  for (const card of viewport.querySelectorAll("[data-sf-card]")) {
    const there = middle(card);
    const ahead = (there.x - here.x) * x + (there.y - here.y) * y;
    const aside = Math.abs((there.x - here.x) * y) + Math.abs((there.y - here.y) * x);
    const cost = ahead + 2 * aside;
    if (card !== from && ahead > 4 && cost < least) {
      best = card;
      least = cost;
    }
  }
  return best;
}

function middle(element) {
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}
