// Pages of runs that follow what happens. Without scripts a page shows what was so when it was made.
import { enhanceCanvas } from "./canvas.js";
import { addCopyButtons } from "../base/copy.js";

const LIST_SECONDS = 5;

export function followPage() {
  followRun(document.querySelector("[data-sf-follow]"));
  followList(document.querySelector("[data-sf-news]"));
}

// Asks how far the run is until it has ended, and shows the page again whenever that has changed.
function followRun(page) {
  if (page) {
    window.setTimeout(() => askOfRun(page), Number(page.dataset.sfSeconds) * 1000);
  }
}

async function askOfRun(page) {
  const answer = document.visibilityState === "visible" ? await ask(page.dataset.sfFollow) : null;
  if (answer && answer.mark !== page.dataset.sfMark) {
    if (isTypedIn(page)) {
      page.querySelector("[data-sf-changed]").hidden = false;
      return;
    }
    const fresh = await fetched(".sf-run");
    if (fresh) {
      replace(page, fresh);
      followRun(fresh.matches("[data-sf-follow]") ? fresh : null);
      return;
    }
  }
  if (!answer || answer.seconds) {
    followRun(page);
  }
}

function replace(page, fresh) {
  const scrolls = [...page.querySelectorAll(".sf-panel-piece, [data-sf-viewport]")].map((box) => box.scrollTop);
  const focused = page.contains(document.activeElement) && document.activeElement.id;
  page.replaceWith(fresh);
  fresh.querySelectorAll("[data-sf-look]").forEach((studio) => enhanceCanvas(studio));
  addCopyButtons(fresh);
  fresh.querySelectorAll(".sf-panel-piece, [data-sf-viewport]").forEach((box, index) => {
    box.scrollTop = scrolls[index] || 0;
  });
  const again = focused && document.getElementById(focused);
  again && again.focus({ preventScroll: true });
}

// Says how many runs are new, and shows what became of the listed ones, unless some are ticked.
function followList(notice) {
  if (!notice) {
    return;
  }
  let mark = "";
  const look = async () => {
    const answer = document.visibilityState === "visible" ? await ask(notice.dataset.sfNews) : null;
    if (answer) {
      announce(notice, answer.new);
      if (mark && mark !== answer.mark && !answer.new && !document.querySelector("#result_list :checked")) {
        const fresh = await fetched("#result_list");
        fresh && document.querySelector("#result_list").replaceWith(fresh);
      }
      mark = answer.mark;
    }
    window.setTimeout(look, LIST_SECONDS * 1000);
  };
  look();
}

function announce(notice, number) {
  const words = interpolate(ngettext("%s new run.", "%s new runs.", number), [number]);
  if (number && notice.querySelector("span").textContent !== words) {
    notice.querySelector("span").textContent = words;
    notice.hidden = false;
  }
}

function isTypedIn(page) {
  const fields = [...page.querySelectorAll("input:not([type=hidden]), textarea")];
  return fields.some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

async function ask(url) {
  try {
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    return response.ok && !response.redirected ? await response.json() : null;
  } catch {
    return null;
  }
}

// The part of this page as the server has it now.
async function fetched(selector) {
  try {
    const response = await fetch(window.location.href);
    const made = new DOMParser().parseFromString(response.ok ? await response.text() : "", "text/html");
    return document.adoptNode(made.querySelector(selector));
  } catch {
    return null;
  }
}
