// What Evals does by itself: reads its forms, follows its links, moves through the grid by key,
// sends files with their progress, and tells the page which address reopens what it shows.
(() => {
  "use strict";
  const page = window.plumbline;
  const root = document.documentElement;
  const at = (selector) => document.querySelector(selector);
  const scheme = () => root.dataset.scheme;
  const view = () => at("#evals-link input, #evals-link textarea");
  const PLAN_MS = 300;

  const read = (form) => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (value instanceof File) continue;
      if (name in fields) fields[name] = [fields[name], value].flat();
      else fields[name] = value;
    }
    return fields;
  };
  const go = (from, to) => {
    root.dataset.evals = "leaving";
    page.settled.evalsTop = !to.includes("page=");
    page.tell(from, { act: "go", to, scheme: scheme() });
  };
  const act = (from, name, more = {}) =>
    page.tell(from, { act: "do", do: name, scheme: scheme(), ...more });
  const written = (form, more = {}) => {
    const made = new URLSearchParams(form.dataset.keep || "");
    for (const [name, value] of Object.entries({ ...read(form), ...more })) {
      if (value) made.set(name, String(value));
    }
    return made.toString();
  };

  const sure = (button, words, then) => {
    const row = button.closest(".doing-row, .head-tools, li, section") || button.parentElement;
    page.confirm(row, button, words, then);
  };
  Object.assign(page.acts, {
    "evals": (b) => go(b, b.dataset.to),
    "evals-do": (b) => {
      const { act: _, do: name, ...more } = b.dataset;
      act(b, name, more);
    },
    "evals-compare": (b) => {
      const ids = chosen().map((box) => box.value);
      go(b, `compare=${ids.join(",")}`);
    },
    "evals-copy": (b) => page.copy(b.parentElement.querySelector("pre").textContent, "Copied."),
    "evals-delete-suite": (b) => sure(b, `Delete ${b.dataset.suite} for good? Runs on it stay.`,
      () => act(at("#evals-head .evals-view"), "delete-suite", { suite: b.dataset.suite })),
  });
  const painted = page.acts.scheme;
  page.acts.scheme = (b) => {
    painted(b);
    const shown = at("#evals-charts .plot-container");
    if (shown && root.dataset.tab === "evals") go(at("#evals-head .evals-view"), page.addresses.evals());
  };

  // Runs that are chosen to be compared must be of one suite.
  const chosen = () => [...document.querySelectorAll(".runs [name=chosen]:checked")];
  const dress = () => {
    const button = at('[data-act="evals-compare"]');
    if (!button) return;
    const boxes = chosen();
    const suites = new Set(boxes.map((box) => box.dataset.suite));
    button.disabled = boxes.length < 2 || boxes.length > 8 || suites.size > 1;
    const note = button.nextElementSibling;
    note.textContent = suites.size > 1
      ? "The chosen runs answered different suites."
      : boxes.length > 8 ? "Eight at most." : "Choose two or more of one suite.";
  };

  let waiting = 0;
  const plan = (form) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => act(form, "plan", { fields: read(form) }), PLAN_MS);
  };
  const searching = () => {
    const method = at("#run-method")?.value;
    const swept = [...document.querySelectorAll("#run-form [name=methods]:checked")].map((b) => b.value);
    const used = swept.length ? swept : [method];
    const off = !used.some((name) => name === "rag" || name === "agent");
    for (const name of ["corpus", "retrieval", "top_k"]) {
      const field = at(`#run-${name}`);
      if (field) field.closest(".field").hidden = off;
    }
  };

  // A file is sent with its progress; what is wrong with it is listed row by row.
  const told = (words, kind = "none") => {
    const place = at("#brought");
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = words;
    place.replaceChildren(line);
    return place;
  };
  const listed = (rows) => {
    const list = document.createElement("ul");
    list.className = "listed";
    for (const row of rows) {
      const item = document.createElement("li");
      const unit = Object.keys(row).find((key) => key !== "reason");
      item.textContent = `${unit} ${row[unit]}: ${row.reason}.`;
      list.append(item);
    }
    return list;
  };
  const send = (form, body, check) => {
    const request = new XMLHttpRequest();
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", "Sent");
    told("Sending the file.").append(bar);
    request.upload.onprogress = (e) => {
      if (!e.lengthComputable) return;
      bar.value = e.loaded / e.total;
      if (e.loaded === e.total) told("Reading every row.");
    };
    request.onerror = () => told("✕ The server could not be reached. Try again.", "wrong");
    request.onload = () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* said below */ }
      if (request.status >= 400) {
        const words = answer.detail || answer.title || "The server could not do that.";
        told(`✕ ${words} ${answer.hint || ""}`, "wrong");
      } else if (check && !answer.usable) {
        const more = answer.bad > answer.problems.length ? ` The first ${answer.problems.length} are listed.` : "";
        told(`✕ ${answer.bad} of ${answer.rows} rows cannot be used; nothing would be kept.${more}`, "wrong")
          .append(listed(answer.problems));
      } else if (check) {
        told(`✓ All ${answer.rows} rows can be used.`, "right");
      } else {
        go(at("#evals-head .evals-view"), `view=datasets&dataset=${encodeURIComponent(answer.name)}`);
      }
    };
    request.open("POST", "v1/datasets");
    const known = page.kept.get("plumbline-owner");
    if (window.top !== window && known) request.setRequestHeader("X-Plumbline-Owner", known);
    request.send(body);
  };
  const bring = (form, check) => {
    const file = form.elements.file.files[0];
    if (!file) return told("✕ Choose a file first.", "wrong");
    // The fields beside the file need some room too.
    if (file.size + 200_000 > Number(form.dataset.most)) return told(`✕ ${form.dataset.larger}`, "wrong");
    if (!form.elements.name.value.trim()) return told("✕ Give the suite a name.", "wrong");
    const body = new FormData();
    for (const [name, value] of Object.entries(read(form))) if (value && name !== "check") body.append(name, value);
    if (check) body.append("check", "true");
    body.append("file", file);
    send(form, body, check);
  };

  const submits = {
    "filter": (form) => go(form, written(form)),
    "compare": (form) => {
      const ids = [...form.querySelectorAll("[name=chosen]:checked")].map((box) => box.value);
      if (ids.length < 2 || ids.length > 8) return page.say("Choose two to eight runs.");
      go(form, `compare=${ids.join(",")}`);
    },
    "save-config": (form) => {
      const fields = at("#run-form") ? read(at("#run-form")) : {};
      act(form, "save-config", { fields: { ...fields, ...read(form) } });
    },
    "bring": (form, by) => bring(form, by?.name === "check"),
  };
  document.addEventListener("submit", (e) => {
    const name = e.target.dataset?.evals;
    if (!name) return;
    e.preventDefault();
    const { evals: _, keep: __, ...more } = e.target.dataset;
    if (submits[name]) submits[name](e.target, e.submitter);
    else act(e.target, name, { ...more, fields: read(e.target) });
  });
  document.addEventListener("change", (e) => {
    const field = e.target;
    if (field.name === "chosen") return dress();
    if (field.form?.dataset.evals === "filter") submits.filter(field.form);
    if (field.form?.id === "run-form") { searching(); plan(field.form); }
  });
  document.addEventListener("input", (e) => {
    if (e.target.form?.id === "run-form" && e.target.matches("[type=text], [type=number]")) plan(e.target.form);
  });

  // One cell of the grid is in the tab order; the arrows move it.
  document.addEventListener("keydown", (e) => {
    const cell = e.target.closest?.(".grid .cell");
    if (!cell) return;
    const cells = [...cell.parentElement.children];
    const now = cells.indexOf(cell);
    const row = cells.filter((each) => each.offsetTop === cell.offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -row, ArrowDown: row }[e.key];
    const to = e.key === "Home" ? 0 : e.key === "End" ? cells.length - 1 : step === undefined ? -1 : now + step;
    const next = cells[to];
    if (!next) return;
    e.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });

  // A view that has come begins at its top.
  let shown = "";
  page.settled.push(() => {
    const link = page.addresses.evals();
    if (link === undefined) return;
    dress();
    if (at("#run-form") && !at("#run-form").dataset.dressed) {
      at("#run-form").dataset.dressed = "1";
      searching();
    }
    if (link === shown) return;
    shown = link;
    root.dataset.evals = "";
    if (page.settled.evalsTop) at(".evals-page").scrollTop = 0;
    page.settled.evalsTop = false;
  });
  page.addresses.evals = () => at("#evals-head .evals-view")?.dataset.link;
})();
