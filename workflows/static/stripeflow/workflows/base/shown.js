// Rows of a form that count only for some values of another box: `data-sf-for="repeats:daily weekdays"`.

export function showWhatCounts(form) {
  const boxes = [...form.querySelectorAll("[data-sf-for]")];
  if (!boxes.length) {
    return;
  }
  const show = () => boxes.forEach((box) => showOne(form, box));
  form.addEventListener("change", show);
  show();
}

function showOne(form, box) {
  const [name, values] = box.dataset.sfFor.split(":");
  const other = form.elements[name];
  const row = box.closest(".form-row");
  if (other && row) {
    row.hidden = !values.split(" ").includes(other.value);
  }
}
