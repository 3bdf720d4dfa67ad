// Condition rows: each shows the boxes that its kind, its field's type and its operator need.
import { enhanceField } from "./fields.js";
import { makeSearchable } from "./searchable.js";
import { askSeen } from "./seen.js";
import { enhanceValue, kindOf } from "./valueboxes.js";

export function enhanceConditions(section) {
  const data = JSON.parse(section.querySelector("#stripeflow-field-data").textContent);
  data.seenUrl = section.dataset.sfSeenUrl;
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
    enhanceRow(row, data).focus();
    row.querySelectorAll("select[data-stripeflow-operator]").forEach((select) => makeSearchable(select));
  });
}

// Returns what gets the focus in a new row.
function enhanceRow(row, data) {
  const box = (name) => row.querySelector(`[name$="-${name}"]`);
  const groups = [...box("operator").children].map((child) => child.cloneNode(true));
  const adapt = { text: enhanceValue(box("text")), upper: enhanceValue(box("upper")) };
  const field = () => box("path").value || box("chosen").value;

  const update = () => {
    const kind = box("kind").value || "test";
    const [type, values] = typeOf(field(), data);
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
    for (const name of ["text", "upper"]) {
      adapt[name]({ kind: operator ? kindOf(type, wanted, values) : "plain", type, values });
    }
    const isShown = kind === "test" && operator && wanted === "one" && !values.length && type !== "boolean";
    suggest(row.querySelector("[data-stripeflow-value-help]"), isShown ? field() : "", box("text"), data.seenUrl);
  };

  let before = typeOf(field(), data)[0];
  const changed = () => {
    // A value of another type would only have to be taken out again.
    const [type] = typeOf(field(), data);
    if (before && type !== before) {
      box("text").value = box("upper").value = "";
    }
    before = type;
    update();
  };
  const button = enhanceField(row, {
    select: box("chosen"), path: box("path"), seenUrl: data.seenUrl, data, changed,
  });
  ["kind", "operator"].forEach((name) => box(name).addEventListener("change", update));
  box("path").addEventListener("change", update);
  // What the tree of fields shows need not stand open a second time.
  const more = row.querySelector(".sf-row-more");
  more.open = more.open && Boolean((box("kind").value || "test") !== "test" || more.querySelector(".errorlist"));
  const remove = row.querySelector("[data-stripeflow-remove]");
  if (remove) {
    remove.hidden = false;
    remove.addEventListener("click", () => clear(row, box));
  }
  update();
  return button;
}

function typeOf(path, data) {
  if (data.fields[path]) {
    return data.fields[path];
  }
  // A key of metadata holds a text; of other typed paths nobody knows before they are saved.
  return /(^|\.)metadata[.[]/.test(path) ? ["string", []] : [null, []];
}

// A removed new row stays as a blank one, which the server ignores, so that no row has to be renumbered.
function clear(row, box) {
  ["chosen", "path", "operator", "text", "upper", "order"].forEach((name) => {
    box(name).value = "";
  });
  box("kind").value = "test";
  row.hidden = true;
  box("kind").dispatchEvent(new Event("change", { bubbles: true }));
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

// What recent events held stands below the value: a click takes it over.
async function suggest(help, path, box, url) {
  const values = path ? (await askSeen(url))[path] || [] : [];
  const buttons = values.map((value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sf-suggestion";
    button.textContent = value;
    button.addEventListener("click", () => {
      box.value = value;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    });
    return button;
  });
  help.replaceChildren(...(buttons.length ? [gettext("Seen lately:"), ...buttons] : []));
  help.hidden = !buttons.length;
}
