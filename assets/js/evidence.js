// The evidence beside an answer: it is opened by a citation or a sign of support, and the lines
// that a sentence stands on are lit while the sentence's sign is pointed at or has the focus.
(() => {
  "use strict";
  const page = window.plumbline;
  const POINTS = ".cite, .sign[data-n]";
  const panel = () => document.getElementById("evidence-panel");
  const shown = () => panel()?.querySelector(".evidence")?.dataset.position;
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
    const turn = button.closest(".turn");
    const signs = [...turn.querySelectorAll(".said .sign")];
    const sign = button.matches(".sign") ? button : signs.find((each) => follows(button, each));
    const same = sign?.dataset.n === button.dataset.n;
    return {
      position: turn.dataset.position,
      n: button.dataset.n,
      first: same ? Number(sign.dataset.first) : 0,
      last: same ? Number(sign.dataset.last) : 0,
    };
  };

  const paint = () => {
    const at = near ?? opened;
    const fits = at && at.position === shown();
    const card = fits ? document.getElementById(`passage-${at.n}`) : null;
    for (const each of document.querySelectorAll(".passage")) {
      each.classList.toggle("near", each === card);
    }
    const inside = (e) => Number(e.dataset.first) <= at.last && Number(e.dataset.last) >= at.first;
    let top = null;
    for (const each of panel()?.querySelectorAll("[data-first]") ?? []) {
      const whole = !each.querySelector("[data-first]");
      const on = Boolean(card?.contains(each) && whole && at.first && inside(each));
      each.classList.toggle("on", on);
      top ??= on ? each : null;
    }
    const now = card ? JSON.stringify(at) : "";
    if (card && now !== painted) (top ?? card).scrollIntoView({ block: "nearest" });
    painted = now;
  };

  const point = (button) => {
    near = button ? pointed(button) : null;
    if (near && near.position !== shown() && !inDrawer() && asked !== near.position) {
      asked = near.position;
      page.tell(button, { kind: "evidence", position: near.position });
    }
    paint();
  };
  for (const name of ["pointerover", "focusin"]) {
    document.addEventListener(name, (e) => {
      const button = e.target.closest?.(POINTS);
      const of = button?.closest("#log .turn") ? button : null;
      if (of || near) point(of);
    });
  }

  const open = (button) => {
    opened = pointed(button);
    near = null;
    page.tell(button, { kind: "evidence", position: opened.position, n: opened.n });
    reveal();
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
