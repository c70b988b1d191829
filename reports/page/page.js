"use strict";
// A worksheet in the browser. The page is whole without this script; the script takes
// the answers, keeps them in the browser and saves them as a file. It puts text into the
// page by textContent and value only, and asks no network for anything.
(() => {
  const $ = (id) => document.getElementById(id);
  const about = JSON.parse($("about").textContent);
  const key = ["rollcall", about.campaign, about.sheet, about.digest].join(":");
  const shortest = 10; // characters of a reason
  const fields = ["reason", "change_to", "pass_to", "comment"];
  const rows = [...document.querySelectorAll("article.row")].map(makeRow);
  const byID = new Map(rows.map((row) => [row.id, row]));
  let current = -1;

  // The answers.

  function makeRow(at) {
    const row = { at, id: at.dataset.id, mac: at.dataset.mac, person: at.dataset.person, system: at.dataset.system,
      first: "first" in at.dataset, against: "against" in at.dataset, decision: "", inputs: {},
      words: at.querySelector(".what").textContent.toLowerCase() };
    for (const f of fields) row.inputs[f] = at.querySelector(`[data-field=${f}]`);
    return row;
  }

  const said = (row, field) => row.inputs[field].value.trim();

  const reasonNeeded = (row) => row.decision === "Change" || row.decision === "Not mine" ||
    (row.decision === "Keep" && (row.first || row.against));

  // todo says what a row still wants, in the words of the workbook.
  function todo(row) {
    if (!row.decision) return row.first ? "Decide first" : "Open";
    if (row.decision === "Change" && !said(row, "change_to")) return "Say what instead";
    if (row.decision === "Not mine" && !said(row, "pass_to")) return "Say who";
    if (reasonNeeded(row) && said(row, "reason").length < shortest) return "Give a reason";
    return "Done";
  }

  function show(row) {
    const wants = todo(row), open = !row.decision;
    row.at.dataset.state = open ? "open" : wants === "Done" ? "done" : "wanting";
    row.at.querySelector(".todo").textContent = wants;
    for (const b of row.at.querySelectorAll("[data-choice]")) b.setAttribute("aria-pressed", String(b.dataset.choice === row.decision));
    row.at.querySelector(".fields").hidden = open;
    row.at.querySelector(".change_to").hidden = row.decision !== "Change";
    row.at.querySelector(".pass_to").hidden = row.decision !== "Not mine";
    row.at.querySelector(".need").textContent = reasonNeeded(row) ? "(needed: ten characters or more)" : "(if you like)";
    row.inputs.reason.required = reasonNeeded(row);
    const others = rows.filter((r) => r !== row && r.person === row.person && !r.decision).length;
    row.at.querySelector(".same").hidden = wants !== "Done" || others === 0;
  }

  function answersOf(row) {
    const a = { decision: row.decision };
    for (const f of fields) a[f] = said(row, f);
    if (row.decision !== "Change") a.change_to = "";
    if (row.decision !== "Not mine") a.pass_to = "";
    return a;
  }

  function take(row, a) {
    row.decision = about.decisions.includes(a.decision) ? a.decision : "";
    for (const f of fields) row.inputs[f].value = typeof a[f] === "string" ? a[f].slice(0, row.inputs[f].maxLength) : "";
  }

  function decide(row, choice) {
    row.decision = row.decision === choice ? "" : choice;
    changed(row.person);
    tell(`${row.decision || "Open again"}. ${row.decision ? todo(row) : ""}`);
  }

  // changed redraws one person's rows (all rows if none is named), counts and saves.
  function changed(person) {
    rows.filter((r) => person === undefined || r.person === person).forEach(show);
    count();
    save();
  }

  function count() {
    const left = { open: 0, first: 0, wanting: 0 };
    for (const r of rows) {
      if (!r.decision) { left.open++; if (r.first) left.first++; } else if (todo(r) !== "Done") left.wanting++;
    }
    $("progress").value = rows.length - left.open;
    $("counts").textContent = `${rows.length - left.open} of ${rows.length} rows decided` +
      (left.first ? ` · ${left.first} to decide first` : "") + (left.wanting ? ` · ${left.wanting} incomplete` : "");
    $("left").textContent = left.open + left.wanting === 0 ? "Every row is done." :
      `Open: ${left.open}. Incomplete: ${left.wanting}. You may send the file as it is: what is done counts, the rest stays open.`;
  }

  // Same for all of this person: their open rows only, and a Keep never passes over what
  // is to be decided first.
  function sameForAll(row) {
    const given = answersOf(row), open = rows.filter((r) => r !== row && r.person === row.person && !r.decision);
    const skipped = given.decision === "Keep" ? open.filter((r) => r.first || r.against) : [];
    const filled = open.filter((r) => !skipped.includes(r));
    filled.forEach((r) => take(r, { ...given, comment: "" }));
    changed(row.person);
    tell(`${filled.length} more rows of this person: ${given.decision}.` +
      (skipped.length ? ` ${skipped.length} are left for you to look at one by one.` : ""),
      filled.length ? () => { filled.forEach((r) => take(r, {})); changed(row.person); tell("The other rows are open again."); } : undefined);
  }

  // What the page says.

  function tell(text, undo) {
    $("said").textContent = text;
    if (undo) $("said").append(" ", button("Undo", undo));
  }

  function warn(text, label, action) {
    $("warning").textContent = text;
    if (label) $("warning").append(" ", button(label, action));
    $("warning").hidden = false;
  }

  function button(label, action) {
    const b = document.createElement("button");
    b.type = "button";
    b.textContent = label;
    b.addEventListener("click", action);
    return b;
  }

  // What the browser keeps. Two pages of the same worksheet must not overwrite each
  // other: the one that sees the other save stops saving, and says so.

  const tab = String(Math.random());
  let keeps = true, dirty = false;

  function save() {
    dirty = true;
    if (!keeps) return;
    const kept = { saved_at: new Date().toISOString(), signed_by: $("signed_by").value, rows: {} };
    for (const r of rows) {
      const a = answersOf(r);
      if (Object.values(a).some(Boolean)) kept.rows[r.id] = a;
    }
    try {
      localStorage.setItem(key, JSON.stringify(kept));
      dirty = false;
    } catch {
      keeps = false;
      warn("This browser does not keep your answers. Save a draft before you close the page.");
    }
  }

  function restore() {
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "null");
      localStorage.setItem(key + ":opened", tab);
      if (!kept) return;
      for (const [id, a] of Object.entries(kept.rows)) if (byID.has(id)) take(byID.get(id), a);
      $("signed_by").value = kept.signed_by;
      if (Object.keys(kept.rows).length) tell(`Your answers of ${new Date(kept.saved_at).toLocaleString()} are back.`);
    } catch {
      keeps = false;
      warn("This browser does not keep your answers. Save a draft before you close the page.");
    }
  }

  addEventListener("storage", (e) => {
    if (e.key === key + ":opened" && e.newValue !== tab) {
      warn("This worksheet is open in another tab or window too. Please go on in one of them only.");
      localStorage.setItem(key + ":also", tab); // so that the other one says it as well
    } else if (e.key === key + ":also") {
      warn("This worksheet is open in another tab or window too. Please go on in one of them only.");
    } else if (e.key === key) {
      keeps = false;
      warn("Answers were given in another tab or window, so this one does not keep yours any more.", "Go on here with what was answered there", () => { dirty = false; location.reload(); });
    }
  });
  addEventListener("beforeunload", (e) => { if (dirty && !keeps) e.preventDefault(); });

  // The file.

  function file() {
    return { schema: about.schema, campaign: about.campaign, sheet: about.sheet, signed_by: $("signed_by").value.trim(),
      rows: rows.map((r) => ({ id: r.id, mac: r.mac, ...answersOf(r) })) };
  }

  function download(name) {
    const a = document.createElement("a");
    a.href = URL.createObjectURL(new Blob([JSON.stringify(file(), null, 1) + "\n"], { type: "application/json" }));
    a.download = name;
    a.click();
    setTimeout(() => URL.revokeObjectURL(a.href), 60000);
    dirty = false;
    tell(`Saved as ${name}.`);
  }

  function send() {
    const name = $("signed_by"), signed = name.value.trim() !== "";
    name.setAttribute("aria-invalid", String(!signed));
    if (!signed) {
      $("left").textContent = "Please write your name first: the file says who decided.";
      name.focus();
      return;
    }
    count();
    download(about.sheet + ".decisions.json");
  }

  async function load(input) {
    const chosen = input.files[0];
    if (!chosen) return;
    try {
      const got = JSON.parse(await chosen.text());
      if (got.schema !== about.schema || !Array.isArray(got.rows)) throw new Error("it is no draft of this page");
      if (got.campaign !== about.campaign || got.sheet !== about.sheet) throw new Error(`it belongs to ${got.sheet} of ${got.campaign}`);
      const known = got.rows.filter((r) => byID.has(r.id));
      known.forEach((r) => take(byID.get(r.id), r));
      if (typeof got.signed_by === "string") $("signed_by").value = got.signed_by;
      changed();
      tell(`${known.filter((r) => r.decision).length} answers were loaded from ${chosen.name}.`);
    } catch (e) {
      tell(`${chosen.name} was not loaded, and nothing was changed: ${e instanceof SyntaxError ? "it is no draft of this page" : e.message}.`);
    }
    input.value = "";
  }

  // Filters look at the rows when they are set, so that a row does not vanish while
  // somebody works on it.

  function filter() {
    const system = $("system").value, words = $("find").value.trim().toLowerCase();
    let shown = 0;
    for (const r of rows) {
      const fits = (!$("flagged").checked || r.first) && (!$("open").checked || todo(r) !== "Done") &&
        (!system || r.system === system) && (!words || r.words.includes(words));
      r.at.hidden = !fits;
      if (fits) shown++;
    }
    $("none").hidden = shown > 0;
    $("shown").textContent = shown < rows.length ? `${shown} of ${rows.length} rows shown` : "";
  }

  // Keys.

  function move(step) {
    let next = current;
    do next += step; while (rows[next] && rows[next].at.hidden);
    if (rows[next]) rows[next].at.focus();
  }

  function write(row) {
    const wanted = row.decision === "Change" && !said(row, "change_to") ? "change_to" :
      row.decision === "Not mine" && !said(row, "pass_to") ? "pass_to" : "reason";
    if (row.decision) row.inputs[wanted].focus();
  }

  const letters = { K: "Keep", C: "Change", R: "Remove", N: "Not mine" };

  function press(e) {
    if (e.ctrlKey || e.altKey || e.metaKey || e.isComposing) return false;
    const writing = e.target.closest("input:not([type=checkbox]), textarea, select");
    const row = rows[current];
    if (e.key === "Escape" && writing && row && row.at.contains(writing)) { row.at.focus(); return true; }
    if (writing || !$("keys").checked) return false;
    if (e.key === "/") { $("find").focus(); return true; }
    if (e.key === "ArrowDown" || (e.key.toLowerCase() === "j" && !e.shiftKey)) { move(1); return true; }
    if (e.key === "ArrowUp" || (e.key.toLowerCase() === "k" && !e.shiftKey)) { move(-1); return true; }
    if (!row || !row.at.contains(document.activeElement)) return false;
    const choice = e.shiftKey ? letters[e.key.toUpperCase()] : about.decisions[Number(e.key) - 1];
    if (choice) { if (row.decision !== choice) decide(row, choice); return true; }
    if (e.key === "0" && row.decision) { decide(row, row.decision); return true; }
    if (e.key === "e") { write(row); return true; }
    return false;
  }

  rows.forEach((row, i) => {
    row.at.addEventListener("focusin", () => { current = i; });
    row.at.addEventListener("input", () => changed(row.person));
    row.at.addEventListener("click", (e) => {
      const b = e.target.closest("button");
      if (b && b.dataset.choice) decide(row, b.dataset.choice);
      if (b && b.classList.contains("same")) sameForAll(row);
    });
  });
  document.addEventListener("keydown", (e) => { if (press(e)) e.preventDefault(); });
  for (const id of ["flagged", "open", "system", "find"]) $(id).addEventListener("input", filter);
  $("signed_by").addEventListener("input", save);
  $("save").addEventListener("click", send);
  $("draft").addEventListener("click", () => download(about.sheet + ".draft.json"));
  $("load").addEventListener("change", () => load($("load")));
  $("print").addEventListener("click", () => print());
  restore();
  rows.forEach(show);
  count();
})();
