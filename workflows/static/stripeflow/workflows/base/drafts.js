// What was typed and not saved: nobody leaves it unasked, and it is kept in this tab until it is saved, to be taken
// up when its form is opened again. What is secret is never kept.
import { button, element } from "./dom.js";

const OWN = new Set(["csrfmiddlewaretoken", "revision", "preview_event"]);
const SECRET = '[type="password"][name], [data-stripeflow-secret] [name]';
const watched = new WeakMap();

export function watchDraft(form, { restore = sendAgain } = {}) {
  const key = `stripeflow-draft/${form.dataset.sfDraft}`;
  // A form that came back unsaved bears what was typed.
  const clean = "sfUnsaved" in form.dataset ? null : JSON.stringify(entries(form));
  watched.set(form, { key, clean, isSent: false });
  const keep = () => {
    if (isUnsaved(form)) {
      window.sessionStorage.setItem(key, kept(form));
    } else {
      forget(form);
    }
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  const before = window.sessionStorage.getItem(key);
  if (before !== null && before === kept(form) && clean !== null) {
    forget(form);
  } else if (before !== null && clean !== null) {
    offer(form, () => restore(form, again(form, before)));
  }
}

export function isUnsaved(form) {
  const { clean } = watched.get(form) || {};
  return clean !== undefined && (clean === null || clean !== JSON.stringify(entries(form)));
}

// It is saved, or not wanted.
export function forget(form) {
  const state = watched.get(form);
  state && window.sessionStorage.removeItem(state.key);
}

// Asks, if something below `root` is not saved; whether to go.
export async function mayLeave(root) {
  const dialog = document.getElementById("sf-leave");
  if (!dialog || ![...root.querySelectorAll("form[data-sf-draft]")].some(isUnsaved)) {
    return true;
  }
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue === "leave";
}

function entries(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !OWN.has(name));
}

function kept(form) {
  const secret = new Set([...form.querySelectorAll(SECRET)].map((box) => box.name));
  return JSON.stringify(entries(form).filter(([name]) => !secret.has(name)));
}

// What was kept, with the form's own revision and token: the server shows it again, and saves nothing.
function again(form, before) {
  const values = new FormData();
  JSON.parse(before).forEach(([name, value]) => values.append(name, value));
  ["csrfmiddlewaretoken", "revision"].forEach((name) => form.elements[name] && values.append(name, form.elements[name].value));
  values.append("_restore", "1");
  return values;
}

function sendAgain(form, values) {
  const action = form.getAttribute("action") || window.location.href;
  const boxes = [...values].map(([name, value]) => element("textarea", { name, value }));
  const copy = element("form", { method: "post", action, hidden: true }, ...boxes);
  document.body.append(copy);
  copy.submit();
}

function offer(form, restore) {
  const discard = () => {
    box.remove();
    if (!isUnsaved(form)) {
      forget(form);
    }
  };
  const box = element(
    "div",
    { className: "sf-draft", role: "status" },
    element("p", {}, gettext("You typed something here that was not saved.")),
    button("sf-button", restore, gettext("Restore what you typed")),
    button("sf-button", discard, gettext("Discard it")),
  );
  form.prepend(box);
}

window.addEventListener("submit", (event) => {
  const state = watched.get(event.target);
  if (state && !event.defaultPrevented) {
    state.isSent = true;
  }
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sf-draft]").forEach((form) => watched.has(form) && (watched.get(form).isSent = false));
});
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("form[data-sf-draft]")];
  if (forms.some((form) => isUnsaved(form) && !watched.get(form).isSent)) {
    event.preventDefault();
  }
});
