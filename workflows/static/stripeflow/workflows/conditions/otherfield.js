// A value that is another field: it is chosen from the same tree, and shown by its label.
import { groupsOf, keyLabel, typed } from "./fields.js";
import { openPicker } from "../pickers/picker.js";

const LONE = /^\s*\{\{\s*([^|{}]+?)\s*\}\}\s*$/;

// `changed` is called once a field was chosen.
export function enhanceOther(row, original, select, data, changed) {
  const button = row.querySelector("[data-other-field]");
  const groups = groupsOf(select, data);
  const labels = new Map(groups.flatMap((group) => group.entries.map((entry) => [entry.value, `${group.label} › ${entry.label}`])));
  const path = () => (LONE.exec(original.value) || ["", ""])[1];
  let own = null;
  button.addEventListener("click", () => {
    openPicker(button, {
      label: gettext("Another field"),
      groups: groups
        .map((group) => ({ ...group, entries: group.entries.filter((entry) => !own || comparable(own, entry.type)) }))
        .filter((group) => group.entries.length),
      value: path(),
      typed: (query) => typed(query, labels),
      choose: (entry) => {
        if (entry.asksKey) {
          return `${entry.value}.`;
        }
        original.value = `{{ ${entry.value} }}`;
        original.dispatchEvent(new Event("change", { bubbles: true }));
        changed();
        return true;
      },
    });
  });
  original.addEventListener("change", () => !original.value && changed());
  return {
    isChosen: () => Boolean(path()),
    // Shows the button, or not; fields of another type than this one are not offered.
    offer: (isFit, type) => {
      own = type;
      button.hidden = !isFit;
    },
    label: () => labels.get(path()) || keyLabel(path(), groups) || path(),
  };
}

const FAMILIES = { enum: "text", id: "text", string: "text", integer: "number", decimal: "number", metadata: "text" };

function comparable(one, two) {
  const [first, second] = [FAMILIES[one] || one, FAMILIES[two] || two];
  return first === second || (first === "any" ? second !== "money" : second === "any" && first !== "money");
}
