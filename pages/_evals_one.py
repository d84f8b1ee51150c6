"""One question evaluated by itself as HTML: its fields, what came out, and the earlier ones.

It knows the fields and the visitor's own run of single questions. The answer is made and scored
by eval.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.way import METHODS
from core.errors import BadInput, NotFound
from core.present.numbers import count
from core.records import Answered
from eval.evaluating import NAME
from pages import _evals_sample
from pages import _evals_words as words
from pages._evals_asked import Asked, go
from pages._evals_desk import Desk, Shown, framed
from pages._evals_listed import place, short
from pages._html import text
from pages._ways import DOES, LABELS

SIZE = 10
SAYS = (
    "Ask one question, or paste an answer you have, and see its scores. One question says nothing "
    "about how good a way is; a run does."
)
NOTHING = "Nothing was evaluated by itself yet. What you evaluate is listed here and stays."


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the fields, the one that is open, and the earlier ones."""
    earlier, total = _earlier(desk)
    opened = _opened(desk, asked)
    result = _result(opened) if opened else ""
    head = framed(text(_title(opened)), result)
    return Shown(head, f"{_form(opened)}{_listed(earlier, total)}")


def evaluate(desk: Desk, fields: Mapping[str, Any]) -> Answered:
    """Evaluate what the fields say; exactly one of an answer and a method is taken."""
    question, answer = _word(fields, "question"), _word(fields, "answer")
    if not question:
        raise BadInput("There is no question.", "Write one.")
    given: dict[str, Any] = {"question": question}
    if answer:
        given["answer"] = answer
    else:
        given["method"] = _word(fields, "method") or METHODS[0]
    if _word(fields, "reference"):
        given["reference"] = _word(fields, "reference")
    contexts = [each.strip() for each in _word(fields, "contexts").split("\n\n") if each.strip()]
    if contexts:
        given["contexts"] = contexts
    return desk.evals.evaluate(given, desk.owner)


def _opened(desk: Desk, asked: Asked) -> Answered | None:
    if not asked.place:
        return None
    try:
        return desk.evals.sample(NAME, *asked.place, desk.owner)
    except NotFound:
        return None


def _earlier(desk: Desk) -> tuple[Sequence[Answered], int]:
    try:
        found = desk.evals.samples(NAME, desk.owner, 1, SIZE, sort="position", descending=True)
    except NotFound:
        return (), 0
    return found.rows, found.total


def _title(opened: Answered | None) -> str:
    if opened is None:
        return "Evaluate one question."
    return f"The answer is {words.OUTCOMES[opened.outcome].word}."


def _result(found: Answered) -> str:
    return (
        f'<div class="sample"><div class="sample-main">{_evals_sample.asked_for(found)}'
        f"{_evals_sample.answered(found)}{_evals_sample.evidence(found)}</div>"
        f'<aside class="sample-side">{_evals_sample.scores(found.scores)}'
        f"{_evals_sample.timings(found)}</aside></div>"
    )


def _form(opened: Answered | None) -> str:
    item = opened.item if opened else None
    question = item.question if item else ""
    reference = item.references[0] if item and item.references else ""
    contexts = "\n\n".join(item.contexts) if item else ""
    options = "".join(
        f'<option value="{name}">{LABELS[name]}: {DOES[name]}</option>' for name in METHODS
    )
    return (
        f'<p class="says">{SAYS}</p><form id="one" class="run-form" data-evals="one" novalidate>'
        '<fieldset><legend class="offscreen">Question</legend>'
        f"{_area('question', 'Question', question, 2)}"
        f"{_area('reference', 'Accepted answer', reference, 1, 'Blank: only support is judged.')}"
        "</fieldset><fieldset><legend>Answered by</legend>"
        f'<p class="field"><label for="one-method">A method</label><select id="one-method" '
        f'name="method">{options}</select></p>'
        f"{_area('answer', 'Or an answer you have', '', 3, 'Then no model is asked.')}"
        f"{_area('contexts', 'Given passages', contexts, 3, 'A blank line between two of them.')}"
        '</fieldset><p class="submit"><button type="submit" class="button strong">Evaluate'
        "</button></p></form>"
    )


def _area(name: str, label: str, value: str, rows: int, help: str = "") -> str:
    told = f'<span id="help-one-{name}" class="quiet">{help}</span>' if help else ""
    by = f' aria-describedby="help-one-{name}"' if help else ""
    return (
        f'<p class="field wide"><label for="one-{name}">{label}</label><textarea id="one-{name}" '
        f'name="{name}" rows="{rows}"{by}>{text(value)}</textarea>{told}</p>'
    )


def _listed(earlier: Sequence[Answered], total: int) -> str:
    if not earlier:
        return f'<section><h2>Earlier</h2><p class="none">{NOTHING}</p></section>'
    rows = [
        f'<tr><th scope="row">{_link(each)}</th><td>{text(short(each.sample.answer))}</td>'
        f"<td>{words.sign(each.outcome)}</td></tr>"
        for each in earlier
    ]
    all_ = (
        f'<p class="submit">{go(Asked(view="run", run=NAME), f"All {count(total)}", "button")}</p>'
        if total > len(earlier)
        else ""
    )
    listed = words.table(("Question", "Answer", "Outcome"), rows)
    return f"<section><h2>Earlier</h2>{listed}{all_}</section>"


def _link(each: Answered) -> str:
    at = place(each.sample.position, each.sample.epoch)
    return go(Asked(view="one", sample=at), text(short(each.item.question)))


def _word(fields: Mapping[str, Any], name: str) -> str:
    return str(fields.get(name) or "").strip()
