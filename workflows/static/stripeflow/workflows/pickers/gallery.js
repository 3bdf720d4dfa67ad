// A gallery, of actions or of templates, is searched by what stands on its tiles.
import { isComposing } from "../base/composing.js";
import { matches, wordsOf } from "../base/matching.js";

const TILE = ".sf-tile, [data-sf-gallery-tile]";

export function enhanceGallery(gallery) {
  const search = gallery.querySelector("[data-sf-gallery-search]");
  const none = gallery.querySelector("[data-sf-gallery-none]");
  const box = search.closest("[hidden]");
  box.hidden = false;
  // What a tile is called says most. What else it says counts only where none is called so, and the names of
  // its fields only after that: most of them take a customer.
  const read = [
    (tile) => [tile.querySelector("b, h3").textContent],
    (tile, name) => [name, tile.textContent, tile.dataset.sfWords || ""],
    (tile, name) => [name, tile.textContent, tile.dataset.sfWords || "", tile.dataset.sfFields || ""],
  ];
  const show = (words, texts) => {
    let found = 0;
    for (const section of gallery.querySelectorAll("[data-sf-gallery-group]")) {
      const name = section.querySelector("h2") ? section.querySelector("h2").textContent : "";
      let here = 0;
      for (const tile of section.querySelectorAll(TILE)) {
        const fits = matches(words, ...texts(tile, name));
        tile.hidden = !fits;
        const whole = tile.closest(".sf-tile-box");
        if (whole) {
          whole.hidden = !fits;
        }
        here += fits;
      }
      const more = section.querySelector("[data-sf-gallery-more]");
      if (more) {
        more.open = Boolean(words.length);
        more.hidden = !more.querySelector(".sf-tile:not([hidden])");
      }
      section.hidden = !here;
      found += here;
    }
    return found;
  };
  const filter = () => {
    const words = wordsOf(search.value);
    // What stands here a second time is found in its own place.
    for (const section of gallery.querySelectorAll("[data-sf-gallery-mine]")) {
      section.hidden = Boolean(words.length);
    }
    const found = read.reduce((before, texts) => before || show(words, texts), 0);
    none.textContent = words.length
      ? found ? interpolate(ngettext("%s entry", "%s entries", found), [found]) : gettext("Nothing is called that.")
      : "";
    none.classList.toggle("sf-visually-hidden", Boolean(found));
  };
  const stars = gallery.querySelector("[data-sf-stars]");
  stars && stars.addEventListener("submit", (event) => mark(event, gallery));
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (isComposing(event)) {
      return;
    }
    const tiles = [...gallery.querySelectorAll(".sf-tile, [data-sf-gallery-tile] h3 a")].filter((tile) => tile.checkVisibility());
    if (event.key === "Enter") {
      event.preventDefault();
      search.value && tiles[0] && tiles[0].click();
    } else if (event.key === "ArrowDown" && tiles[0]) {
      event.preventDefault();
      tiles[0].focus();
    } else if (event.key === "Escape" && search.value) {
      event.preventDefault();
      search.value = "";
      filter();
    }
  });
}

// A star is set where it stands, so that neither the place on the page nor the focus is lost.
async function mark(event, gallery) {
  const star = event.submitter;
  event.preventDefault();
  event.stopPropagation();
  const sent = new FormData(event.target, star);
  const answer = await fetch(event.target.action, { method: "POST", body: sent, redirect: "manual" });
  if (answer.type !== "opaqueredirect" && !answer.ok) {
    return;
  }
  const isMarked = star.name === "add";
  for (const one of gallery.querySelectorAll(".sf-star")) {
    if (one.value === star.value) {
      one.name = isMarked ? "remove" : "add";
      one.setAttribute("aria-pressed", String(isMarked));
    }
  }
}
