// Shows of the tables what the address names: #councils=S12000015,S12000049 or #indicators=attendance_rate. Without this
// script all of it stands there.
"use strict";
const form = document.getElementById("compare");
if (form) {
  const said = document.getElementById("compared");
  const sections = [...document.querySelectorAll(".comparison")];
  const choices = (kind) => [...form.querySelectorAll(`select[data-choose="${kind}"]`)];
  const chosen = (kind) => [...new Set(choices(kind).map((one) => one.value).filter(Boolean))];
  const names = (kind) =>
    choices(kind).filter((one) => one.value).map((one) => one.selectedOptions[0].textContent);

  const show = () => {
    const councils = chosen("council");
    const indicators = chosen("indicator");
    const anything = councils.length + indicators.length > 0;
    for (const section of sections) {
      const rows = [...section.querySelectorAll("tr[data-indicator]")];
      for (const row of rows) row.hidden = indicators.length > 0 && !indicators.includes(row.dataset.indicator);
      for (const cell of section.querySelectorAll("[data-council]"))
        cell.hidden = councils.length > 0 && !councils.includes(cell.dataset.council);
      section.hidden = !anything || rows.every((row) => row.hidden);
    }
    const places = [...new Set(names("council"))];
    said.textContent = anything
      ? `${places.length ? places.join(", ") : "All councils"}: ${[...new Set(names("indicator"))].join(", ") || "every measure"}.`
      : "Choose a council or an indicator.";
  };

  const read = () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    for (const kind of ["council", "indicator"]) {
      const wanted = (asked.get(`${kind}s`) || "").split(",");
      choices(kind).forEach((one, n) => {
        one.value = wanted[n] || "";
        if (one.selectedIndex < 0) one.value = "";
      });
    }
    show();
  };

  form.addEventListener("change", () => {
    const parts = ["council", "indicator"]
      .filter((kind) => chosen(kind).length)
      .map((kind) => `${kind}s=${chosen(kind).join(",")}`);
    history.replaceState(null, "", `#${parts.join("&")}`);
    show();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", read);
  document.querySelectorAll(".no-script").forEach((text) => (text.hidden = true));
  form.hidden = false;
  read();
}
