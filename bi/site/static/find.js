// What is looked for stands in the page: each entry with its words, synonyms among them. Every word that is written has
// to begin one of them.
"use strict";
const form = document.getElementById("search");
const field = document.getElementById("q");
const entries = [...document.querySelectorAll("[data-words]")].map((element) => [element, ` ${element.dataset.words} ${element.textContent.toLowerCase()}`.replace(/[^\p{L}\p{N}]+/gu, " ")]);
const sections = [...document.querySelectorAll(".found")];
function search() {
  const asked = field.value.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  let found = 0;
  for (const [element, words] of entries) {
    const hit = asked.every((word) => words.includes(` ${word}`));
    element.hidden = !hit;
    found += hit;
  }
  for (const section of sections) {
    const left = section.querySelectorAll("[data-words]:not([hidden])").length;
    section.hidden = !left;
    section.querySelector("details").open = asked.length > 0 && left > 0;
    section.querySelector("summary .remark").textContent = left;
  }
  document.getElementById("nothing").hidden = found > 0;
  document.getElementById("count").textContent = asked.length ? `${found} found` : "";
}
form.hidden = false;
field.addEventListener("input", search);
form.addEventListener("submit", (event) => event.preventDefault());
const given = new URLSearchParams(location.search).get("q") || decodeURIComponent(location.hash.slice(1));
if (given) {
  field.value = given;
  search();
}
