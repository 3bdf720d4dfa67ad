// Comfort on top of pages that work without it: searchable selects, rows that show only what they need,
// and values inserted at the cursor.
import { enhanceConditions } from "./conditions.js";
import { enhanceReferences } from "./references.js";
import { makeSearchable } from "./searchable.js";

document.documentElement.classList.add("sf-js");
for (const section of document.querySelectorAll("[data-stripeflow-conditions]")) {
  enhanceConditions(section);
}
for (const select of document.querySelectorAll("select[data-stripeflow-search], .sf-form select[multiple]")) {
  makeSearchable(select);
}
enhanceReferences(document);
