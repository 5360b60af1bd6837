// Paper has no "show more": what is folded is unfolded before printing, and folded again after. Addresses in files stay
// folded: each is on its indicator's own page, and ten statements are long enough on paper.
"use strict";
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open]):not(.provenance)")];
  opened.forEach((d) => (d.open = true));
});
addEventListener("afterprint", () => opened.forEach((d) => (d.open = false)));
