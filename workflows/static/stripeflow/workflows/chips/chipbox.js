// A box of text in which references are chips. The original input stays in the form and holds the text as it is
// posted; this shows it, and writes every change back. All edits that touch chips go by offsets in that text.
import { isComposing } from "../base/composing.js";
import { element } from "../base/dom.js";
import { split } from "./expressions.js";

const MERGE_MS = 600;

export class ChipBox {
  // `chip(raw)` gives what a reference is shown as: {label, state, title}.
  constructor(original, { chip, onOpen, onBraces }) {
    Object.assign(this, { original, chip, onOpen, onBraces });
    this.isLong = original.tagName === "TEXTAREA";
    this.composing = false;
    this.raw = original.value;
    this.past = [{ raw: this.raw, at: this.raw.length, when: 0 }];
    this.now = 0;
    this.element = element("div", {
      className: `sf-chipbox ${this.isLong ? "sf-chipbox-long" : ""}`,
      contentEditable: "true",
      spellcheck: this.isLong,
      role: "textbox",
      "aria-multiline": String(this.isLong),
    });
    if (original.placeholder) {
      this.element.dataset.placeholder = original.placeholder;
      this.element.setAttribute("aria-placeholder", original.placeholder);
    }
    this.draw();
    this.listen();
  }

  get value() {
    return this.raw;
  }

