// The evidence beside an answer: it is opened by a citation or a sign of support, and the lines
// that a sentence stands on are lit while the sentence's sign is pointed at or has the focus. A
// sample of a run has its evidence below its answer, where nothing has to be opened.
(() => {
  "use strict";
  const page = window.plumbline;
  const POINTS = ".cite, .sign[data-n]";
  const panel = () => document.getElementById("evidence-panel");
  const place = (at) => at.sample ?? panel();
  const shown = (at) => place(at)?.querySelector(".evidence")?.dataset.position;
  const inDrawer = () => getComputedStyle(panel()).position === "absolute";
  let opened = null;
  let near = null;
  let painted = "";
  let asked = "";

  const reveal = () => { if (inDrawer()) page.drawer("evidence-panel", true); };
  const follows = (one, other) =>
    one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;
  // A citation stands for the lines of the sentence it is in, whose sign comes after it.
  const pointed = (button) => {
    const sample = button.closest(".sample");
    const turn = sample ?? button.closest(".turn");
    const signs = [...turn.querySelectorAll(".said .sign")];
    const sign = button.matches(".sign") ? button : signs.find((each) => follows(button, each));
    const same = sign?.dataset.n === button.dataset.n;
    return {
      sample,
      position: turn.dataset.position,
      n: button.dataset.n,
      first: same ? Number(sign.dataset.first) : 0,
      last: same ? Number(sign.dataset.last) : 0,
    };
  };

  const paint = () => {
    const at = near ?? opened;
    const fits = at && at.position === shown(at);
    const card = fits ? place(at).querySelector(`.passage[data-n="${at.n}"]`) : null;
    for (const each of document.querySelectorAll(".passage")) {
      each.classList.toggle("near", each === card);
    }
    const inside = (e) => Number(e.dataset.first) <= at.last && Number(e.dataset.last) >= at.first;
    let top = null;
    for (const each of document.querySelectorAll(".evidence [data-first]")) {
      const whole = !each.querySelector("[data-first]");
      const on = Boolean(card?.contains(each) && whole && at.first && inside(each));
      each.classList.toggle("on", on);
      top ??= on ? each : null;
    }
    const now = card ? JSON.stringify({ ...at, sample: Boolean(at.sample) }) : "";
    // A page that moves under the pointer would take the sentence away.
    const still = at?.sample && at === near;
    if (card && now !== painted && !still) (top ?? card).scrollIntoView({ block: "nearest" });
    painted = now;
  };

  const point = (button) => {
    near = button ? pointed(button) : null;
    if (near && !near.sample && near.position !== shown(near) && !inDrawer() && asked !== near.position) {
      asked = near.position;
      page.tell(button, { kind: "evidence", position: near.position });
    }
    paint();
  };
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (e) => {
      const button = e.target.closest?.(POINTS);
      const of = button?.closest("#log .turn, .sample") ? button : null;
      if (of || near) point(of);
    });
  }

  const open = (button) => {
    opened = pointed(button);
    near = null;
    painted = "";
    if (!opened.sample) {
      page.tell(button, { kind: "evidence", position: opened.position, n: opened.n });
      reveal();
    }
    paint();
  };
  Object.assign(page.acts, {
    "cite": open,
    "sign": (b) => { if (b.dataset.n) open(b); },
    "evidence": (b) => {
      opened = null;
      page.tell(b, { kind: "evidence", position: b.closest(".turn").dataset.position });
      reveal();
    },
  });

  let chat = "";
  page.settled.push(() => {
    const now = document.querySelector("#log .conversation")?.dataset.chat ?? "";
    if (now !== chat) { opened = near = null; chat = now; }
    asked = "";
    paint();
  });
})();
