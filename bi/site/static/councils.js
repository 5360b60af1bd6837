// Orders the councils of the table. Without this script they stand in their family groups.
"use strict";
(() => {
  const table = document.getElementById("rug");
  const order = document.getElementById("order");
  if (!table || !order) return;
  const families = [...table.tBodies].filter((body) => body.querySelector("[data-council]"));
  const rows = families.flatMap((body) => [...body.querySelectorAll("tr[data-council]")]);
  const home = new Map(rows.map((row) => [row, row.parentElement]));
  const flat = document.createElement("tbody");
  const name = (row) => row.querySelector("th").textContent;
  // A council without a figure comes last whichever way is better; it has no place among the others.
  const value = (row, n) => {
    const given = row.querySelectorAll("td")[n].dataset.order;
    return given === "" ? -Infinity : Number(given);
  };

  order.addEventListener("change", () => {
    const chosen = order.selectedOptions[0].textContent;
    document.getElementById("rug-order").textContent =
      order.value === "family" || order.value === "name" ? chosen.toLowerCase() : `${chosen}, highest first`;
    if (order.value === "family") {
      rows.forEach((row) => home.get(row).append(row));
      table.append(...families);
      flat.remove();
      return;
    }
    const byName = (a, b) => name(a).localeCompare(name(b), "en-GB");
    const n = Number(order.value);
    const byValue = (a, b) => (value(b, n) > value(a, n)) - (value(b, n) < value(a, n)) || byName(a, b);
    flat.append(...[...rows].sort(order.value === "name" ? byName : byValue));
    families.forEach((body) => body.remove());
    table.append(flat);
  });
  document.getElementById("rug-controls").addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll(".js-only").forEach((part) => (part.hidden = false));
})();
