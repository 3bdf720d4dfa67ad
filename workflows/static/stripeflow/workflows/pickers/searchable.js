// Select2, which Django's admin brings along, tells of changes by jQuery only; this passes them on.

import { isComposing } from "../base/composing.js";

export function makeSearchable(select, options = {}) {
  const $ = window.django && window.django.jQuery;
  if (!$ || !$.fn.select2 || select.closest("template")) {
    return;
  }
  const $select = $(select);
  if ($select.data("select2")) {
    $select.select2("destroy");
    $select.off("select2:select select2:open select2:close");
  }
  $select.select2({
    theme: "admin-autocomplete",
    width: "100%",
    dropdownAutoWidth: false,
    matcher: matchWords,
    ...options,
  });
  $select.on("select2:select", () => {
    select.dispatchEvent(new Event("change", { bubbles: true }));
    select.dispatchEvent(new CustomEvent("stripeflow:chosen"));
  });
  nameParts($select, select);
  passEscapeOn($select.data("select2"));
}

// Select2 keeps the keys of its inline search to itself. While its list is closed, Escape leaves the box.
function passEscapeOn(select2) {
  for (const field of select2.$container[0].querySelectorAll(".select2-search--inline .select2-search__field")) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !select2.isOpen() && !isComposing(event)) {
        event.preventDefault();
        field.blur();
      }
    });
  }
}

// Select2 hides the labelled select, and gives its own parts no name.
function nameParts($select, select) {
  const label = select.labels && select.labels[0];
  const text = label ? label.textContent.trim() : select.getAttribute("aria-label") || "";
  const select2 = $select.data("select2");
  const container = select2.$container[0];
  const box = container.querySelector(".select2-selection");
  if (label) {
    label.id ||= `${select.id}-label`;
    const shown = box.getAttribute("aria-labelledby") || "";
    box.setAttribute("aria-labelledby", `${label.id} ${shown}`.trim());
  }
  container.querySelectorAll(".select2-search__field").forEach((field) => field.setAttribute("aria-label", text));
  select2.on("results:all", () => {
    // Between a group and its options stands a list of theirs, which is none to who reads them.
    select2.$results[0].querySelectorAll("ul").forEach((list) => list.setAttribute("role", "none"));
  });
  $select.on("select2:close", () => box.removeAttribute("aria-controls"));
  $select.on("select2:open", () => {
    box.setAttribute("aria-controls", select2.$results[0].id);
    const field = document.querySelector(".select2-container--open .select2-search__field");
    if (field) {
      field.setAttribute("aria-label", text);
    }
  });
}

// Every word has to be found, in any order, in the label or in the group's name.
function matchWords(params, data) {
  const words = (params.term || "").toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) {
    return data;
  }
  return filtered(data, words, "");
}

function filtered(data, words, group) {
  if (data.children) {
    const children = data.children.map((child) => filtered(child, words, data.text)).filter(Boolean);
    // The best comes first, since Enter takes it; equals keep their order.
    children.sort((one, other) => wordsIn(other.text, words) - wordsIn(one.text, words));
    return children.length ? { ...data, children } : null;
  }
  const text = `${group} ${data.text} ${data.id}`.toLowerCase();
  return words.every((word) => text.includes(word)) ? data : null;
}

// How many of the words stand in the label as they are: "Charge ID" before "Application ID".
function wordsIn(label, words) {
  const own = label.toLowerCase().split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => own.includes(word)).length;
}
