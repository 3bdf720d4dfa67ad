// "Insert a value" beside every box that takes references: the chosen one is written at the cursor.
import { makeSearchable } from "./searchable.js";

const MARK = "data-stripeflow-references";

export function enhanceReferences(root) {
  const source = document.getElementById("stripeflow-values");
  if (!source) {
    return;
  }
  const groups = JSON.parse(source.textContent);
  root.querySelectorAll(`[${MARK}]`).forEach((box) => offer(box, groups));
  // Rows that are added later carry their boxes with them.
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.querySelectorAll) {
        // A row is copied from another one, mark and picker included.
        node.querySelectorAll(".sf-picker").forEach((old) => old.remove());
        node.querySelectorAll(`[${MARK}]`).forEach((box) => {
          delete box.dataset.stripeflowOffered;
          offer(box, groups);
        });
      }
    }
  }).observe(document.querySelector(".sf-inputs"), { childList: true, subtree: true });
}

function offer(box, groups) {
  if (box.dataset.stripeflowOffered) {
    return;
  }
  box.dataset.stripeflowOffered = "1";
  const holder = document.createElement("span");
  holder.className = "sf-picker";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = gettext("Insert a value");
  holder.append(button);
  // In a row of boxes it stands beside the box; elsewhere below it.
  (box.closest(".stripeflow-money") || box).after(holder);
  button.addEventListener("click", () => open(box, holder, button, groups));
}

function open(box, holder, button, groups) {
  const select = build(groups);
  holder.append(select);
  button.hidden = true;
  const close = () => {
    window.django.jQuery(select).select2("destroy");
    select.remove();
    button.hidden = false;
  };
  select.addEventListener("change", () => {
    const option = select.selectedOptions[0];
    const reference = written(box, option.value, option.dataset.type);
    // Closing while the list still handles the click would take it from under itself.
    window.setTimeout(() => {
      close();
      insert(box, reference);
    });
  });
  makeSearchable(select, { width: "18rem" });
  const $select = window.django.jQuery(select);
  $select.on("select2:close", () => window.setTimeout(() => select.isConnected && !select.value && close()));
  $select.select2("open");
}

function build(groups) {
  const select = document.createElement("select");
  select.append(new Option("", ""));
  for (const [label, options] of groups) {
    const group = document.createElement("optgroup");
    group.label = label;
    for (const [path, name, type] of options) {
      const option = new Option(name, path);
      option.dataset.type = type;
      group.append(option);
    }
    select.append(group);
  }
  return select;
}

// An amount in a text is shown as money; where a number is asked for it stays one.
function written(box, path, type) {
  const isText = box.tagName === "TEXTAREA" || box.name.endsWith("subject");
  return type === "money" && isText ? `{{ ${path} | money }}` : `{{ ${path} }}`;
}

function insert(box, text) {
  box.focus();
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
