"use strict";
// What the page shows, and the phrases that it is told in.

const data = JSON.parse(document.getElementById("data").textContent);

// A phrase in the language of the page, its holes filled: say("page.heading", { root }).
function say(key, holes = {}) {
  return data.phrases[key].replace(/\{(\w+)\}/g, (_, name) => holes[name]);
}

// Sentences one after the other; in Chinese nothing stands between them.
function inARow(...sentences) {
  return sentences.join(document.documentElement.lang === "zh" ? "" : " ");
}

// What is done when the page begins, by the scripts that only some pages have.
const atStart = [];
