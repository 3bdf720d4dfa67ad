// The box of a condition's value suits what is compared: choices, a date, yes or no, a time, several values,
// another field, or one line.
// It writes into the plain box, which stays in the form and is shown where nothing else fits better.
import { isComposing } from "../base/composing.js";
import { button, element } from "../base/dom.js";

export function enhanceValue(original) {
  const label = original.parentElement.querySelector(`label[for="${CSS.escape(original.id)}"]`);
  let kind = "plain";
  let widget = null;
  // `about`: {kind, type, values}; `values` are suggested, or the only ones.
  return (about) => {
    const key = `${about.kind} ${about.type} ${about.values.join("\n")} ${about.kind === "field" ? about.label : ""}`;
    if (key === kind) {
      return;
    }
    kind = key;
    if (widget) {
      widget.remove();
      widget = null;
    }
    const make = MAKERS[about.kind];
    widget = make ? make(original, about) : null;
    original.hidden = Boolean(widget);
    label.htmlFor = original.id;
    if (widget) {
      const focus = widget.matches("input, select") ? widget : widget.querySelector("input, button");
      focus.id = `${original.id}-shown`;
      label.htmlFor = focus.id;
      original.after(widget);
    }
  };
}

export function kindOf(type, wanted, values) {
  if (wanted === "many") {
    return "many";
  }
  if (wanted === "days") {
    return "days";
  }
  if (type === "enum" && values.length) {
    return "choice";
  }
  return { timestamp: "moment", boolean: "truth" }[type] || "line";
}

const MAKERS = { many, days, choice, moment, truth, line, field };

function put(original, text) {
  original.value = text;
  original.dispatchEvent(new Event("input", { bubbles: true }));
  original.dispatchEvent(new Event("change", { bubbles: true }));
}

function choice(original, { values }, labels = values) {
  const select = element("select", {}, new Option(gettext("Choose…"), ""));
  values.forEach((value, number) => select.append(new Option(labels[number], value)));
  // What is saved and not known any more is not lost unseen.
  if (original.value && !values.includes(original.value)) {
    select.append(new Option(original.value, original.value));
  }
  select.value = original.value;
  select.addEventListener("change", () => put(original, select.value));
  return select;
}

function truth(original) {
  const words = [gettext("yes"), gettext("no")];
  return choice(original, { values: words });
}

// One line, in which Enter saves. A saved value of several lines keeps its box.
function line(original) {
  if (original.value.trim().includes("\n")) {
    return null;
  }
  const input = element("input", { type: "text", autocomplete: "off", value: original.value });
  input.addEventListener("input", () => put(original, input.value));
  original.addEventListener("input", () => input.value !== original.value && (input.value = original.value));
  return input;
}

// Another field by its label; the button takes it away.
function field(original, { label }) {
  return element("span", { className: "sf-other" }, chip(label, () => put(original, "")));
}

// A number, and of what.
function days(original, { units }) {
  const [, count, word] = /^\s*([\d.,]*)\s*(.*?)\s*$/.exec(original.value.normalize("NFKC")) || [];
  const known = units.find(([unit, name]) => [unit, name].includes(word));
  // What is no time yet stays to be read, with what is said of it.
  if (original.value.trim() && word && !known) {
    return null;
  }
  const input = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", value: count || "" });
  const options = units.map(([unit, name]) => new Option(name, unit));
  const select = element("select", { "aria-label": gettext("Unit") }, ...options);
  select.value = known ? known[0] : "days";
  const write = () => {
    const isDays = select.value === "days";
    put(original, input.value.trim() && !isDays ? `${input.value.trim()} ${select.value}` : input.value.trim());
  };
  input.addEventListener("input", write);
  select.addEventListener("change", write);
  return element("span", { className: "sf-span" }, input, select);
}

function moment(original) {
  const now = original.value.trim().replace(" ", "T");
  // What is no date yet stays to be read, with what is said of it.
  if (now && !/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$/.test(now)) {
    return null;
  }
  const input = element("input", { type: "datetime-local", value: now.length === 10 ? `${now}T00:00` : now });
  input.addEventListener("change", () => put(original, input.value.replace("T", " ")));
  return input;
}

// Several values: each a chip. Enter or a comma ends one, Backspace takes the last.
function many(original, { type, values }) {
  const amounts = ["money", "integer", "decimal", "timestamp"].includes(type);
  const ends = amounts ? /;|,\s+|\n/ : /,|\n/;
  const text = original.value.trim();
  let chosen = text.split(text.includes("\n") ? "\n" : ends).map((one) => one.trim()).filter(Boolean);
  const input = element("input", { type: "text", autocomplete: "off" });
  const chips = element("span", { className: "sf-many-chips" });
  const box = element("div", { className: "sf-many" }, chips, input);
  if (values.length) {
    const list = element("datalist", { id: `${original.id}-values` }, ...values.map((value) => new Option("", value)));
    input.setAttribute("list", list.id);
    box.prepend(list);
  }
  const draw = () => {
    chips.replaceChildren(...chosen.map((value) => chip(value, () => set(chosen.filter((one) => one !== value)))));
    input.placeholder = chosen.length ? gettext("Add another") : gettext("Add a value, then press Enter");
  };
  const set = (fresh) => {
    chosen = fresh;
    draw();
    put(original, chosen.join("\n"));
    input.focus();
  };
  const add = () => {
    const fresh = input.value.split(ends).map((one) => one.trim()).filter((one) => one && !chosen.includes(one));
    input.value = "";
    fresh.length && set([...chosen, ...fresh]);
  };
  input.addEventListener("keydown", (event) => {
    if (isComposing(event)) {
      return;
    }
    if (event.key === "Enter" || (event.key === "," && !amounts) || event.key === ";") {
      // Enter in an empty box is no wish to save.
      event.preventDefault();
      add();
    } else if (event.key === "Backspace" && !input.value && chosen.length) {
      set(chosen.slice(0, -1));
    }
  });
  input.addEventListener("input", (event) => {
    event.stopPropagation();
    // One that was picked from the list is a whole one.
    values.includes(input.value) && event.inputType !== "insertText" && !event.isComposing && add();
  });
  input.addEventListener("change", (event) => event.stopPropagation());
  input.addEventListener("blur", () => {
    const fresh = input.value.trim();
    if (fresh) {
      chosen = [...chosen, ...fresh.split(ends).map((one) => one.trim()).filter((one) => one && !chosen.includes(one))];
      input.value = "";
      draw();
      put(original, chosen.join("\n"));
    }
  });
  draw();
  return box;
}

function chip(value, remove) {
  const away = button("", remove, "×");
  away.setAttribute("aria-label", interpolate(gettext("Remove %s"), [value]));
  return element("span", { className: "sf-many-chip" }, value, away);
}
