"""What changed from one run to another, sample by sample: right to wrong first, then back.

It knows comparisons and single samples. Words, passages and times are laid side by side by eval.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import PlumblineError
from core.present.numbers import count
from core.present.times import seconds
from pages import _evals_words as words
from pages._evals_asked import Asked, go, pages
from pages._evals_desk import Desk
from pages._evals_listed import place
from pages._html import text
from pages._stream import attempt

if TYPE_CHECKING:
    from eval.compare import Comparison
    from eval.flips import Flip, Passage

AT_ONCE = 5
FEW = 3
KINDS = {
    "broken": ("Right before, wrong now", "✓ → ✕"),
    "fixed": ("Wrong before, right now", "✕ → ✓"),
}
NO_FLIPS = "No sample that both judged came out differently."


def flips(desk: Desk, asked: Asked, found: "Sequence[Comparison]") -> str:
    """Return the samples that came out differently in one of the comparisons."""
    chosen = next((each for each in found if each.second.id == asked.run), found[0])
    which = _which(asked, found, chosen)
    counts = _counts(chosen)
    if not (chosen.broken or chosen.fixed):
        none = f'<p class="none">{NO_FLIPS}</p>'
        return f'<section id="flips"><h2>Flips</h2>{which}{counts}{none}</section>'
    kinds = [asked.outcome] if asked.outcome in KINDS else list(KINDS)
    shown = "".join(_group(desk, asked, chosen, kind, alone=len(kinds) == 1) for kind in kinds)
    return f'<section id="flips"><h2>Flips</h2>{which}{counts}{shown}</section>'


def card(found: "Comparison", flip: "Flip", places: tuple[str, str]) -> str:
    """Return one sample as both runs answered it."""
    item = flip.item
    accepted = ", ".join(item.references) or "no answer"
    links = " · ".join(
        go(Asked(view="run", run=side.id, sample=at), text(side.name))
        for side, at in zip((found.first, found.second), places, strict=True)
    )
    cut = '<p class="quiet">Only the beginnings are compared.</p>' if flip.is_cut else ""
    return (
        f'<li class="flip"><h4>{text(item.question)}</h4>'
        f'<p class="quiet">Accepted: {text(accepted)} · {links} · {_time(flip)}</p>'
        f'<p class="diff">{_words(flip)}</p>{cut}{_passages(flip.passages)}</li>'
    )


def _group(desk: Desk, asked: Asked, found: "Comparison", kind: str, alone: bool) -> str:
    ids = found.broken if kind == "broken" else found.fixed
    title, sign = KINDS[kind]
    if not ids:
        return f'<h3>{sign} {title}</h3><p class="none">None.</p>'
    first, most = ((asked.page - 1) * AT_ONCE, AT_ONCE) if alone else (0, FEW)
    picked = ids[first : first + most]
    before, after = (
        desk.evals.places(side.id, picked, desk.owner) for side in (found.first, found.second)
    )
    cards = "".join(_one(desk, found, (before.get(id), after.get(id))) for id in picked)
    more = (
        pages(asked, len(ids), AT_ONCE)
        if alone
        else go(replace(asked, outcome=kind, page=1), f"All {count(len(ids))}", "button")
        if len(ids) > FEW
        else ""
    )
    back = go(replace(asked, outcome="", page=1), "Both ways", "button") if alone else ""
    return (
        f'<h3>{sign} {title} <span class="quiet num">{count(len(ids))}</span></h3>'
        f'<ol class="flips">{cards}</ol>{more}{back}'
    )


def _one(desk: Desk, found: "Comparison", at: tuple[int | None, int | None]) -> str:
    from eval.flips import flip

    if at[0] is None or at[1] is None:
        return ""
    first = attempt(lambda: desk.evals.sample(found.first.id, at[0] or 0, 0, desk.owner))
    second = attempt(lambda: desk.evals.sample(found.second.id, at[1] or 0, 0, desk.owner))
    if isinstance(first, PlumblineError) or isinstance(second, PlumblineError):
        return ""
    made = flip(second.item, first.sample, second.sample)
    return card(found, made, (place(at[0], 0), place(at[1], 0)))


def _counts(found: "Comparison") -> str:
    told = found.counts()
    shown = (
        ("broken", "✓ → ✕ right to wrong"),
        ("fixed", "✕ → ✓ wrong to right"),
        ("both", "✓ right in both"),
        ("neither", "✕ wrong in both"),
        ("unjudged", "· not judged in one"),
    )
    items = "".join(
        f'<li><b class="num">{count(told[name])}</b> {said}</li>'
        for name, said in shown
        if told.get(name)
    )
    return f'<ul class="tallies">{items}</ul>'


def _which(asked: Asked, found: "Sequence[Comparison]", chosen: "Comparison") -> str:
    if len(found) < 2:
        return ""
    links = "".join(
        go(
            replace(asked, run=each.second.id, page=1),
            text(each.second.name),
            "button" if each is not chosen else "button strong",
        )
        for each in found
    )
    return f'<p class="which-pair">{text(found[0].first.name)} against {links}</p>'


def _words(flip: "Flip") -> str:
    """Return the words of both answers; what is gone and new is told by more than colour."""
    signs = {"gone": ("del", "−"), "new": ("ins", "+")}
    parts = []
    for piece in flip.words:
        if piece.change == "same":
            parts.append(text(piece.text))
        else:
            tag, sign = signs[piece.change]
            parts.append(f'<{tag}><span class="offscreen">{sign}</span>{text(piece.text)}</{tag}>')
    return "".join(parts) or "Both answers are empty."


def _passages(passages: "Sequence[Passage]") -> str:
    if not passages:
        return ""
    rows = [
        f'<tr><th scope="row"><code>{text(each.place)}</code> '
        f"{'★ holds the answer' if each.is_gold else ''}</th>"
        f'<td class="number">{each.first or "—"}</td><td class="number">{each.second or "—"}</td>'
        f"<td>{_moved(each)}</td></tr>"
        for each in passages
    ]
    changed = sum(1 for each in passages if each.change != "same")
    told = f"{count(changed)} of {count(len(passages), 'passage')} differ"
    columns = ("Passage", "#Rank before", "#Rank now", "Change")
    return (
        f'<details class="fold"><summary>Retrieved <span class="quiet">{told}</span></summary>'
        f"{words.table(columns, rows)}</details>"
    )


def _moved(each: "Passage") -> str:
    if each.change == "gone":
        return "no longer found"
    if each.change == "new":
        return "found now"
    assert each.first and each.second
    step = each.first - each.second
    return "same place" if not step else f"{'↑' if step > 0 else '↓'}{abs(step)}"


def _time(flip: "Flip") -> str:
    if flip.seconds is None:
        return "times not measured"
    slower = flip.seconds > 0
    return f"{seconds(abs(flip.seconds))} {'slower' if slower else 'faster'} now"
