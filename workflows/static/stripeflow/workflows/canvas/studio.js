// The canvas with its panel: links open their page in the panel, and what is saved there is drawn again.
// Every link and form works without this, as a page of its own; the server answers htmx with a piece of it,
// which says by `data-sf-fragment` what it is.
import { enhanceCanvas } from "./canvas.js";
import { isComposing } from "../base/composing.js";
import { element } from "../base/dom.js";
import { forget, mayLeave } from "../base/drafts.js";
import { focusBox, focusFirst, isField } from "../base/focusing.js";
import { markBusy, markReady } from "../base/ready.js";
import { watchOthers } from "./others.js";

const FRAGMENT = /data-sf-fragment="(\w+)"/;
const STAYS_MS = 5000;

export function startStudio(studio, enhance) {
  const body = studio.querySelector("#sf-panel-body");
  const state = { studio, body, opener: null, of: "", kind: "", changed: false, underWay: 0, isLeaving: false };
  const name = document.querySelector("[data-sf-name]");
  for (const part of [body, studio.querySelector(".sf-stage"), name].filter(Boolean)) {
    part.setAttribute("hx-boost", "true");
    part.setAttribute("hx-target", "#sf-panel-body");
    part.setAttribute("hx-swap", "innerHTML show:none");
    part.setAttribute("hx-push-url", "false");
    part.setAttribute("hx-sync", "#sf-panel-body:replace");
  }
  // What was drawn can be used at once.
  window.htmx.config.defaultSettleDelay = 0;
  window.htmx.process(studio);
  enhanceCanvas(studio);
  if (name) {
    window.htmx.process(name);
    enhanceName(name);
  }
  watchOthers(studio);

  quieten();

  studio.querySelector("[data-sf-close]").addEventListener("click", () => leave(state));
  studio.addEventListener("click", (event) => remember(state, event.target));
  studio.addEventListener("submit", (event) => remember(state, event.target), true);
  document.addEventListener("keydown", (event) => {
    const isOurs = event.key === "Escape" && !event.defaultPrevented && !isComposing(event) && isOpen(state);
    if (!isOurs || document.querySelector(".select2-container--open, dialog[open]")) {
      return;
    }
    // The question must not be closed by the key that opened it.
    event.preventDefault();
    // The first one leaves the box that is typed in, the next one the panel.
    if (body.contains(event.target) && isField(event.target)) {
      event.target.blur();
    } else {
      leave(state);
    }
  });
  document.addEventListener("htmx:confirm", (event) => guard(state, event));
  document.addEventListener("htmx:beforeSwap", (event) => route(state, event));
  document.addEventListener("htmx:afterSwap", (event) => swapped(state, event, enhance));
  document.addEventListener("htmx:responseError", (event) => failed(event.detail.xhr));
  document.addEventListener("htmx:sendError", () => failed(null));
  for (const [happened, by] of [["htmx:beforeRequest", 1], ["htmx:afterRequest", -1]]) {
    document.addEventListener(happened, () => {
      state.underWay += by;
      studio.setAttribute("aria-busy", String(state.underWay > 0));
      if (state.underWay || state.isLeaving) {
        markBusy();
      } else {
        markReady();
      }
    });
  }
}

// The heading is a box: leaving it saves, Escape takes it back.
function enhanceName(form) {
  const box = form.querySelector('[name="name"]');
  box.dataset.sent = box.value;
  // Enter changes and submits at once: the same name goes out once.
  form.addEventListener(
    "submit",
    (event) => {
      if (box.value === box.dataset.sent) {
        event.preventDefault();
        event.stopImmediatePropagation();
      }
      box.dataset.sent = box.value;
    },
    true,
  );
  box.addEventListener("change", () => box.value.trim() && form.requestSubmit());
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !isComposing(event)) {
      box.value = box.dataset.sent ?? box.value;
      box.blur();
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === form && !event.detail.successful) {
      delete box.dataset.sent;
    }
  });
}

// What would take an unsaved form's place asks first; the form itself may be sent.
function guard(state, event) {
  const { elt, target, triggeringEvent, issueRequest } = event.detail;
  const button = triggeringEvent && triggeringEvent.submitter;
  const replaces = target === state.body || (button && button.matches("[data-sf-opens]"));
  if (replaces && !elt.matches("form[data-sf-draft]")) {
    event.preventDefault();
    mayLeave(state.body).then((goes) => goes && issueRequest(true));
  }
}

async function leave(state) {
  if (await mayLeave(state.body)) {
    close(state);
  }
}

function isOpen(state) {
  return !state.studio.querySelector("[data-sf-piece]").hidden;
}

// The card from which the panel was opened gets the focus back.
function remember(state, target) {
  const card = target.closest && target.closest("[data-sf-card], .sf-line");
  if (card && target.closest("a, button, form")) {
    state.opener = card;
    state.studio.querySelectorAll(".sf-menu[open]").forEach((menu) => menu.removeAttribute("open"));
  }
}

