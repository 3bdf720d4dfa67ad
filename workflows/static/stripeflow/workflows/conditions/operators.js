// The comparisons that a field can have: those of its type, and those of what a text or a list can be read as.
import { makeSearchable } from "../pickers/searchable.js";

// The type as which a field of this type is compared.
export function typeRead(own, reading, data) {
  const found = data.readings.find(([key]) => key === reading);
  return found ? found[2] : own;
}

// What a field of this type has to be read as for a comparison; "" if as it is.
export function readingFor(own, operator, data) {
  const types = data.operators[operator][0];
  const found = data.readings.find(([, of, type]) => of.includes(own) && types.includes(type));
  return types.includes(own) || !found ? "" : found[0];
}

// Those that fit the type best come first, those of another reading last.
export function offerOperators(select, groups, own, data) {
  const chosen = select.value;
  const fits = (key) => data.operators[key][0].includes(own);
  const kept = groups.map((group) => {
    const copy = group.cloneNode(true);
    copy.querySelectorAll("option").forEach((option) => fits(option.value) || readingFor(own, option.value, data) || option.remove());
    return copy;
  });
  const rank = (group) => {
    const keys = [...group.querySelectorAll("option")].map((option) => option.value);
    const share = keys.filter(fits).length / keys.length;
    return share >= 0.5 ? 0 : share > 0 ? 1 : 2;
  };
  const [blank, filled] = [kept.filter((one) => one.tagName === "OPTION"), kept.filter((one) => one.children.length)];
  select.replaceChildren(...blank, ...filled.sort((one, two) => rank(one) - rank(two)));
  select.value = chosen;
  if (select.selectedIndex < 0) {
    select.value = "";
  }
  const $ = window.django && window.django.jQuery;
  if ($ && $(select).data("select2")) {
    makeSearchable(select);
  }
}
