// Search and filters over the list that is already on the page. Without this script the whole list is there to read.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const list = document.getElementById("dataset-list");
  if (!form || !list) return;
  const box = (id) => document.getElementById(id);
  const fields = ["q", "publisher", "statement", "held"];
  const rows = [...list.children].map((item) => ({ item, ...item.dataset }));

  function apply() {
    const [q, publisher, statement, held] = fields.map((id) => box(id).value);
    const words = q.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row) => {
      const fits =
        words.every((word) => row.search.includes(word)) &&
        (!publisher || row.publisher === publisher) &&
        (!statement || row.statements.split(" ").includes(statement)) &&
        (!held || row.held === held);
      row.item.hidden = !fits;
      shown += fits;
    });
    box("count").textContent =
      shown === rows.length ? `${rows.length} datasets` : `${shown} of ${rows.length} datasets`;
    box("nothing").hidden = shown > 0;
  }

  // The choice is in the address, so that it can be sent to somebody. An address like #gaps is a place on the page.
  function fromAddress() {
    if (location.hash && !location.hash.includes("=")) return;
    const wanted = new URLSearchParams(location.hash.slice(1));
    fields.forEach((id) => {
      box(id).value = wanted.get(id) || "";
      if (box(id).selectedIndex === -1) box(id).value = "";
    });
    apply();
  }
  function toAddress() {
    const choice = new URLSearchParams(fields.map((id) => [id, box(id).value]).filter(([, value]) => value));
    history.replaceState(null, "", choice.size ? `#${choice}` : location.pathname + location.search);
  }

  function changed() {
    apply();
    toAddress();
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(changed)); // after the fields are empty
  addEventListener("hashchange", () => {
    fromAddress();
    if (location.hash.includes("=")) document.getElementById("datasets").scrollIntoView();
  });
  form.hidden = false;
  fromAddress();
})();
