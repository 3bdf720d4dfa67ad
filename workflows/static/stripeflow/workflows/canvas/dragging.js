// Cards that are dragged to another line. The same is done by "Move to…" in a card's menu.

export function enhanceDragging(stage) {
  if (!window.matchMedia("(pointer: fine)").matches) {
    return;
  }
  let dragged = null;
  const target = (event) => {
    const line = event.target.closest && event.target.closest("[data-sf-place]");
    return line && dragged && !inside(dragged, line) ? line : null;
  };
  stage.addEventListener("dragstart", (event) => {
    dragged = event.target.closest && event.target.closest("[data-step]");
    if (dragged) {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged.querySelector(".sf-card-title").textContent);
      dragged.classList.add("sf-dragged");
      stage.classList.add("sf-dragging");
    }
  });
  stage.addEventListener("dragover", (event) => {
    const line = target(event);
    aim(stage, line);
    if (line) {
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
    }
  });
  stage.addEventListener("drop", (event) => {
    const line = target(event);
    if (line) {
      event.preventDefault();
      move(stage, dragged, line);
    }
  });
  stage.addEventListener("dragend", () => {
    aim(stage, null);
    stage.classList.remove("sf-dragging");
    stage.querySelectorAll(".sf-dragged").forEach((card) => card.classList.remove("sf-dragged"));
    dragged = null;
  });
}

// The branches of a step come right behind its card.
function inside(card, line) {
  const ways = card.nextElementSibling;
  return Boolean(ways && ways.matches(".sf-ways, .sf-failing") && ways.contains(line));
}

function aim(stage, line) {
  stage.querySelectorAll("[data-sf-drop]").forEach((one) => one !== line && one.removeAttribute("data-sf-drop"));
  if (line) {
    line.dataset.sfDrop = "";
  }
}

function move(stage, card, line) {
  const canvas = stage.querySelector("#sf-canvas");
  window.htmx.ajax("POST", canvas.dataset.placeUrl.replace("/0/", `/${card.dataset.step}/`), {
    source: line,
    target: "#sf-canvas",
    swap: "outerHTML show:none",
    values: {
      place: `${line.dataset.branch}:${line.dataset.position}`,
      revision: canvas.dataset.revision,
      csrfmiddlewaretoken: stage.querySelector("[name=csrfmiddlewaretoken]").value,
    },
  });
}
