// The field of a condition is chosen from a searchable tree. The select that it stands for stays in the form.
import { element } from "../base/dom.js";
import { openPicker } from "../pickers/picker.js";
import { askSeen, withSeen } from "../pickers/seen.js";

// Calls `changed` with the path that was chosen: one of the list, or one that was typed.
export function enhanceField(row, { select, path, seenUrl, data, changed }) {
  const label = row.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  label.id = `${select.id}-label`;
  const button = element("button", {
    type: "button",
    id: `${select.id}-shown`,
    className: "sf-choice",
    "aria-haspopup": "dialog",
    "aria-labelledby": `${label.id} ${select.id}-shown`,
  });
  label.htmlFor = button.id;
  select.hidden = true;
  select.removeAttribute("aria-label");
  select.before(button);

  const groups = groupsOf(select, data);
  const labels = new Map(groups.flatMap((group) => group.entries.map((entry) => [entry.value, `${group.label} › ${entry.label}`])));
  const show = () => {
    const chosen = path.value || select.value;
    button.textContent = labels.get(chosen) || keyLabel(chosen, groups) || chosen || gettext("Choose a field");
    button.classList.toggle("sf-choice-none", !chosen);
  };
  const take = (entry) => {
    if (entry.asksKey) {
      return `${entry.value}.`;
    }
    const isListed = [...select.options].some((option) => option.value === entry.value);
    select.value = isListed ? entry.value : "";
    path.value = isListed ? "" : entry.value;
    show();
    (isListed ? select : path).dispatchEvent(new Event("change", { bubbles: true }));
    changed();
    return true;
  };
  button.addEventListener("click", () => {
    button.setAttribute("aria-expanded", "true");
    const picker = openPicker(button, {
      label: gettext("Field"),
      groups,
      value: path.value || select.value,
      typed: (query) => typed(query, labels),
      choose: take,
      onClose: ({ focus }) => {
        button.removeAttribute("aria-expanded");
        focus && button.focus();
      },
    });
    askSeen(seenUrl).then((seen) => picker.refresh(withSeen(groups, seen)));
  });
  path.addEventListener("input", show);
  show();
  return button;
}

export function groupsOf(select, data) {
  return [...select.querySelectorAll("optgroup")].map((group) => ({
    label: group.label,
    entries: [...group.children].map((option) => {
      const [type, values] = data.fields[option.value] || ["any", []];
      // Of metadata a key is tested far more often than all of it, which stays to be typed as a path.
      return { value: option.value, label: option.text, type, asksKey: type === "metadata", hint: option.value, detail: type === "metadata" ? "…" : values.slice(0, 3).join(", ") };
    }),
  }));
}

// "Payment intent › Metadata › tier" for the path of one key.
export function keyLabel(path, groups) {
  for (const group of groups) {
    const home = group.entries.find((entry) => entry.asksKey && /^[.[]/.test(path.slice(entry.value.length)) && path.startsWith(entry.value));
    if (home) {
      const key = path.slice(home.value.length).replace(/^\.|^\["|"\]$/g, "");
      return `${group.label} › ${home.label} › ${key}`;
    }
  }
  return "";
}

// A path may be typed: for keys of metadata, and fields that lie deeper than the tree.
export function typed(query, labels) {
  const isPath = /^[A-Za-z_][\w-]*(\.[\w-]+|\["[^"]+"\])+$/.test(query);
  return isPath && !labels.has(query) ? [{ value: query, label: query, detail: gettext("use this path") }] : [];
}
