"""Whether evidence supports a sentence, as marks: after the sentence, beside a passage, counted.

It knows the marks as they are stored and the signs they are shown by. It judges nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from core.present.numbers import count, digits
from pages._html import text

# They carry the number of a mark through Markdown, where no entity can write them.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
SIGNS = {
    "supported": ("✓", "supported"),
    "partly": ("◐", "partly supported"),
    "unsupported": ("○", "not supported"),
}
FENCES = ("```", "~~~")
HOW = (
    "Measured by comparing words, names and numbers with the evidence. It can be wrong, and it "
    "cannot tell whether the evidence itself is true."
)
Marks = Sequence[Mapping[str, Any]]


def placed(source: str, marks: Marks) -> str:
    """Return an answer with the number of each mark after its sentence."""
    words = source.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd")
    for n, mark in sorted(enumerate(marks), key=lambda each: -int(each[1]["end"])):
        if mark["mark"] not in SIGNS:
            continue
        end = _before_rule(words, int(mark["end"]))
        # A sign beside a fence would keep it from closing.
        lead = "\n\n" if words.startswith(FENCES, int(mark["start"])) else " "
        words = f"{words[:end]}{lead}{OPEN}{n}{CLOSE}{words[end:]}"
    return words


def sign(mark: Mapping[str, Any]) -> str:
    """Return the mark of a sentence as a button that lights what it stands on."""
    shown, words = SIGNS[mark["mark"]]
    chunks, (first, last) = mark.get("chunks") or [], mark.get("lines") or (0, 0)
    on = f" by evidence {chunks[0]}" if chunks and mark["mark"] != "unsupported" else ""
    lit = f' data-n="{chunks[0]}" data-first="{first}" data-last="{last}"' if chunks else ""
    score = mark.get("score")
    rated = "" if score is None else f", score {digits(score, 2)}"
    said = text(f"{words.capitalize()}{on}{rated}")
    return (
        f'<button type="button" class="sign {mark["mark"]}" data-act="sign"{lit} '
        f'aria-label="{said}" title="{said}">{shown}</button>'
    )


def of_passage(number: int, marks: Marks | None) -> str:
    """Return how well a passage supports the sentences that stand on it; blank for none."""
    found = Counter(m["mark"] for m in marks or () if number in (m.get("chunks") or [])[:1])
    best = next((kind for kind in SIGNS if found[kind]), "")
    if not best or best == "unsupported":
        return ""
    shown, _ = SIGNS[best]
    told = "supports" if best == "supported" else "partly supports"
    said = f"{told} {count(found[best], 'sentence')}"
    return f'<span class="sign {best}"><span aria-hidden="true">{shown}</span> {said}</span>'


def tally(marks: Marks | None, words: bool = False) -> str:
    """Return how many sentences have each mark, in signs or in words; blank where none has one."""
    found = Counter(mark["mark"] for mark in marks or ())
    total = sum(found[kind] for kind in SIGNS)
    if not total:
        return ""
    if words:
        return f"{found['supported']} of {count(total, 'sentence')} supported"
    return " ".join(
        f'<span class="sign {kind}" title="{found[kind]} {said}">{shown}&nbsp;{found[kind]}</span>'
        for kind, (shown, said) in SIGNS.items()
        if found[kind]
    )


def legend(marks: Marks | None) -> str:
    """Return what the signs mean; nothing where there are none."""
    if not tally(marks):
        return ""
    parts = " · ".join(f"{shown} {said}" for shown, said in SIGNS.values())
    return f'<p class="legend" title="{text(HOW)}">{parts}</p>'


def _before_rule(words: str, end: int) -> int:
    """Return the end of a row of a table where a sentence ends in the rule below that row."""
    row = words.rfind("\n", 0, end) + 1
    if row and not words[row:end].strip("|-: "):
        return len(words[: row - 1].rstrip(" |"))
    return end
