// The search above many fields of a form: it leaves those whose label, help or name holds every word.

const FIELD = "[data-stripeflow-field]";

function filter(search) {
  const words = search.value.toLowerCase().split(/[\s›._]+/).filter(Boolean);
  const all = search.closest("details");
  let found = 0;
  for (const field of all.querySelectorAll(FIELD)) {
    const name = field.dataset.stripeflowField.replaceAll(/[._]/g, " ");
    const label = field.querySelector("label, legend");
    const help = field.querySelector(".helptext");
    const text = `${name} ${label ? label.textContent : ""} ${help ? help.textContent : ""}`.toLowerCase();
    field.hidden = !words.every((word) => text.includes(word));
    found += !field.hidden;
  }
  all.querySelector("[data-stripeflow-no-field]").hidden = found > 0;
}

export function enhance(root) {
  for (const search of root.querySelectorAll("[data-stripeflow-field-search]")) {
    search.closest("[hidden]")?.removeAttribute("hidden");
  }
}

if (!("stripeflowFinds" in document.documentElement.dataset)) {
  document.documentElement.dataset.stripeflowFinds = "";
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-stripeflow-field-search]")) {
      // Searching changes nothing of the form.
      event.stopImmediatePropagation();
      filter(event.target);
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches?.("[data-stripeflow-field-search]")) event.preventDefault();
  });
}

enhance(document);
