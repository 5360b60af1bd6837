// Orders the councils of each table. Without this script they stand in their family groups.
"use strict";
document.querySelectorAll("select[data-rug]").forEach((order) => {
  const table = document.getElementById(order.dataset.rug);
  const families = [...table.tBodies].filter((body) => body.querySelector("[data-council]"));
  const rows = families.flatMap((body) => [...body.querySelectorAll("tr[data-council]")]);
  const home = new Map(rows.map((row) => [row, row.parentElement]));
  const flat = document.createElement("tbody");
  const name = (row) => row.querySelector("th").textContent;
  // A council without a figure comes last whichever way is better: it has no place among the others.
  const value = (row, n) => {
    const given = row.querySelectorAll("td")[n].dataset.order;
    return given === "" ? -Infinity : Number(given);
  };

  order.addEventListener("change", () => {
    const chosen = order.selectedOptions[0].textContent;
    const byFamily = order.value === "family";
    const byName = (a, b) => name(a).localeCompare(name(b), "en-GB");
    const n = Number(order.value);
    const byValue = (a, b) => (value(b, n) > value(a, n)) - (value(b, n) < value(a, n)) || byName(a, b);
    table.querySelector("[data-ordered]").textContent =
      byFamily || order.value === "name" ? chosen.toLowerCase() : `${chosen}, highest first`;
    if (byFamily) {
      rows.forEach((row) => home.get(row).append(row));
      table.append(...families);
      flat.remove();
      return;
    }
    flat.append(...[...rows].sort(order.value === "name" ? byName : byValue));
    families.forEach((body) => body.remove());
    table.append(flat);
  });
  order.form.addEventListener("submit", (event) => event.preventDefault());
  order.form.hidden = false;
});
