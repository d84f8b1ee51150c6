// What a visitor does with an answer: a thumb, that it was copied, a version of his own. It is told
// to the page at once; a thumb is shown pressed, and pressed again it is taken back.
(() => {
  "use strict";
  const page = window.plumbline;
  const told = (from, what) => {
    const turn = from.closest(".turn.answer");
    if (turn) page.tell(from, { kind: "feedback", what, position: turn.dataset.position });
  };
  const thumb = (button) => {
    const pressed = button.getAttribute("aria-pressed") === "true";
    for (const each of button.parentElement.querySelectorAll('[data-act="thumb"]')) {
      each.setAttribute("aria-pressed", "false");
    }
    button.setAttribute("aria-pressed", String(!pressed));
    told(button, pressed ? "none" : button.dataset.way);
  };
  const edit = (button) => {
    const turn = button.closest(".turn");
    if (turn.classList.contains("editing")) return;
    const before = (turn.querySelector(".version") ?? turn.querySelector(".said")).dataset.raw;
    const form = page.editor(
      before,
      {
        label: "Your version of this answer",
        verb: "Keep",
        note: "The answer itself stays. Enter keeps your version, Shift+Enter starts a new line.",
        wrong: (words) => (words.trim() ? "" : "Write your version first."),
      },
      (words) => {
        close();
        if (words === before) return;
        page.tell(turn, { kind: "feedback", what: "edited", position: turn.dataset.position, text: words });
      },
      () => close(),
    );
    const close = page.swap(turn, form, button);
  };
  const copy = page.acts.copy;
  Object.assign(page.acts, {
    thumb,
    "edit-answer": edit,
    copy: (b) => { copy(b); told(b, "copied"); },
  });
})();