  listen() {
    const box = this.element;
    const on = (what, listener) => box.addEventListener(what, listener);
    on("beforeinput", (event) => this.edit(event));
    on("input", (event) => {
      // The form hears the event of the original.
      event.stopPropagation();
      if (!this.composing) {
        this.sync();
      }
    });
    on("compositionstart", () => (this.composing = true));
    on("compositionend", () => {
      this.composing = false;
      if (this.sync()) {
        this.complete();
      }
    });
    on("keydown", (event) => this.key(event));
    on("copy", (event) => this.copy(event));
    on("cut", (event) => {
      this.copy(event);
      this.replace(...this.selection(), "");
    });
    on("paste", (event) => {
      event.preventDefault();
      this.replace(...this.selection(), this.fitting(event.clipboardData.getData("text/plain")));
    });
    on("dragstart", (event) => event.preventDefault());
    on("drop", (event) => event.preventDefault());
    on("click", (event) => {
      const chip = event.target.closest("[data-raw]");
      if (chip) {
        this.select(chip);
        this.onOpen(this, chip);
      }
    });
    on("focus", () => (this.atFocus = this.raw));
    on("blur", () => {
      if (this.atFocus !== this.raw) {
        this.atFocus = this.raw;
        this.original.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
  }

  // What the browser is about to do: all but plain typing is done here, by offsets.
  edit(event) {
    const { inputType: type } = event;
    if (this.composing || type === "insertCompositionText") {
      return;
    }
    const [start, end] = this.selection();
    if (type === "insertText") {
      event.preventDefault();
      this.replace(start, end, this.fitting(event.data || ""));
      this.complete();
    } else if (type === "insertParagraph" || type === "insertLineBreak") {
      event.preventDefault();
      if (this.isLong) {
        this.replace(start, end, "\n");
      } else {
        this.submit();
      }
    } else if (type === "insertReplacementText" || type === "insertFromDrop" || type === "insertFromYank") {
      event.preventDefault();
      const [target] = event.getTargetRanges();
      const [from, to] = target ? this.offsets(target) : [start, end];
      this.replace(from, to, this.fitting(event.data || event.dataTransfer?.getData("text/plain") || ""));
    } else if (type.startsWith("delete")) {
      this.remove(event, start, end);
    } else if (type === "historyUndo" || type === "historyRedo") {
      event.preventDefault();
      this.travel(type === "historyUndo" ? -1 : 1);
    } else if (type.startsWith("format") || type.startsWith("insert")) {
      event.preventDefault();
    }
  }

  remove(event, start, end) {
    const back = event.inputType.endsWith("Backward");
    if (start === end) {
      const chip = this.chips().find((one) => (back ? this.endOf(one) : this.startOf(one)) === start);
      if (chip) {
        event.preventDefault();
        this.replace(this.startOf(chip), this.endOf(chip), "");
        return;
      }
      const [target] = event.getTargetRanges ? event.getTargetRanges() : [];
      [start, end] = target ? this.offsets(target) : [start, end];
      if (start === end) {
        // The browser could not tell: one sign, as people see it.
        const side = back ? [...this.raw.slice(0, start)].at(-1) : [...this.raw.slice(start)][0];
        [start, end] = back ? [start - (side || "").length, start] : [start, start + (side || "").length];
      }
    }
    event.preventDefault();
    this.replace(start, end, "");
  }

  key(event) {
    if (isComposing(event)) {
      return;
    }
    const mod = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (mod && !event.altKey && (key === "z" || key === "y")) {
      event.preventDefault();
      this.travel(key === "y" || event.shiftKey ? 1 : -1);
      return;
    }
    const chosen = this.chosen();
    if (chosen && (event.key === "Enter" || event.key === " ") && !mod) {
      event.preventDefault();
      this.onOpen(this, chosen);
    } else if (event.key === "Enter" && !this.isLong) {
      event.preventDefault();
      this.submit();
    } else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !mod && !event.shiftKey && !event.altKey) {
      this.step(event, chosen, event.key === "ArrowRight");
    }
  }

  // The arrows stop at a chip: it is selected, and the next step goes past it.
  step(event, chosen, forward) {
    const [start, end] = this.selection();
    if (chosen) {
      event.preventDefault();
      this.caret(forward ? this.endOf(chosen) : this.startOf(chosen));
    } else if (start === end) {
      const chip = this.chips().find((one) => (forward ? this.startOf(one) : this.endOf(one)) === start);
      if (chip) {
        event.preventDefault();
        this.select(chip);
      }
    }
  }

  submit() {
    const button = this.original.form && this.original.form.querySelector('button[type="submit"]');
    if (button) {
      button.click();
    }
  }

  copy(event) {
    const [start, end] = this.selection();
    if (start !== end) {
      event.preventDefault();
      event.clipboardData.setData("text/plain", this.raw.slice(start, end));
    }
  }

  fitting(text) {
    const plain = text.replace(/\r\n?/g, "\n");
    return this.isLong ? plain : plain.replace(/\n+/g, " ");
  }

  // Two opening braces are the wish for a reference.
  complete() {
    const [start, end] = this.selection();
    if (start === end && this.raw.slice(0, start).endsWith("{{")) {
      this.onBraces(this, start);
    }
  }

  replace(start, end, text) {
    [start, end] = this.widened(start, end);
    this.set(this.raw.slice(0, start) + text + this.raw.slice(end), start + text.length);
  }

  // Half of a chip is never taken.
  widened(start, end) {
    for (const chip of this.chips()) {
      const [from, to] = [this.startOf(chip), this.endOf(chip)];
      if (start > from && start < to) start = from;
      if (end > from && end < to) end = to;
    }
    return [start, end];
  }

  set(raw, at, { remember = true } = {}) {
    this.raw = raw;
    this.draw();
    if (document.activeElement === this.element) {
      this.caret(at);
    }
    this.write(remember ? at : null);
  }

  // After the browser's own typing: take over what stands there, and draw it if it became a chip. Returns whether
  // anything changed.
  sync() {
    const raw = serialised(this.element);
    if (raw === this.raw) {
      return false;
    }
    const [, at] = this.selection();
    this.raw = raw;
    const wanted = split(raw).filter((part) => part.raw).length;
    if (wanted !== this.chips().length || this.element.querySelector("div, br:not([data-end])")) {
      this.draw();
      this.caret(at);
    } else {
      this.end();
    }
    this.write(at);
    return true;
  }

  // Writes the text into the original; `at` is the caret to come back to, or null to remember nothing.
  write(at) {
    this.original.value = this.raw;
    if (at !== null) {
      const last = this.past[this.now];
      const when = Date.now();
      const entry = { raw: this.raw, at, when };
      const merges = when - last.when < MERGE_MS && this.now > 0 && Math.abs(last.raw.length - this.raw.length) === 1;
      this.past.splice(this.now + (merges ? 0 : 1), Infinity, entry);
      this.now = this.past.length - 1;
    }
    this.original.dispatchEvent(new Event("input", { bubbles: true }));
  }

  travel(by) {
    const entry = this.past[this.now + by];
    if (entry) {
      this.now += by;
      this.set(entry.raw, entry.at, { remember: false });
    }
  }

  draw() {
    const nodes = split(this.raw).map((part) => (part.raw ? this.made(part.raw) : document.createTextNode(part.text)));
    this.element.replaceChildren(...nodes);
    this.end();
  }

  // Behind a chip or a line's end the caret needs something to stand before.
  end() {
    const marks = [...this.element.querySelectorAll("br[data-end]")];
    const parts = split(this.raw);
    const needs = !parts.length || Boolean(parts.at(-1).raw) || this.raw.endsWith("\n");
    marks.slice(needs ? 1 : 0).forEach((mark) => mark.remove());
    if (needs && !marks.length) {
      this.element.append(element("br", { "data-end": "" }));
    } else if (needs && this.element.lastChild !== marks[0]) {
      this.element.append(marks[0]);
    }
    this.element.classList.toggle("sf-chipbox-empty", !this.raw);
  }

  made(raw) {
    const chip = element("span", { className: "sf-chip", contentEditable: "false", "data-raw": raw });
    this.dress(chip);
    return chip;
  }

  dress(chip) {
    const { label, state, title } = this.chip(chip.dataset.raw);
    chip.textContent = label;
    chip.title = title;
    chip.classList.toggle("sf-chip-wrong", state === "wrong");
  }

  dressAll() {
    this.chips().forEach((chip) => this.dress(chip));
  }

  chips() {
    return [...this.element.querySelectorAll("[data-raw]")];
  }

  startOf(chip) {
    return lengthBefore(this.element, chip);
  }

  endOf(chip) {
    return this.startOf(chip) + chip.dataset.raw.length;
  }

  selection() {
    const selection = window.getSelection();
    if (!selection.rangeCount || !this.element.contains(selection.anchorNode)) {
      return [this.raw.length, this.raw.length];
    }
    return this.offsets(selection.getRangeAt(0));
  }

  offsets({ startContainer, startOffset, endContainer, endOffset }) {
    return [this.offsetOf(startContainer, startOffset), this.offsetOf(endContainer, endOffset)];
  }

  offsetOf(node, offset) {
    const chip = node.nodeType === Node.TEXT_NODE ? node.parentElement.closest("[data-raw]") : node.closest("[data-raw]");
    if (chip && this.element.contains(chip)) {
      return offset ? this.endOf(chip) : this.startOf(chip);
    }
    if (node.nodeType === Node.TEXT_NODE) {
      return lengthBefore(this.element, node) + offset;
    }
    const next = node.childNodes[offset];
    return next ? lengthBefore(this.element, next) : lengthBefore(this.element, node) + serialised(node).length;
  }

  caret(offset, to = offset) {
    const range = document.createRange();
    range.setStart(...this.point(offset));
    range.setEnd(...this.point(to));
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    const here = range.getBoundingClientRect();
    const box = this.element.getBoundingClientRect();
    if (here.height && (here.bottom > box.bottom || here.top < box.top)) {
      this.element.scrollTop += here.bottom > box.bottom ? here.bottom - box.bottom + 8 : here.top - box.top - 8;
    }
  }

  point(offset) {
    let left = offset;
    for (const [index, node] of [...this.element.childNodes].entries()) {
      const length = lengthOf(node);
      if (node.nodeType === Node.TEXT_NODE && left <= length) {
        return [node, left];
      }
      if (left < length || (left === 0 && length === 0)) {
        return [this.element, index];
      }
      left -= length;
    }
    return [this.element, this.element.childNodes.length];
  }

  select(chip) {
    this.element.focus();
    const range = document.createRange();
    range.selectNode(chip);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    this.mark();
  }

  chosen() {
    const [start, end] = this.selection();
    return start < end && this.chips().find((chip) => this.startOf(chip) === start && this.endOf(chip) === end);
  }

  mark() {
    const chosen = this.chosen();
    this.chips().forEach((chip) => chip.classList.toggle("sf-chip-chosen", chip === chosen));
  }
}

document.addEventListener("selectionchange", () => {
  for (const chip of document.querySelectorAll(".sf-chip-chosen")) {
    const selection = window.getSelection();
    if (!selection.rangeCount || selection.isCollapsed || !selection.containsNode(chip, true)) {
      chip.classList.remove("sf-chip-chosen");
    }
  }
});

function lengthOf(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    return node.data.length;
  }
  return serialised(node).length;
}

function serialised(node) {
  if (node.nodeType === Node.TEXT_NODE) {
    return node.data;
  }
  if (node.dataset && node.dataset.raw !== undefined) {
    return node.dataset.raw;
  }
  if (node.tagName === "BR") {
    return "end" in node.dataset ? "" : "\n";
  }
  return [...node.childNodes].map(serialised).join("");
}

function lengthBefore(root, node) {
  let length = 0;
  for (let one = node; one !== root && one; one = one.parentNode) {
    for (let sibling = one.previousSibling; sibling; sibling = sibling.previousSibling) {
      length += lengthOf(sibling);
    }
  }
  return length;
}
