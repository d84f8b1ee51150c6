// What Search does by itself: reads its form, asks anew when a choice changes, folds and copies
// code, and tells the page which address reopens what it shows.
(() => {
  "use strict";
  const page = window.plumbline;
  const root = document.documentElement;
  const at = (selector) => document.querySelector(selector);
  const form = () => at("#query");
  const mapped = () => Boolean(at("#search-map .plot-container"));

  // Everything the fields say, wherever on the page they stand
  const read = (of) => {
    const data = new FormData(of);
    const values = Object.fromEntries(data);
    for (const name of ["language", "kind"]) values[name] = data.getAll(name);
    // Gradio takes a "path" that is a word for a file of its own and refuses the whole event.
    if ("path" in values) values.path = values.path.split(/[\s,]+/);
    return values;
  };
  const asked = () => ({
    ...read(form()),
    scheme: root.dataset.scheme,
    map: mapped(),
    ids: [...document.querySelectorAll("#found .side:first-child .hit, .found > .hits .hit")]
      .filter((hit) => !hit.closest(".misses")).map((hit) => hit.dataset.id),
  });
  const typed = () => form().elements.q.value.trim();
  const search = () => page.tell(form(), { ask: true, act: "search", ...asked() });
  const again = () => { if (typed()) search(); };
  const draw = () => page.tell(form(), { act: "map", ...asked() });

  const forget = () => {
    for (const box of document.querySelectorAll("#search-narrow input")) {
      if (box.type === "checkbox") box.checked = false; else box.value = "";
    }
  };
  const confirmDelete = (button) => {
    const row = button.closest(".doing-row");
    page.confirm(row, button, `Delete ${button.dataset.title} and its index for good?`, () =>
      page.tell(row, { act: "delete-corpus", name: button.dataset.name }));
  };

  const adding = (open) => {
    const panel = at("#add-panel");
    panel.hidden = !open;
    if (!open) return at('[data-act="add"]')?.focus();
    at("#add-source").focus();
    panel.scrollIntoView({ block: "nearest" });
  };

  Object.assign(page.acts, {
    "add": () => adding(at("#add-panel").hidden),
    "close-add": () => adding(false),
    "to-corpus": () => at("#corpus-panel").scrollIntoView({ block: "start" }),
    "example": (b) => { form().elements.q.value = b.dataset.text; search(); form().elements.q.focus(); },
    "search-again": search,
    "clear-filters": () => { forget(); search(); },
    "unfold": (b) => {
      const rows = b.nextElementSibling;
      rows.hidden = false;
      b.remove();
      rows.closest("pre").focus();
    },
    "copy-hit": (b) => {
      const rows = [...b.closest(".hit").querySelectorAll(".row")];
      page.copy(rows.map((row) => row.textContent).join(""), "Code copied.");
    },
    "map": () => { page.settled.toMap = true; draw(); },
    "close-map": (b) => { page.tell(form(), { act: "close-map" }); at('[data-act="map"]')?.focus(); },
    "source": (b) => {
      const field = at("#add-source");
      field.value = b.dataset.text;
      field.focus();
    },
    "cancel-ingest": (b) => page.tell(b, { act: "cancel-ingest", id: b.dataset.id }),
    "delete-corpus": confirmDelete,
  });
  const scheme = page.acts.scheme;
  page.acts.scheme = (b) => { scheme(b); if (mapped()) draw(); };

  document.addEventListener("submit", (e) => {
    const act = e.target.dataset?.submit;
    if (!act) return;
    e.preventDefault();
    if (act === "search") search();
    else page.tell(e.target, { act, ...read(e.target) });
  });
  document.addEventListener("change", (e) => {
    const field = e.target;
    if (field.form?.id !== "query" || field.name === "q") return;
    if (field.name === "corpus") {
      forget();
      if (!form().elements.q.value.trim()) return page.tell(form(), { act: "corpus", ...asked() });
    }
    again();
  });
  document.addEventListener("keydown", (e) => {
    if (root.dataset.tab !== "search") return;
    const typing = e.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select");
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey) {
      e.preventDefault();
      form()?.elements.q.focus();
    }
    if (e.key !== "Escape" || e.defaultPrevented) return;
    if (e.target.closest?.("#add-panel")) adding(false);
    else if (!typing && mapped()) page.acts["close-map"]();
  });

  // An ingest that has begun is followed on top of the page.
  page.settled.push(() => {
    const begun = at("#added [data-begun]");
    if (!begun) return;
    delete begun.dataset.begun;
    at("#add-panel").hidden = true;
    at("#add").reset();
    at(".search-page").scrollTop = 0;
  });

  // A map that was asked for comes into sight, wherever the button stands.
  page.settled.push(() => {
    if (!page.settled.toMap || !at("#map-note")?.checkVisibility()) return;
    page.settled.toMap = !mapped() && !at("#map-note .failure");
    at("#search-map").scrollIntoView({ block: "nearest" });
  });

  // Why something was refused stands above the form that asked for it; it comes into sight.
  page.settled.push(() => {
    const why = at("#added .failure:not([data-seen])");
    if (!why) return;
    why.dataset.seen = "1";
    why.scrollIntoView({ block: "nearest" });
  });

  // The corpus that the page shows is the one that is chosen, however it came to be shown.
  page.settled.push(() => {
    const shown = at("#search-narrow [data-chosen]")?.dataset.chosen;
    const field = form()?.elements.corpus;
    if (!field || shown === page.settled.chosen) return;
    page.settled.chosen = shown;
    field.value = shown;
  });
  // News of a corpus that was on its way when the query was asked must not put examples over results.
  let seen = "";
  page.settled.push(() => {
    if (at("#found :is(.hits, .versus)")) seen = typed();
    else if (seen && seen === typed() && at("#found .tries")) {
      seen = "";
      again();
    }
  });
  // What was found by words alone is searched again, once, as soon as vectors can be used.
  page.settled.push(() => {
    const found = at("#found .found:has(.notice)")?.dataset.link;
    if (!found || !at("#search-standing .mark.ok") || page.settled.again === found) return;
    page.settled.again = found;
    again();
  });
  page.addresses.search = () => {
    const found = at("#found .found");
    return found ? found.dataset.link || "" : undefined;
  };
})();
