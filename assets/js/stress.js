// What Stress does by itself: reads its forms, follows its links, plays a stored run in the page
// with nothing asked of the server, and tells the page which address reopens what it shows.
(() => {
  "use strict";
  const page = window.plumbline;
  const root = document.documentElement;
  const at = (selector) => document.querySelector(selector);
  const PLAN_MS = 300;
  const PLAY_MS = 24000;

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
    root.dataset.stress = "leaving";
    page.tell(from, { act: "go", to });
  };
  const act = (from, name, more = {}) => page.tell(from, { act: "do", do: name, ...more });

  Object.assign(page.acts, {
    "stress": (b) => go(b, b.dataset.to),
    "stress-do": (b) => {
      const { act: _, do: name, ...more } = b.dataset;
      act(b, name, more);
    },
    "stress-play": () => player.toggle(),
  });

  // Fields: what they come to is told a moment after the last change.
  let waiting = 0;
  const later = (form, name) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => act(form, name, { fields: read(form) }), PLAN_MS);
  };
  const changed = (field) => {
    const form = field.form;
    if (form?.id === "stress-form") {
      if (field.name === "scenario") at("#stress-budget_mb").value = field.dataset.budget;
      later(form, "plan");
    }
    if (form?.id === "fit-form") later(form, "fit");
  };
  document.addEventListener("change", (e) => changed(e.target));
  document.addEventListener("input", (e) => {
    if (e.target.matches("[type=text], [type=number]")) changed(e.target);
  });

  const submits = {
    "fit": (form) => later(form, "fit"),
    "bring": async (form) => {
      const file = form.elements.file.files[0];
      if (!file) return page.say("Choose a file first.");
      act(form, "bring", { fields: { name: file.name, text: await file.text() } });
    },
  };
  document.addEventListener("submit", (e) => {
    const name = e.target.dataset?.stress;
    if (!name) return;
    e.preventDefault();
    const { stress: _, ...more } = e.target.dataset;
    if (submits[name]) submits[name](e.target);
    else act(e.target, name, { ...more, fields: read(e.target) });
  });

  // A stored run as it came about: everything drawn carries the second it belongs to.
  const player = {
    playing: false,
    from: 0,
    began: 0,
    box: () => at(".player"),
    length() { return Number(this.box()?.dataset.length || 0); },
    show(now) {
      const box = this.box();
      if (!box) return;
      const figures = at("#stress-figures");
      const whole = now >= this.length();
      figures.dataset.playing = whole ? "whole" : "part";
      for (const piece of figures.querySelectorAll("[data-at]")) {
        piece.classList.toggle("later", Number(piece.dataset.at) > now);
      }
      for (const plot of figures.querySelectorAll(".plot.lines")) {
        const seen = [...plot.querySelectorAll(".dot-of:not(.later)")];
        const reach = Math.max(0, ...seen.map((dot) => parseFloat(dot.style.left)));
        plot.style.setProperty("--shown", whole ? "100%" : `${reach}%`);
      }
      at("#stress-body").style.visibility = whole ? "" : "hidden";
      box.querySelector("input").value = now;
      box.querySelector("output").textContent = `${now.toFixed(now < 10 ? 1 : 0)}\u2009s`;
    },
    label() {
      const button = this.box()?.querySelector("button");
      if (!button) return;
      button.textContent = this.playing ? "❚❚ Pause" : "▶ Play";
      button.setAttribute("aria-pressed", String(this.playing));
    },
    step() {
      if (!this.playing || !this.box()) { this.playing = false; return; }
      const share = (performance.now() - this.began) / PLAY_MS;
      const now = Math.min(this.length(), this.from + share * this.length());
      this.show(now);
      if (now >= this.length()) { this.playing = false; this.label(); return; }
      requestAnimationFrame(() => this.step());
    },
    play() {
      const now = Number(this.box().querySelector("input").value);
      this.from = now >= this.length() ? 0 : now;
      this.began = performance.now();
      this.playing = true;
      this.label();
      this.step();
    },
    toggle() {
      if (this.playing) { this.playing = false; this.label(); } else this.play();
    },
  };
  document.addEventListener("input", (e) => {
    if (!e.target.closest(".player")) return;
    player.playing = false;
    player.label();
    player.show(Number(e.target.value));
  });

  // A view that has come begins at its top; one that is played begins by itself.
  let shown = "";
  page.settled.push(() => {
    const link = page.addresses.stress();
    if (link === undefined || link === shown) return;
    const moved = shown.replace(/[&?]?play=1/, "") !== link.replace(/[&?]?play=1/, "");
    shown = link;
    root.dataset.stress = "";
    player.playing = false;
    delete at("#stress-figures").dataset.playing;
    at("#stress-body").style.visibility = "";
    if (moved && !at("#fit-form")) at(".stress-page").scrollTop = 0;
    if (player.box() && !matchMedia("(prefers-reduced-motion: reduce)").matches) player.play();
  });
  page.addresses.stress = () =>
    at("#stress-figures .fitting")?.dataset.link ?? at("#stress-head .stress-view")?.dataset.link;
})();
