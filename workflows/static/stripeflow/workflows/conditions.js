// Condition rows: each shows the boxes that its kind, its field's type and its operator need.
import { makeSearchable } from "./searchable.js";

export function enhanceConditions(section) {
  const data = JSON.parse(document.getElementById("stripeflow-field-data").textContent);
  const prefix = section.dataset.stripeflowConditions;
  const list = section.querySelector("[data-stripeflow-rows-list]");
  const template = section.querySelector("[data-stripeflow-row-template]");
  const add = section.querySelector("[data-stripeflow-add]");
  const total = section.querySelector(`[name="${prefix}-TOTAL_FORMS"]`);

  list.querySelectorAll("[data-stripeflow-row]").forEach((row) => enhanceRow(row, data));
  add.hidden = false;
  add.addEventListener("click", () => {
    const html = template.innerHTML.replaceAll("__prefix__", total.value);
    list.insertAdjacentHTML("beforeend", html);
    total.value = Number(total.value) + 1;
    const row = list.lastElementChild;
    enhanceRow(row, data);
    row.querySelectorAll("select[data-stripeflow-search]").forEach((select) => makeSearchable(select));
    row.querySelector("select, input").focus();
  });
}

function enhanceRow(row, data) {
  const box = (name) => row.querySelector(`[name$="-${name}"]`);
  const operators = [...box("operator").options].map((option) => option.cloneNode(true));
  const groups = [...box("operator").children].map((child) => child.cloneNode(true));

  const update = () => {
    const kind = box("kind").value || "test";
    const [type, values] = data.fields[box("chosen").value] || [null, []];
    if (type) {
      offerOperators(box("operator"), groups, (key) => !key || data.operators[key][0].includes(type));
    }
    const operator = data.operators[box("operator").value];
    const wanted = operator ? operator[1] : "one";
    row.querySelectorAll("[data-for]").forEach((element) => {
      const fitsKind = element.dataset.for.split(" ").includes(kind);
      const fitsValue = !element.dataset.values || element.dataset.values.split(" ").includes(wanted);
      const fitsType = !element.dataset.types || !type || element.dataset.types.split(" ").includes(type);
      element.hidden = !(fitsKind && fitsValue && fitsType) && !element.querySelector(".errorlist");
    });
    row.dataset.kind = kind;
    help(row.querySelector("[data-stripeflow-value-help]"), kind === "test" ? hint(type, values, wanted) : "");
  };

  ["kind", "chosen", "operator"].forEach((name) => box(name).addEventListener("change", update));
  const remove = row.querySelector("[data-stripeflow-remove]");
  if (remove) {
    remove.hidden = false;
    remove.addEventListener("click", () => clear(row, box));
  }
  update();
  return operators;
}

// A removed new row stays as a blank one, which the server ignores, so that no row has to be renumbered.
function clear(row, box) {
  ["chosen", "path", "operator", "text", "upper", "order"].forEach((name) => {
    box(name).value = "";
  });
  box("kind").value = "test";
  row.hidden = true;
}

function offerOperators(select, groups, fits) {
  const chosen = select.value;
  const kept = groups.map((group) => {
    const copy = group.cloneNode(true);
    copy.querySelectorAll("option").forEach((option) => fits(option.value) || option.remove());
    return copy;
  });
  select.replaceChildren(...kept.filter((entry) => entry.tagName === "OPTION" || entry.children.length));
  select.value = chosen;
  if (select.selectedIndex < 0) {
    select.value = "";
  }
  const $ = window.django && window.django.jQuery;
  if ($ && $(select).data("select2")) {
    makeSearchable(select);
  }
}

function hint(type, values, wanted) {
  if (wanted === "none") {
    return "";
  }
  const lines = [];
  if (values.length) {
    lines.push(gettext("Values:") + " " + values.join(", "));
  }
  if (wanted === "many") {
    lines.push(gettext("Several values: one on each line."));
  }
  if (wanted === "days") {
    lines.push(gettext("A number of days."));
  } else if (type === "timestamp") {
    lines.push(gettext("A date and time, such as 2026-01-31 09:00."));
  }
  return lines.join(" · ");
}

function help(element, text) {
  element.textContent = text;
  element.hidden = !text;
}
