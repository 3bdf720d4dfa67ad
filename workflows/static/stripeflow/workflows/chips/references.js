// Boxes that take references show them as chips; a button, or two opening braces, opens the tree of what is known.
import { button, element } from "../base/dom.js";
import { openPicker } from "../pickers/picker.js";
import { askSeen, withSeen } from "../pickers/seen.js";
import { openChip } from "./chip.js";
import { ChipBox } from "./chipbox.js";
import { calls, read, split } from "./expressions.js";

const MARK = "data-stripeflow-references";
const ICON =
  '<svg viewBox="0 0 24 24" class="sf-icon" aria-hidden="true"><path d="M8 4c-3 0-2 3-2 5s-1 3-3 3c2 0 3 1 3 3s-1 5 2 5M16 4c3 0 2 3 2 5s1 3 3 3c-2 0-3 1-3 3s1 5-2 5M12 9v6M9 12h6"/></svg>';
const ASK_MS = 150;

export function enhanceReferences(root) {
  const source = root.querySelector("#stripeflow-values");
  if (!source) {
    return;
  }
  const form = source.closest("form");
  const known = new Known(JSON.parse(source.textContent), source.closest("[data-sf-values-url]").dataset, form);
  form.querySelectorAll(`[${MARK}]`).forEach((box) => offer(box, known));
  // Rows that are added later are copies of others, boxes and chips included.
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.matches && node.matches("[data-stripeflow-row]")) {
        node.querySelectorAll(".sf-text").forEach(plain);
        node.querySelectorAll(`[${MARK}]`).forEach((box) => offer(box, known));
      }
    }
  }).observe(form, { childList: true, subtree: true });
}

function plain(holder) {
  const original = holder.querySelector(`[${MARK}]`);
  original.hidden = false;
  original.setAttribute("aria-label", holder.querySelector("[role=textbox]").getAttribute("aria-label") || "");
  delete original.dataset.stripeflowOffered;
  holder.replaceWith(original);
}

function offer(original, known) {
  if (original.dataset.stripeflowOffered || original.disabled || original.readOnly) {
    return;
  }
  original.dataset.stripeflowOffered = "1";
  const box = new ChipBox(original, {
    chip: (raw) => known.shown(raw),
    onOpen: (from, chip) => openChip(from, chip, known, () => pick(from, known, chip)),
    onBraces: (from, at) => pick(from, known, null, at),
  });
  known.boxes.add(box);
  name(original, box.element);
  let at = [box.value.length, box.value.length];
  const insert = button("sf-text-insert", () => pick(box, known, null, null, at));
  insert.title = gettext("Insert a value");
  insert.innerHTML = ICON;
  insert.append(element("span", { className: "sf-visually-hidden" }, insert.title));
  const holder = element("span", { className: "sf-text" });
  original.before(holder);
  holder.append(box.element, insert, original);
  original.hidden = true;
  box.element.addEventListener("blur", () => (at = box.selection()));
  insert.addEventListener("pointerdown", () => document.activeElement === box.element && (at = box.selection()));
  original.addEventListener("input", () => known.ask());
  known.ask();
}

// The box is called what the original was; nothing else is, while it is hidden.
function name(original, element) {
  const label = original.id && document.querySelector(`label[for="${CSS.escape(original.id)}"]`);
  if (label) {
    label.id = label.id || `${original.id}-label`;
    element.setAttribute("aria-labelledby", label.id);
    label.removeAttribute("for");
    label.addEventListener("click", () => element.focus());
  } else if (original.getAttribute("aria-label")) {
    element.setAttribute("aria-label", original.getAttribute("aria-label"));
    original.removeAttribute("aria-label");
  }
  for (const what of ["aria-describedby", "aria-invalid", "aria-required"]) {
    if (original.hasAttribute(what)) {
      element.setAttribute(what, original.getAttribute(what));
    }
  }
}

