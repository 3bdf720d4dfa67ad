// Condition rows: each shows the boxes that its kind, its field's type and its operator need.
import { button } from "../base/dom.js";
import { makeSearchable } from "../pickers/searchable.js";
import { askSeen } from "../pickers/seen.js";
import { enhanceField } from "./fields.js";
import { offerOperators, readingFor, typeRead } from "./operators.js";
import { enhanceOther } from "./otherfield.js";
import { enhanceValue, kindOf } from "./valueboxes.js";

// What is meant most often, where one comparison is.
const PRESET = { money: "greater_than" };

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
  const other = enhanceOther(row, box("text"), box("chosen"), data, () => update());

  const update = () => {
    const kind = box("kind").value || "test";
    const [own, listed] = typeOf(field(), data);
    if (own) {
      offerOperators(box("operator"), groups, own, data);
    }
    const operator = data.operators[box("operator").value];
    const wanted = operator ? operator[1] : "one";
    const read = box("read_as").value;
    const type = typeRead(own, read, data);
    const values = read ? [] : listed;
    const isOther = wanted === "one" && other.isChosen();
    row.querySelectorAll("[data-for]").forEach((element) => {
      const fitsKind = element.dataset.for.split(" ").includes(kind);
      const fitsValue = !element.dataset.values || element.dataset.values.split(" ").includes(wanted);
      const fitsType = !element.dataset.types || !type || element.dataset.types.split(" ").includes(type);
      const fits = fitsKind && fitsValue && fitsType && !(isOther && element.dataset.types);
      element.hidden = !fits && !element.querySelector(".errorlist");
    });
    const canBeRead = !own || data.readings.some(([, of]) => of.includes(own));
    const reading = row.querySelector("[data-reading]");
    reading.hidden = reading.hidden || (!canBeRead && !read && !reading.querySelector(".errorlist"));
    [...box("read_as").options].forEach((option) => {
      const entry = data.readings.find(([key]) => key === option.value);
      option.hidden = Boolean(own && entry && !entry[1].includes(own));
    });
    row.dataset.kind = kind;
    other.offer(kind === "test" && operator && wanted === "one" && !isOther, type);
    for (const name of ["text", "upper"]) {
      const shape = isOther ? "field" : kindOf(type, wanted, values);
      const isUsed = operator && (name === "text" || wanted === "two");
      adapt[name]({ kind: isUsed ? shape : "plain", type, values, label: other.label(), units: data.units });
    }
    const isShown =
      kind === "test" && operator && wanted === "one" && !values.length && type !== "boolean" && !isOther && !read;
    suggest(row.querySelector("[data-stripeflow-value-help]"), isShown ? field() : "", box("text"), data.seenUrl);
  };

  const now = () => typeRead(typeOf(field(), data)[0], box("read_as").value, data);
  let before = now();
  // A value of another type would only have to be taken out again.
  const forget = () => {
    if (before && now() !== before) {
      box("text").value = box("upper").value = "";
    }
    before = now();
  };
  const changed = () => {
    const [type] = typeOf(field(), data);
    if (!data.readings.some(([key, of]) => key === box("read_as").value && of.includes(type))) {
      box("read_as").value = "";
    }
    forget();
    if (type && !box("operator").value && PRESET[type]) {
      box("operator").value = PRESET[type];
    }
    update();
  };
  // What a text or a list is read as follows from what is asked of it, until somebody says otherwise.
  const compared = () => {
    const [own] = typeOf(field(), data);
    const fits = (type) => (data.operators[box("operator").value] || [[]])[0].includes(type);
    if (own && box("operator").value && !fits(typeRead(own, box("read_as").value, data))) {
      box("read_as").value = readingFor(own, box("operator").value, data);
    }
    forget();
    update();
  };
  const read = () => {
    const [own] = typeOf(field(), data);
    const operator = data.operators[box("operator").value];
    if (own && operator && !operator[0].includes(typeRead(own, box("read_as").value, data))) {
      box("operator").value = "";
    }
    forget();
    update();
  };
  const fieldButton = enhanceField(row, {
    select: box("chosen"), path: box("path"), seenUrl: data.seenUrl, data, changed,
  });
  box("kind").addEventListener("change", update);
  box("operator").addEventListener("change", compared);
  // The list of comparisons takes the focus back as it closes.
  box("operator").addEventListener("stripeflow:chosen", () => window.setTimeout(() => focusValue(row)));
  box("read_as").addEventListener("change", read);
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
  return fieldButton;
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
  ["chosen", "path", "read_as", "operator", "text", "upper", "order"].forEach((name) => {
    box(name).value = "";
  });
  box("kind").value = "test";
  row.hidden = true;
  box("kind").dispatchEvent(new Event("change", { bubbles: true }));
}

function focusValue(row) {
  const value = row.querySelector(".sf-box-value:not([hidden])");
  const box = value && [...value.querySelectorAll("input, select, textarea, button")].find((one) => !one.hidden && one.offsetParent);
  if (box) {
    box.focus();
  }
}

// What recent events held stands below the value: a click takes it over.
async function suggest(help, path, box, url) {
  const values = path ? (await askSeen(url))[path] || [] : [];
  const take = (value) => {
    box.value = value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    (document.getElementById(`${box.id}-shown`) || box).focus();
  };
  const buttons = values.map((value) => button("sf-suggestion", () => take(value), value));
  help.replaceChildren(...(buttons.length ? [gettext("Seen lately:"), ...buttons] : []));
  help.hidden = !buttons.length;
}
