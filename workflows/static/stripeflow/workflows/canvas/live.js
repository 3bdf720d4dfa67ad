// What a form means, shown while it is changed: its conditions as a sentence, its message as a preview, the next
// times of its schedule.
// The server reads the unsaved form; nothing is saved, and nothing is sent.
import { element } from "../base/dom.js";

const WAIT_MS = 400;

export function enhanceLive(form) {
  const sentence = form.querySelector("[data-sf-sentence-url]");
  if (sentence) {
    follow(form, () => readBack(form, sentence, sentence.dataset.sfSentenceUrl));
  }
  const outlook = form.querySelector("[data-sf-outlook-url]");
  if (outlook) {
    follow(form, () => readBack(form, outlook, outlook.dataset.sfOutlookUrl));
  }
  const button = form.querySelector('button[name="_preview"]');
  if (button) {
    enhancePreview(form, button);
  }
}

// Calls `show` a moment after the last change; answers that come too late are dropped.
function follow(form, show) {
  let timer = 0;
  const later = () => {
    window.clearTimeout(timer);
    timer = window.setTimeout(show, WAIT_MS);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}

const underWay = new WeakMap();

async function ask(form, url, { extra = {}, headers = {}, holder = form } = {}) {
  const before = underWay.get(holder);
  before && before.abort();
  const stop = new AbortController();
  underWay.set(holder, stop);
  const body = new FormData(form);
  Object.entries(extra).forEach(([name, value]) => body.set(name, value));
  try {
    const response = await fetch(url, { method: "POST", body, headers, signal: stop.signal });
    return response.ok && !response.redirected ? await response.text() : null;
  } catch {
    return null;
  }
}

async function readBack(form, holder, url) {
  const html = await ask(form, url, { holder });
  if (html !== null) {
    holder.innerHTML = html;
    holder.hidden = false;
  }
}

function enhancePreview(form, button) {
  const holder = element("div", { className: "sf-preview-holder", "aria-live": "polite" });
  let isOpen = false;
  const show = async () => {
    if (!isOpen || !form.isConnected) {
      return;
    }
    const html = await ask(form, form.getAttribute("action"), {
      extra: { _preview: "1" },
      headers: { "HX-Request": "true", "HX-Target": "sf-preview" },
    });
    if (html !== null && isOpen) {
      draw(holder, html);
    }
  };
  const open = async (now) => {
    isOpen = now;
    button.setAttribute("aria-expanded", String(now));
    if (!now) {
      holder.replaceChildren();
      return;
    }
    form.querySelectorAll(":scope .sf-preview").forEach((old) => holder.contains(old) || old.remove());
    await show();
    holder.scrollIntoView({ block: "start", behavior: calm() ? "auto" : "smooth" });
  };
  form.querySelector(".sf-inputs").after(holder);
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", (event) => {
    event.preventDefault();
    open(!isOpen);
  });
  form.querySelector('[name="preview_event"]').addEventListener("change", () => isOpen || open(true));
  follow(form, show);
}

function calm() {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}

// The frame stays the same one when it is drawn again, so that it does not blink.
function draw(holder, html) {
  const made = element("template");
  made.innerHTML = html;
  const [old, fresh] = [holder.querySelector("iframe"), made.content.querySelector("iframe")];
  if (!old || !fresh) {
    holder.replaceChildren(made.content);
    return;
  }
  holder.querySelector("dl").replaceWith(made.content.querySelector("dl"));
  holder.querySelector("pre").replaceWith(made.content.querySelector("pre"));
  if (old.srcdoc !== fresh.srcdoc) {
    old.srcdoc = fresh.srcdoc;
  }
}
