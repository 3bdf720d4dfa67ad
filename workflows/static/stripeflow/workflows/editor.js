// Comfort on top of pages that work without it: pickers, chips, rows that show only what they need, what a
// form means told while it is changed, and the canvas with its panel.
import { enhance as enhanceRows } from "../actions/rows.js";
import { enhanceConditions } from "./conditions.js";
import { enhanceEvents } from "./events.js";
import { enhanceGallery } from "./gallery.js";
import { enhanceLive } from "./live.js";
import "./look.js";
import { enhanceReferences } from "./references.js";
import { makeSearchable } from "./searchable.js";
import { startStudio } from "./studio.js";

// Everything below `root`: the page as it is loaded, then each page that is shown in the panel.
function enhance(root) {
  const each = (selector, what) => root.querySelectorAll(selector).forEach((found) => what(found));
  enhanceRows(root);
  each("[data-stripeflow-conditions]", enhanceConditions);
  each("select[data-sf-events]", enhanceEvents);
  each("select[data-stripeflow-search]:not([data-sf-events], [data-sf-field]), .sf-form select[multiple]", makeSearchable);
  enhanceReferences(root);
  each("form.sf-form", enhanceLive);
  each("[data-sf-gallery]", enhanceGallery);
}

document.documentElement.classList.add("sf-js");
const studio = document.querySelector("[data-sf-studio]");
enhance(document);
if (studio) {
  startStudio(studio, enhance);
}
