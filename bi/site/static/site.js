"use strict";
// Paper has no "show more": what is folded is unfolded before printing, and folded again after. Long tables stay folded: a
// page is a briefing of a few sheets, and the tables are files.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open]):not(.way):not(.proposals):not(.long)")];
  opened.forEach((d) => (d.open = true));
});
addEventListener("afterprint", () => opened.forEach((d) => (d.open = false)));
// What an address points to is seen, also where it is folded away.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", unfold);
addEventListener("load", unfold);
// Leaving leaves no way back to this page.
const leave = document.getElementById("leave");
leave.addEventListener("click", (event) => {
  event.preventDefault();
  location.replace(leave.href);
});
for (const button of document.querySelectorAll("button.copy")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.clipboard.writeText(button.parentElement.querySelector(".citation").textContent);
    button.firstChild.textContent = "Copied";
  });
}