function pick(box, known, chip, braces = null, at = null) {
  const [start, end] = chip
    ? [box.startOf(chip), box.endOf(chip)]
    : braces === null
      ? at || box.selection()
      : [braces - 2, braces];
  const picker = openPicker(box.element, {
    label: gettext("Insert a value"),
    groups: known.groups,
    value: chip ? read(chip.dataset.raw).path : "",
    typed: (query) => known.typed(query),
    choose: (entry) => {
      if (entry.asksKey) {
        return `${entry.value}.`;
      }
      const text = known.written(box, entry);
      box.element.focus();
      box.replace(start, end, text);
      box.caret(start + text.length);
      known.ask();
      return false;
    },
    // Who writes all of it by hand gets what was written.
    closes: (query) => {
      const isWhole = braces !== null && query.endsWith("}}");
      if (isWhole) {
        box.element.focus();
        box.replace(start, end, `{{${query}`);
        box.caret(start + query.length + 2);
      }
      return isWhole;
    },
    onClose: ({ focus }) => {
      if (focus) {
        box.element.focus();
        box.caret(Math.min(end, box.value.length));
      }
    },
  });
  known.seen().then((seen) => picker.refresh(withSeen(known.groups, seen)));
}

// What is known here: the fields to choose from, and what the server said of each reference.
class Known {
  constructor({ groups, filters }, url, form) {
    this.filters = filters;
    this.url = url.sfValuesUrl;
    this.seenUrl = url.sfSeenUrl;
    this.form = form;
    this.boxes = new Set();
    this.answers = new Map();
    this.source = "";
    this.fields = new Map();
    this.groups = groups.map(([label, options]) => ({
      label,
      entries: options.map(([path, own, type]) => {
        this.fields.set(path, { label: `${label} › ${own}`, type });
        return { value: path, label: own, type, asksKey: type === "metadata", detail: type === "metadata" ? "…" : "", hint: path };
      }),
    }));
  }

  seen() {
    return askSeen(this.seenUrl);
  }

  typeOf(path) {
    return (this.fields.get(path) || { type: "any" }).type;
  }

  shown(raw) {
    const answer = this.answers.get(raw);
    if (answer) {
      const about = answer.problem || answer.warning || answer.missing || (answer.value && `${answer.value} (${this.source})`) || "";
      return { label: answer.label, state: answer.problem ? "wrong" : "", title: about || raw };
    }
    // Until the server has said it in words, filters stand as they are written: they change the value.
    const parsed = read(raw);
    const field = this.fields.get(parsed.path);
    return { label: [field ? field.label : parsed.path, ...calls(parsed)].join(" | "), state: "", title: raw };
  }

  // A path that is typed, such as the name of a metadata key, can be taken as it stands.
  typed(query) {
    const isPath = /^(trigger|event|steps|item|input)(\.[\w-]+|\["[^"]+"\])+$/.test(query);
    if (!isPath || this.fields.has(query)) {
      return [];
    }
    return [{ value: query, label: query, type: "any", detail: gettext("use this path") }];
  }

  // An amount in a text is shown as money; where a number is asked for it stays one.
  written(box, { value, type }) {
    const isText = box.isLong || box.original.name.endsWith("subject");
    return type === "money" && isText ? `{{ ${value} | money }}` : `{{ ${value} }}`;
  }

  ask(...more) {
    this.more = [...(this.more || []), ...more];
    window.clearTimeout(this.timer);
    return new Promise((resolve) => {
      const waiting = (this.waiting = [...(this.waiting || []), resolve]);
      this.timer = window.setTimeout(async () => {
        this.waiting = [];
        await this.send();
        waiting.forEach((one) => one());
      }, ASK_MS);
    });
  }

  async send() {
    const live = [...this.boxes].filter((box) => box.element.isConnected);
    this.boxes = new Set(live);
    const raws = live.flatMap((box) => split(box.value).map((part) => part.raw)).concat(this.more || []);
    this.more = [];
    const fresh = [...new Set(raws)].filter((raw) => raw && !this.answers.has(raw));
    if (fresh.length) {
      const body = new URLSearchParams(fresh.map((raw) => ["text", raw]));
      const token = this.form.querySelector('[name="csrfmiddlewaretoken"]').value;
      try {
        const response = await fetch(this.url, { method: "POST", body, headers: { "X-CSRFToken": token } });
        if (response.ok) {
          const { texts, source } = await response.json();
          Object.entries(texts).forEach(([raw, answer]) => this.answers.set(raw, answer));
          this.source = source;
        }
      } catch {
        // Without an answer a chip keeps the label that the page knows.
      }
    }
    live.forEach((box) => box.dressAll());
  }
}
