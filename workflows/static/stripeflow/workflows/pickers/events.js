// What starts a workflow: search over every event, the suggested ones first, the others by category.
import { isComposing } from "../base/composing.js";
import { element } from "../base/dom.js";
import { matches, score, wordsOf } from "../base/matching.js";

export function enhanceEvents(select) {
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  label.id = `${select.id}-label`;
  const now = element("button", {
    type: "button",
    id: `${select.id}-shown`,
    className: "sf-choice sf-event-now",
    "aria-labelledby": `${label.id} ${select.id}-shown`,
  });
  const list = element("div", { className: "sf-event-list" });
  const search = element("input", {
    type: "search",
    id: `${select.id}-search`,
    className: "sf-tree-search",
    placeholder: gettext("Search all events"),
    "aria-label": gettext("Search all events"),
    autocomplete: "off",
  });
  const status = element("p", { className: "sf-visually-hidden", role: "status" });
  const groups = [...select.querySelectorAll("optgroup")].map((group) => ({
    label: group.label,
    events: [...group.children].map((option) => ({ key: option.value, label: option.text })),
  }));

  const open = (isOpen) => {
    list.hidden = search.hidden = !isOpen;
    now.hidden = isOpen && !select.value;
    now.setAttribute("aria-expanded", String(isOpen));
    label.htmlFor = now.hidden ? search.id : now.id;
  };
  const show = () => {
    now.replaceChildren(...named(select.selectedOptions[0]));
    open(!select.value);
  };
  const take = (key) => {
    if (![...select.options].some((option) => option.value === key)) {
      select.append(new Option(key, key));
    }
    select.value = key;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    search.value = "";
    draw();
    show();
    now.focus();
  };
  const draw = () => {
    const words = wordsOf(search.value);
    const found = words.length ? hits(groups, words) : null;
    list.replaceChildren(...(found ? namedOrTyped(found, select.value, search.value.trim()) : folds(groups, select.value)));
    status.textContent = found ? interpolate(ngettext("%s event", "%s events", found.length), [found.length]) : "";
  };
  search.addEventListener("input", (event) => {
    event.stopPropagation();
    draw();
  });
  search.addEventListener("keydown", (event) => {
    if (isComposing(event)) {
      return;
    }
    const first = list.querySelector("[data-key]");
    if (event.key === "Enter") {
      event.preventDefault();
      first && search.value && take(first.dataset.key);
    } else if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      first.focus();
    } else if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      draw();
    }
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      const stops = [...list.querySelectorAll("[data-key], summary")].filter((one) => one.checkVisibility());
      (stops[stops.indexOf(document.activeElement) + by] || search).focus();
    }
  });
  list.addEventListener("click", (event) => {
    const entry = event.target.closest("[data-key]");
    entry && take(entry.dataset.key);
  });
  now.addEventListener("click", () => {
    const isOpen = list.hidden;
    open(isOpen);
    isOpen && search.focus();
  });
  select.hidden = true;
  select.before(element("div", { className: "sf-events" }, now, search, status, list));
  draw();
  show();
}

function hits(groups, words) {
  const all = groups.flatMap((group, number) => group.events.map((event) => ({ ...event, group: group.label, number })));
  const found = all.filter((event) => matches(words, event.label, event.key, event.group));
  // Among equals the suggested ones, which are the first group, come first.
  return found.sort((one, other) => score(words, other.label) - score(words, one.label) || one.number - other.number);
}

function folds(groups, chosen) {
  return groups.map((group, number) => {
    const open = number === 0 || group.events.some((event) => event.key === chosen);
    const count = element("span", { className: "sf-tree-count" }, group.events.length);
    const head = element("summary", {}, group.label, " ", count);
    return element("details", { className: "sf-event-group", open }, head, entries(group.events, chosen));
  });
}

function entries(events, chosen) {
  return element("ul", {}, ...events.map((event) => element("li", {}, entry(event, chosen))));
}

function entry({ key, label }, chosen) {
  const current = key === chosen ? { "aria-current": "true" } : {};
  return element("button", { type: "button", "data-key": key, ...current }, ...named({ text: label, value: key }));
}

function named(option) {
  const { text, value } = option || { text: "", value: "" };
  return [element("span", { className: "sf-event-name" }, text), " ", element("code", {}, value)];
}

// Stripe sends more than its list has, so that a whole name may be taken as it was typed.
function namedOrTyped(found, chosen, typed) {
  if (found.length || !/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/.test(typed)) {
    return [found.length ? entries(found, chosen) : nothing()];
  }
  return [nothing(), entries([{ key: typed, label: gettext("Start on it all the same") }], chosen)];
}

function nothing() {
  return element("p", { className: "sf-tree-none" }, gettext("No event is called that."));
}
