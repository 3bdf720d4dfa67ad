// Comfort on top of pages that work without it: pickers, chips, rows that show only what they need, what a
// form means while it is changed, and the canvas with its panel.
import { enhance as enhanceFields } from "../actions/fields.js";
import { enhance as enhanceRows } from "../actions/rows.js";
import { enhanceConditions } from "./conditions/conditions.js";
import { watchDraft } from "./base/drafts.js";
import { enhanceEvents } from "./pickers/events.js";
import { focusBox, focusFirst } from "./base/focusing.js";
import { markReady } from "./base/ready.js";
import { enhanceGallery } from "./pickers/gallery.js";
import { enhanceLive } from "./canvas/live.js";
import { startLooking } from "./canvas/look.js";
import { showWhatCounts } from "./base/shown.js";
import { enhanceReferences } from "./chips/references.js";
import { makeSearchable } from "./pickers/searchable.js";
import { startStudio } from "./canvas/studio.js";

// Everything below `root`: the page as it is loaded, then each page that is shown in the panel.
function enhance(root, options = {}) {
  const each = (selector, what) => root.querySelectorAll(selector).forEach((found) => what(found));
  enhanceFields(root);
  enhanceRows(root);
  each("[data-stripeflow-conditions]", enhanceConditions);
  each("select[data-sf-events]", enhanceEvents);
  each("select[data-stripeflow-search]:not([data-sf-events], [data-sf-field]), .sf-form select[multiple]", makeSearchable);
  enhanceReferences(root);
  each("form.sf-form", showWhatCounts);
  each("form.sf-form", enhanceLive);
  each("[data-sf-gallery]", enhanceGallery);
  // Once the scripts have made the form what it is.
  each("input[data-sf-draft]", nameDraft);
  each("form[data-sf-draft]", (form) => watchDraft(form, options));
}

// A form of the admin's own bears a mark inside it.
function nameDraft(mark) {
  Object.assign(mark.form.dataset, mark.dataset);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[data-sf-box]");
  if (link && focusBox(link.hash.slice(1))) {
    event.preventDefault();
  }
});

document.documentElement.classList.add("sf-js");
const studio = document.querySelector("[data-sf-studio]");
startLooking();
enhance(document);
if (studio) {
  startStudio(studio, enhance);
} else {
  const wrong = document.querySelector("[data-sf-focus]");
  focusBox(wrong ? wrong.dataset.sfFocus : decodeURIComponent(window.location.hash.slice(1))) || focusFirst(document);
}
markReady();
