// Comparing ways of answering: the choice above the question, and what the button then sends.
// Also here: saving a chat, a comparison or one answer with its steps as a file.
(() => {
  "use strict";
  const page = window.plumbline;
  const root = document.documentElement;
  const KEPT = "plumbline-compared";
  const at = (selector) => document.querySelector(selector);
  const boxes = () => [...document.querySelectorAll("#compare input")];
  const chosen = () => boxes().filter((box) => box.checked).map((box) => box.value);
  const check = (names) => { for (const box of boxes()) box.checked = names.includes(box.value); };
  const isOpen = () => root.dataset.compare === "on";

  const dress = () => {
    const button = at('[data-act="compare"]');
    button?.setAttribute("aria-expanded", String(isOpen()));
    const send = at("#send");
    const label = isOpen() ? "Compare" : "Send";
    if (send && send.textContent.trim() !== label) send.textContent = label;
  };
  const turn = (on) => { root.dataset.compare = on ? "on" : ""; dress(); };

  const send = (e) => {
    if (!isOpen()) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    const text = at("#ask textarea").value;
    const ways = chosen();
    page.clearPanel();
    if (!text.trim()) return page.panel("The message is empty.", "Write a question first.");
    if (ways.length < 2 || ways.length > 4) {
      const many = ways.length === 1 ? "1 way is chosen" : `${ways.length} ways are chosen`;
      return page.panel(`${many}; 2 to 4 can be compared.`, "Choose among those above the field.");
    }
    page.kept.set(KEPT, ways.join(","));
    page.tell(at("#compare"), { ask: true, kind: "compare", text, ways });
  };
  addEventListener("click", (e) => { if (e.target.closest?.("#send")) send(e); }, true);
  addEventListener("keydown", (e) => {
    const typed = e.key === "Enter" && !e.shiftKey && !e.isComposing;
    if (typed && e.target.matches?.("#ask textarea")) send(e);
  }, true);

  const save = (told, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(told, null, 2)], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  const session = async () => {
    const chat = at("#log .conversation").dataset.chat;
    const answer = await fetch(`v1/sessions/${chat}`);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };
  const saving = async (work) => {
    try { work(await session()); page.say("Saved as a file."); }
    catch { page.panel("The file could not be made.", "Reload the page and try again."); }
  };

  Object.assign(page.acts, {
    "compare": () => { turn(!isOpen()); (isOpen() ? boxes()[0] : at("#ask textarea"))?.focus(); },
    "export-chat": () => saving((told) => save(told, `chat-${told.id}.json`)),
    "export-answer": (b) => saving((told) => {
      const position = Number(b.closest(".turn").dataset.position);
      const answer = told.messages.find((each) => each.position === position);
      const question = told.messages.findLast((each) => each.role === "user" && each.position < position);
      save({ question: question?.content, answer }, `answer-${told.id}-${position}.json`);
    }),
  });

  // A comparison that is opened shows its ways as chosen; a conversation closes the choice.
  let shown;
  page.settled.push(() => {
    if (!at("#compare")) return;
    const talk = at("#log .conversation");
    const chat = talk?.dataset.chat;
    if (chat !== undefined && chat !== shown) {
      const first = shown === undefined;
      shown = chat;
      const ways = talk.dataset.compared;
      const kept = first && page.kept.get(KEPT);
      if (ways || kept) check((ways || kept).split(","));
      turn(Boolean(ways));
    }
    dress();
  });

  // What is answered on another page is looked for until it is there.
  const ELSEWHERE = "#log .conversation[data-elsewhere]";
  let looking = 0;
  page.settled.push(() => {
    const talk = at(ELSEWHERE);
    if (!talk || looking) return;
    looking = setTimeout(() => {
      looking = 0;
      const still = at(ELSEWHERE);
      if (still) page.tell(still, { kind: "look" });
    }, 2_000);
  });
})();
