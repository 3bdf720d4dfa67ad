// A searchable tree in a popover: groups that fold, entries with what they hold beside them.
// The focus stays in the search; arrows walk the tree, Enter takes, Escape leaves.
import { isComposing } from "../base/composing.js";
import { element } from "../base/dom.js";
import { matches, score, wordsOf } from "../base/matching.js";
import { closePopover, openPopover } from "../base/popover.js";

const MOST_SHOWN = 250;
const INDENT = " › ";
let ids = 0;

// `groups`: [{label, entries: [{value, label, detail, hint}]}]. `typed(query)` gives entries for what is typed
// freely; `closes(query)` tells that it is all. `choose(entry)` may return a query to go on with.
export function openPicker(anchor, { label, groups, choose, typed = () => [], value = "", query = "", rect, closes, onClose }) {
  const list = new Tree(groups, typed, value);
  const search = element("input", {
    type: "search",
    className: "sf-tree-search",
    placeholder: gettext("Search"),
    autocomplete: "off",
    spellcheck: false,
    role: "combobox",
    "aria-label": label,
    "aria-expanded": "true",
    "aria-haspopup": "tree",
    "aria-controls": list.element.id,
    "aria-autocomplete": "list",
  });
  const status = element("p", { className: "sf-visually-hidden", role: "status" });
  const content = element("div", { className: "sf-tree-box" }, search, list.element, list.none, status);

  const show = () => {
    const found = list.filter(search.value);
    status.textContent = interpolate(ngettext("%s entry", "%s entries", found), [found]);
    search.setAttribute("aria-activedescendant", list.active ? list.active.id : "");
  };
  const take = (entry) => {
    const next = choose(entry);
    if (typeof next === "string") {
      search.value = next;
      search.focus();
      show();
    } else {
      closePopover({ focus: next !== false });
    }
  };
  const follow = () => (closes && closes(search.value) ? closePopover({ focus: false }) : show());
  search.addEventListener("input", (event) => (event.isComposing ? show() : follow()));
  search.addEventListener("compositionend", follow);
  search.addEventListener("keydown", (event) => {
    if (isComposing(event)) {
      return;
    }
    const key = event.key;
    if (key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      list.takeActive(take);
    } else if (key === "Tab") {
      closePopover();
      event.preventDefault();
    } else if (list.move(key, search)) {
      event.preventDefault();
      search.setAttribute("aria-activedescendant", list.active ? list.active.id : "");
    }
  });
  list.element.addEventListener("pointerdown", (event) => event.preventDefault());
  list.element.addEventListener("click", (event) => {
    list.takeAt(event.target, take);
    search.setAttribute("aria-activedescendant", list.active ? list.active.id : "");
  });
  openPopover(anchor, content, { label, rect, onClose });
  search.value = query;
  show();
  search.focus();
  return { refresh: (fresh) => { list.groups = fresh; show(); } };
}

class Tree {
  constructor(groups, typed, value) {
    this.groups = groups;
    this.typed = typed;
    this.value = value;
    this.active = null;
    this.query = "";
    // The group of what is chosen stands open, or else the first.
    const home = groups.find((group) => group.entries.some((entry) => entry.value === value && value)) || groups[0];
    this.open = new Set(home ? [home.label] : []);
    this.entries = new Map();
    const id = `sf-tree-${(ids += 1)}`;
    this.element = element("div", { className: "sf-tree-list", id, role: "tree", "aria-label": gettext("Fields") });
    // Beside the tree, which may hold entries only.
    this.none = element("p", { className: "sf-tree-none" }, gettext("Nothing is called that."));
  }

