"use strict";
// The findings of a night, to search. The page is whole without this script, which only
// hides rows and shows them: it writes nothing but counts and roles, and asks no network for
// anything.
(() => {
  const $ = (id) => document.getElementById(id);
  if (!$("rows")) return;
  const atOnce = 200; // rows; more are shown when asked for
  const filters = ["serious", "kind", "place", "then"];
  const column = { serious: 0, kind: 1, place: 2, then: 6 };
  const rows = [...$("rows").tBodies[0].rows].map((at) => {
    const row = { at, look: at.className, words: at.textContent.toLowerCase() };
    for (const f of filters) row[f] = at.cells[column[f]].firstChild.textContent;
    return row;
  });
  let limit = atOnce;

  // The style makes boxes of the rows; some readers then no longer take it for a table.
  for (const [parts, role] of Object.entries({ "#rows": "table", "#rows thead, #rows tbody": "rowgroup", "#rows tr": "row", "#rows th": "columnheader", "#rows td": "cell" })) {
    for (const at of document.querySelectorAll(parts)) at.setAttribute("role", role);
  }

  function show() {
    const words = $("find").value.toLowerCase().split(/\s+/).filter((w) => w !== "");
    const wanted = filters.map((f) => [f, $(f).value]).filter(([, value]) => value !== "");
    let fit = 0;
    for (const row of rows) {
      const fits = wanted.every(([f, value]) => row[f] === value) && words.every((w) => row.words.includes(w));
      if (fits) fit++;
      const look = !fits ? "off" : fit > limit ? "later" : "";
      if (look !== row.look) row.at.className = row.look = look;
    }
    const shown = Math.min(fit, limit);
    $("shown").textContent = (fit === rows.length ? `${rows.length} rows` : `${fit} of ${rows.length} rows fit`) + (shown < fit ? `; the first ${shown} are shown` : "");
    $("more").hidden = $("whole").hidden = shown === fit;
  }

  function anew() {
    limit = atOnce;
    show();
  }

  for (const id of ["find", ...filters]) $(id).addEventListener("input", anew);
  $("more").addEventListener("click", () => { limit += atOnce; show(); });
  $("whole").addEventListener("click", () => { limit = rows.length; show(); });
  $("clear").addEventListener("click", () => {
    for (const id of ["find", ...filters]) $(id).value = "";
    anew();
    $("find").focus();
  });
  for (const button of document.querySelectorAll(".matrix button")) {
    button.addEventListener("click", () => {
      for (const id of ["find", ...filters]) $(id).value = "";
      $("place").value = button.dataset.place;
      $("serious").value = button.dataset.serious;
      anew();
      $("find").focus();
    });
  }
  show();
})();
