/* A bundle's own script: light or dark, and the list of a run's samples. It fetches nothing; the
   data comes as scripts, which a page opened from disk may load. All text is set as text. */
(() => {
  const root = document.documentElement;
  const kept = () => { try { return localStorage.getItem("scheme"); } catch { return null; } };
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const dress = scheme => {
    root.dataset.scheme = scheme;
    const button = document.getElementById("scheme");
    if (button) button.textContent = scheme === "dark" ? "Light" : "Dark";
  };
  dress(kept() || system);

  const MARKS = { correct: "✓", wrong: "✕", refused: "○", unsupported: "◐", unparsed: "?", error: "!", unscored: "—" };
  const SIGNS = { supported: "✓", partly: "◐", unsupported: "○" };
  const STEP = 50;
  const pieces = new Map();
  let list = null, size = 1, slug = "", shown = STEP;

  const made = (tag, name, words) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (words !== undefined) element.textContent = words;
    return element;
  };
  const seconds = value => value === null ? "—" : `${value >= 10 ? value.toFixed(0) : value.toFixed(2)} s`;

  window.plumbline = {
    samples(name, told) { slug = name; list = told.rows; size = told.size; },
    piece(name, n, rows) { pieces.get(n)?.done(rows); },
  };

  const piece = n => {
    if (!pieces.has(n)) {
      const waiting = {};
      waiting.rows = new Promise((done, failed) => {
        waiting.done = done;
        const script = made("script");
        script.src = `data/${slug}/piece-${n}.js`;
        script.onerror = () => failed(new Error(`data/${slug}/piece-${n}.js is not there`));
        document.head.append(script);
      });
      pieces.set(n, waiting);
    }
    return pieces.get(n).rows;
  };

  const part = (parent, title, words) => {
    if (!words || !words.length) return;
    parent.append(made("h3", "", title), made("pre", "", words));
  };
  const detail = told => {
    const box = made("div", "detail");
    part(box, "Question", told.question);
    part(box, "Accepted answers", told.references.join("\n"));
    part(box, "Answer", told.answer);
    part(box, "Quote of the evidence", told.quote);
    part(box, "Reasoning", told.reasoning);
    part(box, "Why it ended", told.reason);
    part(box, "Error", [told.error, told.error_text].filter(Boolean).join(": "));
    part(box, "Supported by the evidence: ✓ yes, ◐ partly, ○ no", told.marks.filter(m => SIGNS[m.mark]).map(m => `${SIGNS[m.mark]} ${m.text}${m.chunks.length ? ` · evidence ${m.chunks.join(", ")}` : ""}`).join("\n"));
    part(box, "Scores", told.scores.map(s => `${s.scorer}@${s.version}: ${s.value === null ? "unscored" : +s.value.toPrecision(3)}${s.why ? " · " + s.why : ""}`).join("\n"));
    part(box, "Labels", told.labels.map(l => `${l.passed ? "right" : "wrong"}, says ${l.name}: ${l.reason}`).join("\n"));
    for (const e of told.evidence) part(box, `Evidence ${e.n} · ${e.path}:${e.start}-${e.end}${e.symbol ? " · " + e.symbol : ""}`, e.text);
    for (const step of told.steps) {
      if (step.kind === "prompt") for (const turn of step.messages) part(box, `Prompt, ${turn.role}`, turn.content);
      else part(box, `Step: ${step.kind}${step.tool ? " · " + step.tool : ""}`, [step.given, step.text].filter(Boolean).join("\n"));
    }
    const tokens = [told.tokens_in, told.tokens_out].map(n => n === null ? "—" : n).join(" read, ");
    part(box, "Cost", `${seconds(told.seconds)}, first token ${seconds(told.first_token_s)}, tokens ${tokens} written${told.cached ? ", answer from an earlier run" : ""}`);
    part(box, "Notices", told.notices.join("\n"));
    return box;
  };

  const open = async (item, button, index) => {
    const there = item.querySelector(".detail");
    if (there) { there.remove(); button.setAttribute("aria-expanded", "false"); return; }
    button.setAttribute("aria-expanded", "true");
    try {
      const rows = await piece(Math.floor(index / size));
      item.append(detail(rows[index % size]));
    } catch (error) {
      item.append(made("p", "detail quiet", `${error.message}. Unpack the whole bundle and open this page again.`));
    }
    history.replaceState(null, "", `#${item.id}`);
  };

  const row = index => {
    const [position, epoch, id, kind, outcome, time, question, answer] = list[index];
    const item = made("li");
    item.id = `sample-${position}-${epoch}`;
    const button = made("button", "row");
    button.type = "button";
    button.setAttribute("aria-expanded", "false");
    button.append(
      made("span", `outcome ${outcome}`, `${MARKS[outcome] || ""} ${outcome}`),
      made("span", "quiet", kind || id), made("span", "question", question),
      made("span", "answer quiet", answer), made("span", "time quiet", seconds(time)));
    button.addEventListener("click", () => open(item, button, index));
    item.append(button);
    return item;
  };

  const fitting = () => {
    const [words, outcome, kind] = ["words", "outcome", "kind"].map(id => document.getElementById(id).value);
    const sought = words.trim().toLowerCase();
    return list.map((_, index) => index).filter(index => {
      const [, , id, ofKind, what, , question, answer] = list[index];
      return (!outcome || what === outcome) && (!kind || ofKind === kind)
        && (!sought || `${id}\n${question}\n${answer}`.toLowerCase().includes(sought));
    });
  };
  const fill = () => {
    const found = fitting();
    document.getElementById("rows").replaceChildren(...found.slice(0, shown).map(row));
    document.getElementById("found").textContent = `${found.length} of ${list.length} samples`;
    document.getElementById("more").hidden = found.length <= shown;
  };
  const jump = () => {
    const index = list.findIndex(([position, epoch]) => location.hash === `#sample-${position}-${epoch}`);
    if (index < 0) return;
    shown = Math.max(shown, index + 1);
    fill();
    const item = document.getElementById(location.hash.slice(1));
    item.querySelector("button").click();
    item.scrollIntoView();
  };

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("scheme");
    button.hidden = false;
    dress(root.dataset.scheme);
    button.addEventListener("click", () => {
      const next = root.dataset.scheme === "dark" ? "light" : "dark";
      try { localStorage.setItem("scheme", next); } catch { /* a page from disk may keep nothing */ }
      dress(next);
    });
    if (!list) return;
    for (const id of ["words", "outcome", "kind"]) {
      document.getElementById(id).addEventListener("input", () => { shown = STEP; fill(); });
    }
    document.getElementById("more").addEventListener("click", () => { shown += STEP; fill(); });
    fill();
    jump();
    addEventListener("hashchange", jump);
  });
})();
