"use strict";

// Refreshes the tables while the page is in view; without JavaScript a reload does the same.
const tables = document.getElementById("tables");

async function refresh() {
  if (document.hidden || tables.contains(document.activeElement)) {
    return;
  }
  try {
    const answer = await fetch("/tables");
    if (answer.ok) {
      tables.innerHTML = await answer.text();
    }
  } catch (error) {
    console.info("The stand-in does not answer.", error);
  }
}

setInterval(refresh, 1500);
