// Comfort on top of pages that work without it: searchable selects, rows that show only what they need,
// values inserted at the cursor, and the canvas with its panel.
import { enhanceConditions } from "./conditions.js";
import { enhanceReferences } from "./references.js";
import "./look.js";
import { makeSearchable } from "./searchable.js";
import { startStudio } from "./studio.js";

function enhance(root) {
  for (const section of root.querySelectorAll("[data-stripeflow-conditions]")) {
    enhanceConditions(section);
  }
  for (const select of root.querySelectorAll("select[data-stripeflow-search], .sf-form select[multiple]")) {
    makeSearchable(select);
  }
  enhanceReferences(root);
}

document.documentElement.classList.add("sf-js");
const studio = document.querySelector("[data-sf-studio]");
enhance(document);
if (studio) {
  startStudio(studio, enhance);
}
