// Whether the page listens. `data-stripeflow` on its root says "ready" once the listeners are attached, and "busy" while
// an answer is under way that will be drawn, or a page that will be opened. The browser tests wait for it.
const said = document.documentElement.dataset;

export function markReady() {
  said.stripeflow = "ready";
}

export function markBusy() {
  said.stripeflow = "busy";
}

// A page that the browser kept is shown again as it was left.
window.addEventListener("pageshow", (event) => event.persisted && markReady());
