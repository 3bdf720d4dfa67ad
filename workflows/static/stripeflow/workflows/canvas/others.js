// Somebody else at the same workflow: says who changed it last, before anything is overwritten.

const PAUSE_MS = 15000;

export function watchOthers(studio) {
  const notice = document.getElementById("sf-others");
  notice.querySelector("button").addEventListener("click", () => {
    notice.hidden = true;
    window.htmx.ajax("GET", studio.dataset.url, { target: "#sf-canvas", swap: "outerHTML show:none" });
  });
  window.setInterval(() => document.visibilityState === "visible" && look(studio, notice), PAUSE_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look(studio, notice));
}

async function look(studio, notice) {
  const asked = shown();
  let answer;
  try {
    const response = await fetch(`${studio.dataset.url.replace(/change\/$/, "")}revision/`, { headers: { Accept: "application/json" } });
    answer = response.ok && !response.redirected ? await response.json() : null;
  } catch {
    answer = null;
  }
  // An own change may have landed while the answer was under way.
  if (answer && asked === shown() && answer.revision > asked && studio.getAttribute("aria-busy") !== "true") {
    const words = answer.by ? gettext("%s has changed this workflow.") : gettext("Somebody has changed this workflow.");
    notice.querySelector("span").textContent = interpolate(words, answer.by ? [answer.by] : []);
    notice.hidden = false;
  } else if (answer && answer.revision === shown()) {
    notice.hidden = true;
  }
}

function shown() {
  return Number(document.getElementById("sf-canvas").dataset.revision);
}
