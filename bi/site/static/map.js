// Changes which measure and period the map shows. Everything said or drawn was decided when the page was built
// (see bi/site/view/councils.py); this script only puts it in place. Without it the page shows the one it opens on.
"use strict";
(() => {
  const holder = document.getElementById("map-data");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);
  const at = (id) => document.getElementById(id);
  const measureBox = at("measure");
  const periodBox = at("period");
  const chosen = at("map-chosen");
  const focus = at("map-focus");
  const shapes = document.querySelectorAll("[data-area]");
  let current = null;

  const measureOf = (id) => data.measures.find((m) => m.id === id) || data.measures.find((m) => m.id === data.opening);

  function element(name, text, attributes = {}) {
    const made = document.createElement(name);
    made.textContent = text;
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  }

  function offerPeriods(measure, wanted) {
    periodBox.replaceChildren(
      ...measure.periods.map((p) => element("option", p.figures ? p.label : `${p.label} (no figures)`, { value: p.start })),
    );
    const there = measure.periods.some((p) => p.start === wanted);
    periodBox.value = there ? wanted : measure.shown;
  }

  function sources(list) {
    return list.flatMap(([title, url, published], n) => [
      n ? "; " : "",
      url ? element("a", title, { href: url }) : title,
      ` (${published})`,
    ]);
  }

  function say(area) {
    const n = data.areas.indexOf(area);
    const name = document.querySelector(`#map [data-area="${area}"]`).dataset.name;
    chosen.replaceChildren(element("strong", name), current.cells[n][0]);
    focus.setAttribute("href", `#shape-${area}`);
    focus.removeAttribute("hidden");
  }

  function draw() {
    const measure = measureOf(measureBox.value);
    current = measure.periods.find((p) => p.start === periodBox.value);
    const title = `${measure.title}, ${current.label}`;
    at("map-title").textContent = title;
    at("map-caption").textContent = title;
    at("map-population").textContent = measure.population;
    at("map-polarity").textContent = measure.polarity;
    at("map-scotland").textContent = current.scotland;
    at("map-indicator").textContent = measure.indicator;
    at("map-indicator").href = measure.href;
    at("map-proposed").hidden = !measure.proposed;
    at("map-everyone").hidden = !measure.everyone;
    at("map-everyone").textContent = measure.everyone;
    at("map-caveat").hidden = !measure.caveat;
    at("map-caveat").querySelector("span").textContent = measure.caveat;
    at("map-source").replaceChildren(...sources(current.sources));
    at("map-legend").replaceChildren(
      ...measure.legend.map(([style, text]) => {
        const item = element("li", "");
        item.append(element("span", "", { class: `swatch ${style}` }), ` ${text}`);
        return item;
      }),
    );
    shapes.forEach((shape) => {
      const [text, style] = current.cells[data.areas.indexOf(shape.dataset.area)];
      const label = `${shape.dataset.name}: ${text}`;
      shape.setAttribute("class", `area ${style}`);
      if (shape.hasAttribute("aria-label")) shape.setAttribute("aria-label", label);
      shape.querySelector("title").textContent = label;
    });
    data.areas.forEach((area, n) => {
      at("map-rows").querySelector(`[data-row="${area}"] td`).textContent = current.cells[n][0];
    });
    focus.setAttribute("hidden", "");
    chosen.textContent = "Point at a council, or move to it with the Tab key.";
  }

  // The choice is in the address, so that it can be sent to somebody.
  function fromAddress() {
    const wanted = new URLSearchParams(location.hash.slice(1));
    measureBox.value = measureOf(wanted.get("measure")).id;
    offerPeriods(measureOf(measureBox.value), wanted.get("period"));
    draw();
  }
  function toAddress() {
    const choice = new URLSearchParams({ measure: measureBox.value, period: periodBox.value });
    history.replaceState(null, "", `#${choice}`);
  }

  measureBox.addEventListener("change", () => {
    offerPeriods(measureOf(measureBox.value), periodBox.value);
    draw();
    toAddress();
  });
  periodBox.addEventListener("change", () => {
    draw();
    toAddress();
  });
  addEventListener("hashchange", fromAddress);
  shapes.forEach((shape) => {
    shape.addEventListener("pointerenter", () => say(shape.dataset.area));
    shape.addEventListener("focus", () => say(shape.dataset.area));
    shape.addEventListener("click", () => say(shape.dataset.area));
  });
  at("map-controls").addEventListener("submit", (event) => event.preventDefault());
  document.querySelectorAll(".js-only").forEach((part) => (part.hidden = false));
  fromAddress();
})();
