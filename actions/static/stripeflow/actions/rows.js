// Rows of boxes and choices: adds and removes them. Without this script the blank rows below the filled ones do; with it
// they go, but for one where nothing is filled yet.

const ROW = "[data-stripeflow-row]";

function renumbered(row, widget) {
  const name = widget.dataset.stripeflowRows;
  const taken = [...widget.querySelectorAll("[name]")].map((box) => {
    return Number.parseInt(box.name.slice(name.length + 1), 10);
  });
  const index = Math.max(-1, ...taken) + 1;
  for (const box of row.querySelectorAll("[name]")) {
    box.name = `${name}-${index}-${box.name.slice(box.name.lastIndexOf("-") + 1)}`;
    if (box.matches("[type=checkbox]")) {
      box.checked = false;
      continue;
    }
    if (box.matches("select")) {
      box.selectedIndex = 0;
      continue;
    }
    box.value = "";
    box.textContent = "";
    box.removeAttribute("value");
  }
  return row;
}

function updateButtons(widget) {
  const rows = widget.querySelectorAll(ROW);
  const full = rows.length >= Number(widget.dataset.stripeflowMaxRows);
  widget.querySelector("[data-stripeflow-add-row]").hidden = full;
  for (const row of rows) row.querySelector("[data-stripeflow-remove-row]").hidden = rows.length < 2 && isBlank(row);
}

function leaveOutBlanks(widget) {
  const [, ...others] = [...widget.querySelectorAll(ROW)].sort((one, other) => isBlank(one) - isBlank(other));
  for (const row of others.filter(isBlank)) row.remove();
}

function isBlank(row) {
  return [...row.querySelectorAll("[name]:not(select, [type=checkbox])")].every((box) => !box.value);
}

function addRow(widget) {
  const rows = widget.querySelectorAll(ROW);
  const last = rows[rows.length - 1];
  const row = renumbered(last.cloneNode(true), widget);
  last.after(row);
  updateButtons(widget);
  row.querySelector("input, textarea, select").focus();
}

// In place of the last one comes a blank one, of which more can be made.
function removeRow(row, widget) {
  if (widget.querySelectorAll(ROW).length < 2) addRow(widget);
  row.remove();
  updateButtons(widget);
  // A form that is watched for unsaved changes hears of this one too.
  widget.dispatchEvent(new Event("input", { bubbles: true }));
}

// Of every row widget below `root`: leaves out the blank rows, and shows the buttons. For forms that are loaded later.
export function enhance(root) {
  for (const widget of root.querySelectorAll("[data-stripeflow-rows]")) {
    leaveOutBlanks(widget);
    updateButtons(widget);
  }
}

function clicked(event) {
  const button = event.target.closest("[data-stripeflow-add-row], [data-stripeflow-remove-row]");
  const widget = button?.closest("[data-stripeflow-rows]");
  if (!widget) return;
  if (button.hasAttribute("data-stripeflow-add-row")) addRow(widget);
  else removeRow(button.closest(ROW), widget);
}

function changed(event) {
  const widget = event.target.closest("[data-stripeflow-rows]");
  if (widget) updateButtons(widget);
}

// A page may load this file under two addresses; one click still adds one row.
if (!("stripeflowListens" in document.documentElement.dataset)) {
  document.documentElement.dataset.stripeflowListens = "";
  document.addEventListener("click", clicked);
  document.addEventListener("input", changed);
}

enhance(document);
