// What the page does by itself: palette and scheme, the address, copying, editing in place.
// Everything that changes something kept is told to the server as one 'plumbline' event.
(() => {
  "use strict";
  const root = document.documentElement;
  const given = window.plumbline || {};
  const kept = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* not kept */ } },
  };

  // Palette and scheme
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => {
    root.dataset.palette = given.palette || "studio";
    root.dataset.scheme = kept.get("plumbline-scheme") || (preferred.matches ? "dark" : "light");
    root.toggleAttribute("data-kiosk", Boolean(given.kiosk));
    document.body?.classList.toggle("dark", root.dataset.scheme === "dark");
  };
  paint();
  preferred.addEventListener("change", paint);

  // The address: the tab, and whatever reopens what that tab shows; unknown means not shown yet
  const OURS = ["tab", "chat", "q", "corpus", "mode", "versus", "k", "path", "language", "kind",
    "view", "run", "compare", "sample", "dataset", "suite", "method", "state", "outcome", "sort", "page", "deleted", "scorer", "config",
    "play", "scenario", "budget", "model", "memory", "context", "dtype", "weights", "batch"];
  const addresses = {
    chat: () => {
      const chat = document.querySelector("#log .conversation")?.dataset.chat;
      return chat && `chat=${encodeURIComponent(chat)}`;
    },
  };
  const follow = () => {
    const tab = document.querySelector("#tabs [role=tab][aria-selected=true]")?.dataset.tabId;
    if (!tab) return;
    root.dataset.tab = tab;
    const shown = tab in addresses ? addresses[tab]() : "";
    if (shown === undefined) return;
    const url = new URL(location.href);
    for (const name of OURS) url.searchParams.delete(name);
    url.searchParams.set("tab", tab);
    for (const [name, value] of new URLSearchParams(shown)) url.searchParams.set(name, value);
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  };

  // Words that say what was done
  const say = (words) => {
    let toast = document.getElementById("said");
    if (!toast) {
      toast = document.createElement("p");
      toast.id = "said";
      toast.setAttribute("role", "status");
      document.body.append(toast);
    }
    toast.textContent = words;
    toast.classList.add("shown");
    clearTimeout(say.timer);
    say.timer = setTimeout(() => toast.classList.remove("shown"), 1800);
  };
  const copy = async (words, done) => {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const area = document.createElement("textarea");
      area.value = words;
      area.className = "offscreen";
      document.body.append(area);
      area.select();
      const ok = document.execCommand("copy");
      area.remove();
      if (!ok) return say("This browser does not allow copying.");
    }
    say(done);
  };
  const tell = (from, detail) =>
    from.dispatchEvent(new CustomEvent("plumbline", { detail, bubbles: true }));

  // The panel of what a page finds out by itself, above the field
  const clearPanel = () => document.querySelector(".composer > .failure")?.remove();
  const panel = (what, hint) => {
    clearPanel();
    const made = document.createElement("div");
    made.className = "state failure";
    made.setAttribute("role", "alert");
    for (const [name, words] of [["what", `✕ ${what}`], ["hint", hint]]) {
      const line = document.createElement("p");
      line.className = name;
      line.textContent = words;
      made.append(line);
    }
    document.querySelector(".composer")?.prepend(made);
  };
  const tooLong = (words) => {
    const length = words.length > given.longest ? [...words].length : 0;
    if (length <= given.longest) return "";
    const told = (n) => n.toLocaleString("en");
    return `The message has ${told(length)} characters; at most ${told(given.longest)} are read.`;
  };
  const unread = (words) => (words.trim() ? tooLong(words) : "Write a question first.");
  const hold = (e) => {
    const field = document.querySelector("#ask textarea");
    const what = field && tooLong(field.value);
    clearPanel();
    if (!what) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    panel(what, "Shorten it and send again; your words are still in the field.");
  };
  addEventListener("click", (e) => { if (e.target.closest?.("#send")) hold(e); }, true);
  addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && e.target.matches?.("#ask textarea")) hold(e);
  }, true);

  // Editing in place
  const editor = (words, save, saved, cancel) => {
    const form = document.createElement("form");
    form.className = "editor";
    const area = document.createElement("textarea");
    area.value = words;
    area.setAttribute("aria-label", save.label);
    area.rows = Math.min(10, words.split("\n").length + 1);
    const buttons = document.createElement("div");
    buttons.className = "editor-buttons";
    const button = (type, label, kind) => {
      const made = document.createElement("button");
      made.type = type; made.textContent = label; made.className = kind;
      buttons.append(made);
      return made;
    };
    if (save.note) {
      const note = document.createElement("p");
      note.textContent = save.note;
      buttons.append(note);
    }
    button("button", "Cancel", "button").addEventListener("click", cancel);
    button("submit", save.verb, "button strong");
    const wrong = document.createElement("p");
    wrong.className = "wrong";
    wrong.setAttribute("role", "alert");
    form.append(area, wrong, buttons);
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      wrong.textContent = save.wrong(area.value);
      if (wrong.textContent) area.focus(); else saved(area.value);
    });
    form.addEventListener("keydown", (e) => {
      if (e.key === "Escape") { e.stopPropagation(); cancel(); }
      if (e.key === "Enter" && e.target === area && !e.isComposing && (save.single || !e.shiftKey)) {
        e.preventDefault(); form.requestSubmit();
      }
    });
    requestAnimationFrame(() => { area.focus(); area.select(); });
    return form;
  };
  const swap = (holder, made, button) => {
    holder.classList.add("editing");
    holder.append(made);
    return () => { made.remove(); holder.classList.remove("editing"); button?.focus(); };
  };
  const editQuestion = (button) => {
    const turn = button.closest(".turn");
    if (turn.classList.contains("editing")) return;
    const words = turn.querySelector(".said").dataset.raw;
    const turns = [...document.querySelectorAll("#log .turn")];
    const later = turns.length - 1 - turns.indexOf(turn);
    const replaced = later === 1 ? "1 later message" : `${later} later messages`;
    const keys = "Enter asks again, Shift+Enter starts a new line.";
    const note = later ? `${replaced} will be replaced. ${keys}` : keys;
    const form = editor(
      words,
      { label: "Your question", verb: "Ask again", note, wrong: unread },
      (text) => {
        close();
        tell(turn, { ask: true, kind: "edit", position: turn.dataset.position, text });
      },
      () => close(),
    );
    const close = swap(turn, form, button);
  };
  const unnamed = (words) =>
    words.replace(/\p{C}/gu, "").trim() ? "" : "A chat needs a name; type at least one character.";
  const rename = (button) => {
    const row = button.closest("li");
    if (row.classList.contains("editing")) return;
    const form = editor(
      row.dataset.title,
      { label: "Name of the chat", verb: "Rename", single: true, wrong: unnamed },
      (text) => { close(); tell(row, { kind: "rename", id: row.dataset.id, text }); },
      () => close(),
    );
    const close = swap(row, form, button);
  };
  const confirm = (holder, button, question, sure) => {
    if (holder.classList.contains("editing")) return;
    const ask = document.createElement("div");
    ask.className = "confirm";
    ask.setAttribute("role", "group");
    const words = document.createElement("p");
    words.textContent = question;
    const no = document.createElement("button");
    no.type = "button"; no.className = "button"; no.textContent = "Keep";
    const yes = document.createElement("button");
    yes.type = "button"; yes.className = "button danger"; yes.textContent = "Delete";
    ask.append(words, no, yes);
    const close = swap(holder, ask, button);
    no.addEventListener("click", () => close());
    yes.addEventListener("click", () => { close(); sure(); });
    ask.addEventListener("keydown", (e) => { if (e.key === "Escape") close(); });
    no.focus();
  };
  const confirmDelete = (button) => {
    const row = button.closest("li");
    confirm(row, button, "Delete this chat for good?", () =>
      tell(row, { kind: "delete", id: row.dataset.id }));
  };

  // The drawers
  const drawer = (name, open) => {
    const now = open ?? root.dataset.drawer !== name;
    root.dataset.drawer = now ? name : "";
    document.querySelectorAll("[aria-controls]").forEach((b) => {
      if (b.dataset.act) b.setAttribute("aria-expanded", String(now && b.getAttribute("aria-controls") === name));
    });
    const panel = document.getElementById(name);
    if (now) panel?.querySelector("textarea, input, button")?.focus();
    else document.querySelector(`[aria-controls="${name}"][data-act]`)?.focus();
  };

  const acts = {
    "scheme": () => {
      kept.set("plumbline-scheme", root.dataset.scheme === "dark" ? "light" : "dark");
      paint();
    },
    "copy-link": () => copy(location.href, "Link copied."),
    "copy": (b) => copy(b.closest(".turn").querySelector(".said").dataset.raw, "Copied."),
    "copy-code": (b) => copy(b.closest("figure").querySelector("pre").textContent, "Code copied."),
    "tab": (b) => document.getElementById(`page-${b.dataset.tab}-button`)?.click(),
    "settings": () => drawer("settings"),
    "chats": () => drawer("chats-panel"),
    "evidence-panel": () => drawer("evidence-panel"),
    "new": (b) => { root.dataset.drawer = ""; tell(b, { kind: "new" }); focusField(); },
    "open": (b) => { root.dataset.drawer = ""; tell(b, { kind: "open", id: b.closest("li").dataset.id }); },
    "more": (b) => tell(b, { kind: "more", count: b.dataset.count }),
    "rename": rename,
    "delete": confirmDelete,
    "edit": editQuestion,
    "retry": (b) => tell(b, { ask: true, kind: "retry", overflow: b.dataset.overflow }),
    "starter": (b) => tell(b, { ask: true, kind: "starter", text: b.dataset.text }),
    "starter-anew": (b) => tell(b, { ask: true, kind: "starter", text: b.dataset.text, anew: true }),
    "cancel-job": (b) => tell(b, { kind: "cancel", id: b.dataset.id }),
    "sort": (b) => {
      const head = b.closest("th");
      const at = [...head.parentElement.children].indexOf(head);
      const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const th of head.parentElement.children) th.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const body = b.closest("table").tBodies[0];
      const words = (row) => row.children[at].textContent.trim();
      const compared = (x, y) => words(x).localeCompare(words(y), "en", { numeric: true });
      const rows = [...body.rows].sort(compared);
      body.append(...(order === "ascending" ? rows : rows.reverse()));
    },
    "again": (b) => tell(b, { kind: "again" }),
  };
  const focusField = () => document.querySelector("#ask textarea")?.focus();

  document.addEventListener("click", (e) => {
    const sent = e.target.closest?.("#send, #stop");
    if (sent && matchMedia("(pointer: fine)").matches) focusField();
    const button = e.target.closest?.("[data-act]");
    const act = button && acts[button.dataset.act];
    if (!act) return;
    if (button.tagName === "A" && (e.metaKey || e.ctrlKey || e.shiftKey)) return;
    e.preventDefault();
    act(button);
  });
  document.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && root.dataset.drawer) drawer(root.dataset.drawer, false);
    const tab = e.target.closest?.("#tabs > .tab-wrapper [role=tab]");
    if (!tab || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(e.key)) return;
    const all = [...tab.parentElement.querySelectorAll("[role=tab]")];
    const at = all.indexOf(tab);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: all.length - 1 }[e.key];
    const next = all[(to + all.length) % all.length];
    e.preventDefault();
    next.focus();
    next.click();
  });

  // Inside another site's frame a browser may keep no cookie of ours: the visitor then travels
  // in a header, as the server told it.
  if (window.top !== window) {
    const fetchPlain = window.fetch.bind(window);
    window.fetch = async (input, init) => {
      const request = new Request(input, init);
      const ours = new URL(request.url, location.href).origin === location.origin;
      const known = kept.get("plumbline-owner");
      if (ours && known) request.headers.set("X-Plumbline-Owner", known);
      const response = await fetchPlain(request);
      const told = ours && response.headers.get("X-Plumbline-Owner");
      if (told) kept.set("plumbline-owner", told);
      return response;
    };
  }

  // The booth starts over when nobody has touched it for a while and nothing is being written
  if (given.kiosk) {
    let last = Date.now();
    for (const name of ["pointerdown", "keydown", "wheel", "touchmove"]) {
      document.addEventListener(name, () => { last = Date.now(); }, { passive: true, capture: true });
    }
    setInterval(() => {
      if (document.querySelector(".growing")) last = Date.now();
      const fresh = !document.querySelector("#log .conversation")?.dataset.chat
        && root.dataset.tab === "chat";
      if (Date.now() - last < given.idle * 1000) return;
      last = Date.now();
      if (!fresh) location.assign(location.pathname);
    }, 1000);
  }

  // Times and days as the visitor's own clock and calendar have them
  const localTimes = () => {
    for (const made of document.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(made.dateTime);
      if (Number.isNaN(at.getTime())) continue;
      const month = at.toLocaleString("en", { month: "short" });
      const two = (n) => String(n).padStart(2, "0");
      made.dataset.local = "1";
      made.title = made.textContent;
      made.textContent =
        `${at.getDate()} ${month} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
    }
  };
  const dayOf = (row) => {
    const at = new Date(row.dataset.updated);
    const now = new Date();
    const number = (d) => Date.UTC(d.getFullYear(), d.getMonth(), d.getDate()) / 86_400_000;
    const back = number(now) - number(at);
    if (back < 2) return back < 1 ? "Today" : "Yesterday";
    return back < 7 ? "This week" : "Earlier";
  };
  const localDays = () => {
    const lists = [...document.querySelectorAll("#chats-panel .chats > ol")];
    const rows = lists.flatMap((list) => [...list.children]);
    const right = (row) => row.parentElement.previousElementSibling.textContent === dayOf(row);
    if (rows.every(right) || document.querySelector("#chats-panel .editing")) return;
    const made = [];
    let label = "";
    for (const row of rows) {
      if (dayOf(row) !== label) {
        label = dayOf(row);
        const head = document.createElement("h3");
        head.textContent = label;
        made.push(head, document.createElement("ol"));
      }
      made.at(-1).append(row);
    }
    for (const list of lists) { list.previousElementSibling.remove(); list.remove(); }
    document.querySelector("#chats-panel .new").after(...made);
  };

  // Following the conversation, unless the reader scrolled up
  let pinned = true;
  let shown = null;
  const settled = [];
  const settle = () => {
    follow();
    localTimes();
    localDays();
    settled.forEach((then) => then());
    const toast = document.querySelector(".toast-body:not([data-told])");
    if (toast) {
      toast.dataset.told = "1";
      if (/connection/i.test(toast.textContent)) {
        panel("The server does not answer.", "This page loads anew as soon as it does.");
      } else {
        panel("The server could not do that.", "Try again; reload the page if it happens again.");
      }
    }
    const scroll = document.getElementById("conversation");
    if (!scroll) return;
    if (!scroll.dataset.watched) {
      scroll.dataset.watched = "1";
      scroll.addEventListener("scroll", () => {
        pinned = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
      }, { passive: true });
    }
    const talk = document.querySelector("#log .conversation");
    const chat = talk?.dataset.chat;
    // Columns are read from their top.
    const fixed = !chat || "compared" in talk.dataset;
    if (fixed && chat !== shown) scroll.scrollTop = 0;
    if (chat !== shown) { shown = chat; pinned = true; }
    if (pinned && !fixed) scroll.scrollTop = scroll.scrollHeight;
  };
  // What the scripts of single tabs build on
  window.plumbline = Object.assign(given, {
    acts, addresses, settled, kept, tell, say, copy, confirm, editor, swap, drawer, panel, clearPanel,
  });

  let waiting = false;
  new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; settle(); });
  }).observe(root, { childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["aria-selected", "data-chat", "data-link", "data-chosen"] });
})();
