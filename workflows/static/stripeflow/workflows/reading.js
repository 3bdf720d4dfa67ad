// Comfort on pages that are read: copy buttons, canvases to look at, and pages that follow what happens.
import { addCopyButtons } from "./base/copy.js";
import { markReady } from "./base/ready.js";
import { followPage } from "./canvas/following.js";
import { startLooking } from "./canvas/look.js";

document.documentElement.classList.add("sf-js");
addCopyButtons(document);
startLooking();
followPage();
markReady();
