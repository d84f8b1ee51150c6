// What a visitor does with an answer: a thumb, and that it was copied. It is told to the page at
// once and shown pressed; a thumb that is pressed again is taken back.
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
  const copy = page.acts.copy;
  Object.assign(page.acts, {
    thumb,
    copy: (b) => { copy(b); told(b, "copied"); },
  });
})();
