// Select2, which Django's admin brings along, tells of changes by jQuery only; this passes them on.

export function makeSearchable(select, options = {}) {
  const $ = window.django && window.django.jQuery;
  if (!$ || !$.fn.select2 || select.closest("template")) {
    return;
  }
  const $select = $(select);
  if ($select.data("select2")) {
    $select.select2("destroy");
  }
  $select.select2({
    theme: "admin-autocomplete",
    width: "100%",
    dropdownAutoWidth: false,
    matcher: matchWords,
    ...options,
  });
  $select.on("select2:select", () => select.dispatchEvent(new Event("change", { bubbles: true })));
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
    return children.length ? { ...data, children } : null;
  }
  const text = `${group} ${data.text} ${data.id}`.toLowerCase();
  return words.every((word) => text.includes(word)) ? data : null;
}
