// Answers a question from the list that is already on the page. Without this script the whole list is there to read.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const list = document.getElementById("dataset-list");
  if (!form || !list) return;
  const box = (id) => document.getElementById(id);
  const choices = ["organisation", "sector", "statement", "question", "kind", "geography"].filter(box);
  const fields = ["q", ...choices];
  const rows = [...list.children].map((item) => ({ item, ...item.dataset }));
  // Words of a question that say nothing of what is looked for.
  const SMALL = new Set(
    ("a about all an and any are as at be by can data dataset datasets do does for from has have held hold holding holds " +
     "how i in information is it know me my of on or our record records tell that the their there this to us we what where " +
     "which who whom whose with").split(" ")
  );
  const stem = (word) => (word.length > 3 ? word.replace(/(ies|s)$/, (end) => (end === "ies" ? "y" : "")) : word);
  const groups = form.dataset.synonyms.split("|").map((group) => group.split(",").filter(Boolean));

  // What a question asks for: for each of its words, every word that would do. Words of one group are one.
  function wanted(text) {
    const said = text.toLowerCase().replace(/[?!.,;:"“”()]/g, " ").replace(/\s+/g, " ").trim();
    const asked = new Map();
    said.split(" ").filter((word) => word && !SMALL.has(word)).map(stem).forEach((word) => {
      const group = groups.find((words) => words.some((each) => stem(each) === word));
      asked.set(group ? group[0] : word, group ? group.map(stem) : [word]);
    });
    return [...asked.values()];
  }

  function apply() {
    const question = wanted(box("q").value);
    const chosen = choices.map((id) => [id, box(id).value]).filter(([, value]) => value);
    const holders = new Map();
    let shown = 0;
    rows.forEach((row) => {
      const fits =
        question.every((words) => words.some((word) => row.search.includes(word))) &&
        chosen.every(([id, value]) => row[id].split("; ").includes(value));
      row.item.hidden = !fits;
      shown += fits;
      if (fits) row.organisation.split("; ").forEach((name) => holders.set(name, (holders.get(name) || 0) + 1));
    });
    box("count").textContent =
      shown === rows.length ? `${rows.length} datasets` : `${shown} of ${rows.length} datasets`;
    const names = [...holders].sort((one, other) => other[1] - one[1]).map(([name, n]) => `${name} (${n})`);
    box("answer").textContent = `Held by ${names.join(", ")}.`;
    box("answer").hidden = !question.length || !shown;
    box("nothing").hidden = shown > 0;
  }

  // The choice is in the address, so that it can be sent to somebody. An address like #organisations is a place on the page.
  function fromAddress() {
    if (location.hash && !location.hash.includes("=")) return;
    const given = new URLSearchParams(location.hash.slice(1));
    fields.forEach((id) => {
      box(id).value = given.get(id) || "";
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
    if (location.hash.includes("=")) box("datasets").scrollIntoView();
  });
  form.hidden = false;
  fromAddress();
})();
