"""How what was found is shown to a model: numbered for good, cut to a budget, fenced as data.

It knows budgets and fences. It does not know where anything comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.assistant.anchors import LARGEST, SHARE, UNKNOWN, matching
from core.assistant.guard import Guard
from core.assistant.tools.running import shortened
from core.documents import CHUNK_TOKENS, Chunk, Count, Evidence, cut, location, render
from core.messages import ModelCard

FENCE = "<data>\n{text}\n</data>"
QUARTER = 4


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of one passage and of one result a model is shown, and whether it is fenced.

    The bundled model was taught passages as they are, without a fence.
    """

    each: int
    whole: int
    fenced: bool = True

    @classmethod
    def of(cls, card: ModelCard) -> "Budget":
        """Return what suits a model."""
        if card.kind == "bundled":
            return cls(CHUNK_TOKENS, CHUNK_TOKENS * QUARTER, fenced=False)
        context = card.context_length or UNKNOWN
        each = min(LARGEST, max(CHUNK_TOKENS, context // SHARE))
        return cls(each, max(each, context // QUARTER))


def numbered(
    known: Sequence[Evidence], found: Sequence[Evidence]
) -> tuple[list[Evidence], list[int]]:
    """Return all evidence with the new at its end, and the number of each that was found.

    A number is never given twice, so that a citation means the same after every search.
    """
    every, numbers = list(known), list[int]()
    places = {_key(each): n for n, each in enumerate(every, 1)}
    for each in found:
        if _key(each) not in places:
            every.append(each)
            places[_key(each)] = len(every)
        numbers.append(places[_key(each)])
    return every, list(dict.fromkeys(numbers))


def passages(
    every: Sequence[Evidence],
    numbers: Sequence[int],
    question: str,
    budget: Budget,
    guard: Guard,
    count: Count,
) -> tuple[str, int]:
    """Return the numbered passages as text, and how many of their lines read like orders."""
    shown, room, flagged = list[str](), budget.whole, 0
    for n in numbers:
        safe = guard.shown(every[n - 1].chunk.text)
        chunk = replace(every[n - 1].chunk, text=safe.text)
        text = guard.plainly(render(cut(chunk, matching(chunk, question), budget.each, count), n))
        text = shortened(text, budget.each * 2, count)
        if count(text) > room and shown:
            shown.append(f"[{n}] {location(chunk)} found no room here.")
            continue
        room -= count(text)
        flagged += safe.orders
        shown.append(text)
    return "\n\n".join(shown), flagged


def fenced(text: str, budget: Budget) -> str:
    """Return text as data, for a model that knows the fence."""
    return FENCE.format(text=text) if budget.fenced else text


def _key(evidence: Evidence) -> tuple[str, int, int, str]:
    chunk = evidence.chunk
    return chunk.path, chunk.start, chunk.end, chunk.text


def brief(chunk: Chunk, question: str) -> Chunk:
    """Return a chunk cut to what the bundled model was taught to read at once."""
    return cut(chunk, matching(chunk, question), CHUNK_TOKENS)