  filter(query) {
    this.query = query.trim();
    const words = wordsOf(this.query);
    this.entries.clear();
    const parts = [];
    let found = 0;
    const own = this.typed(this.query);
    if (own.length) {
      parts.push(...own.map((entry) => this.row(entry, entry.label)));
      found += own.length;
    }
    let best = null;
    for (const group of this.groups) {
      let entries = group.entries;
      if (words.length) {
        entries = entries.filter((entry) => matches(words, group.label, entry.label, entry.value));
        entries = [...entries].sort((one, other) => score(words, other.label) - score(words, one.label));
      }
      if (!entries.length) {
        continue;
      }
      const isOpen = words.length > 0 || this.open.has(group.label);
      parts.push(this.head(group, entries.length, isOpen));
      if (isOpen && found < MOST_SHOWN) {
        const shown = entries.slice(0, MOST_SHOWN - found).map((entry) => this.row(entry, this.shown(entry, words)));
        const rows = element("div", { role: "group" }, ...shown);
        parts.push(rows);
        const points = words.length ? score(words, entries[0].label) : 0;
        if (!best || points > best.points) {
          best = { points, row: rows.firstElementChild };
        }
      }
      found += entries.length;
    }
    this.element.replaceChildren(...parts);
    this.element.hidden = !found;
    this.none.hidden = Boolean(found);
    const chosen = [...this.entries].find(([, entry]) => entry.value && entry.value === this.value);
    const first = own.length && !best ? this.element.querySelector("[data-entry]") : null;
    this.activate(!words.length && chosen ? chosen[0] : first || (best && best.row));
    return found;
  }

  // Below the field that holds it a field needs only its own name.
  shown(entry, words) {
    const at = entry.label.lastIndexOf(INDENT);
    return words.length || at < 0 ? entry.label : entry.label.slice(at + INDENT.length);
  }

  head(group, count, isOpen) {
    return element(
      "div",
      {
        className: "sf-tree-head",
        id: `${this.element.id}-${(ids += 1)}`,
        role: "treeitem",
        "data-group": group.label,
        "aria-expanded": String(isOpen),
      },
      element("span", {}, group.label),
      element("span", { className: "sf-tree-count" }, count),
    );
  }

  row(entry, label) {
    const row = element(
      "div",
      {
        className: "sf-tree-row",
        id: `${this.element.id}-${(ids += 1)}`,
        title: entry.hint || "",
        role: "treeitem",
        "data-entry": "",
        "aria-selected": String(Boolean(entry.value) && entry.value === this.value),
      },
      element("span", { className: "sf-tree-name" }, label),
    );
    row.classList.toggle("sf-tree-inner", label !== entry.label);
    if (entry.detail) {
      row.append(element("span", { className: "sf-tree-detail" }, entry.detail));
    }
    this.entries.set(row, entry);
    return row;
  }

  activate(row) {
    if (this.active) {
      this.active.classList.remove("sf-tree-active");
    }
    this.active = row;
    if (row) {
      row.classList.add("sf-tree-active");
      row.scrollIntoView({ block: "nearest" });
      // The heading of the first one stays in sight.
      if (row === this.element.querySelector("[data-entry]")) {
        this.element.scrollTop = 0;
      }
    }
  }

  move(key, search) {
    const rows = [...this.element.querySelectorAll("[role=treeitem]")];
    const at = rows.indexOf(this.active);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[key];
    if (by) {
      this.activate(rows[Math.min(Math.max(at + by, 0), rows.length - 1)] || null);
      return true;
    }
    // Within what is typed, left and right belong to the text.
    if ((key === "ArrowRight" || key === "ArrowLeft") && !search.value && this.active) {
      const head = this.active.dataset.group ? this.active : this.headOf(this.active);
      if (head) {
        this.fold(head.dataset.group, key === "ArrowRight");
      }
      return true;
    }
    return false;
  }

  headOf(row) {
    const group = row.closest("[role=group]");
    return group && group.previousElementSibling;
  }

  fold(label, isOpen) {
    if (isOpen) {
      this.open.add(label);
    } else {
      this.open.delete(label);
    }
    this.filter(this.query);
    this.activate([...this.element.querySelectorAll("[data-group]")].find((head) => head.dataset.group === label));
  }

  takeActive(take) {
    if (this.active) {
      this.takeAt(this.active, take);
    }
  }

  takeAt(target, take) {
    const row = target.closest("[role=treeitem]");
    if (row && row.dataset.group) {
      this.fold(row.dataset.group, row.getAttribute("aria-expanded") !== "true");
    } else if (row) {
      take(this.entries.get(row));
    }
  }
}