// What the server sent decides where it goes, whoever asked for it.
function route(state, event) {
  const { detail } = event;
  const found = FRAGMENT.exec(detail.serverResponse || "");
  if (!found) {
    if (detail.xhr.status < 400) {
      detail.shouldSwap = false;
      state.isLeaving = true;
      window.location.assign(detail.xhr.responseURL);
    }
    return;
  }
  state.kind = found[1];
  const { elt, verb } = detail.requestConfig;
  const isUnsaved = detail.serverResponse.includes("data-sf-unsaved");
  if (verb !== "get" && !isUnsaved) {
    state.changed = true;
    if (elt.matches("form[data-sf-draft]")) {
      forget(elt);
    }
  }
  if (state.kind === "piece") {
    if (!state.studio.contains(elt)) {
      state.opener = null;
    }
    state.of = state.body.contains(elt) ? state.of : "";
    detail.target = state.body;
    detail.swapOverride = "innerHTML show:none";
  } else if (state.kind === "closed") {
    detail.swapOverride = "none";
  } else {
    const canvas = document.getElementById("sf-canvas");
    detail.target = canvas;
    detail.swapOverride = "outerHTML show:none";
    state.before = new Set([...canvas.querySelectorAll("[data-sf-card][id]")].map((card) => card.id));
    state.revision = Number(canvas.dataset.revision);
  }
}

function swapped(state, event, enhance) {
  const kind = state.kind;
  state.kind = "";
  if (kind === "piece") {
    const form = state.body.querySelector("form[data-sf-of]");
    state.of = form ? form.dataset.sfOf : state.of;
    show(state);
    enhance(state.body, { restore: (shown, values) => restore(shown, values) });
    start(state, event.detail.pathInfo.anchor);
  } else if (kind === "closed") {
    hide(state);
  } else if (kind === "canvas") {
    follow(state);
  }
  if (kind !== "canvas" && state.changed) {
    redraw(state);
  }
  quieten();
}

// At the box that a link named or that has to be changed, else at the first.
function start(state, anchor) {
  const wrong = state.body.querySelector("[data-sf-focus]");
  const box = anchor || (wrong && wrong.dataset.sfFocus);
  if (!(box && focusBox(box)) && !focusFirst(state.body)) {
    state.body.querySelector("#sf-panel-title").focus({ preventScroll: true });
  }
}

function restore(form, values) {
  window.htmx.ajax("POST", form.getAttribute("action"), { target: "#sf-panel-body", swap: "innerHTML show:none", values });
}

// After a change of one's own the forms on the page belong to the new revision, if nobody else's lies between.
function follow(state) {
  const canvas = document.getElementById("sf-canvas");
  const revision = Number(canvas.dataset.revision);
  if (state.changed && revision === state.revision + 1) {
    for (const box of document.querySelectorAll('input[name="revision"]')) {
      if (Number(box.value) === state.revision) {
        box.value = revision;
      }
    }
  }
  state.changed = false;
  const name = document.querySelector("[data-sf-name] [name=name]");
  if (name && name.value === name.dataset.sent) {
    // An undo may have taken the old one back.
    name.value = name.dataset.sent = canvas.dataset.name;
  }
  const fresh = [...canvas.querySelectorAll("[data-sf-card][id]")].find((card) => !state.before.has(card.id));
  const card = fresh || cardOf(state);
  mark(state);
  if (card && !isOpen(state)) {
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    // Once a branch has its conditions, its first step is what comes next.
    const way = card.closest(".sf-way-title") && card.closest(".sf-way");
    const link = (way && way.querySelector(".sf-plus")) || card.querySelector("[data-sf-open]");
    if (link) {
      link.focus({ preventScroll: true });
    }
  }
}

function redraw(state) {
  window.htmx.ajax("GET", state.studio.dataset.url, { target: "#sf-canvas", swap: "outerHTML show:none" });
}

function show(state) {
  const piece = state.studio.querySelector("[data-sf-piece]");
  piece.hidden = false;
  piece.scrollTop = 0;
  state.studio.querySelector("[data-sf-about]").hidden = true;
  mark(state);
}

function hide(state) {
  state.studio.querySelector("[data-sf-piece]").hidden = true;
  state.studio.querySelector("[data-sf-about]").hidden = false;
  state.body.replaceChildren();
  // A test's marks go with it.
  if (document.querySelector("#sf-canvas[data-sf-marked]")) {
    redraw(state);
  }
  mark(state);
}

function close(state) {
  hide(state);
  const card = cardOf(state);
  const link = card && card.querySelector("[data-sf-open]");
  if (link) {
    link.focus({ preventScroll: true });
  }
}

// The card, or the line, that the panel is about. The canvas may have been drawn again since.
function cardOf(state) {
  const { of, opener } = state;
  const found = (of && document.getElementById(of)) || (opener && (opener.id ? document.getElementById(opener.id) : opener));
  const card = found && found.matches(".sf-way") ? found.querySelector(".sf-way-title") : found;
  return card && card.isConnected ? card : null;
}

function mark(state) {
  state.studio.querySelectorAll("[data-sf-card][aria-current], .sf-line-here").forEach((card) => {
    card.removeAttribute("aria-current");
    card.classList.remove("sf-line-here");
  });
  const card = isOpen(state) ? cardOf(state) : null;
  if (card && card.matches(".sf-line")) {
    card.classList.add("sf-line-here");
  } else if (card) {
    card.setAttribute("aria-current", "true");
  }
}

function quieten() {
  const all = [...document.querySelectorAll("#sf-said li")];
  all.slice(0, -1).forEach((older) => older.dataset.timed && older.remove());
  for (const said of document.querySelectorAll("#sf-said li:not([data-timed])")) {
    said.dataset.timed = "1";
    window.setTimeout(() => said.classList.add("sf-gone"), STAYS_MS);
    window.setTimeout(() => said.remove(), STAYS_MS + 500);
  }
}

function failed(xhr) {
  const words = !xhr
    ? gettext("The server cannot be reached. Nothing was changed; try again.")
    : xhr.status === 403
      ? gettext("You are not allowed to do this.")
      : gettext("That did not work, and nothing was changed. Load the page again and retry.");
  document.getElementById("sf-said").append(element("li", { className: "error" }, words));
  quieten();
}
