"""Evidence with questions: what the bundled model is for.

It knows how chunks, distractors and questions are put together and written as turns; it
deliberately does not know what single questions look like or how rows are packed.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.bundled.corpus import Unit
from core.bundled.questions import Shown, Turn, follow_up, hops, turns, unanswerable
from core.bundled.shards import ANSWER, CONTEXT, SKIP, Example
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, USER
from core.documents import cut, prompt

SYSTEMS = (
    "You are Plumbline. Answer from the context and cite it as [n].",
    "Answer from the context. Cite the chunk as [n].",
    "You answer questions about code from the context you are given.",
)
NO_EVIDENCE = 0.02
SHARES = {
    "default": 2.4,
    "params": 0.6,
    "returns": 1.2,
    "bases": 2.0,
    "where": 0.6,
    "what": 2.4,
    "which": 1.4,
    "raises": 1.8,
}


@dataclass(frozen=True, slots=True)
class Level:
    """How hard the evidence is: how many chunks, and how long each may be."""

    chunks: tuple[float, ...]
    budget: int
    branches: int = 6


LEVELS = {
    "short": Level((0.5, 0.5), 80),
    "mixed": Level((0.15, 0.45, 0.4), 90, 7),
    "middle": Level((0.3, 0.4, 0.3), 110),
    "full": Level((0.2, 0.25, 0.3, 0.25), 180, 7),
}


@dataclass(frozen=True, slots=True)
class Grounded:
    """One piece of evidence with the conversations that are held over it."""

    shown: list[Shown]
    branches: list[list[Turn]]
    system: str = ""

    @property
    def prefix(self) -> str:
        """Return the text that every branch begins with."""
        opening = f"{SYSTEM}{self.system}{END}" if self.system else ""
        return f"{opening}{USER}{prompt('', [item.chunk for item in self.shown])}"


class Composer:
    """Puts evidence together from the units of one package at a time."""

    def __init__(self, units: Sequence[Unit], seed: int, held_out: bool = False) -> None:
        self.units = list(units)
        self.rng = random.Random(f"grounded-{seed}-{self.units[0].package}")
        self.held_out = held_out
        self.rich = [i for i, unit in enumerate(self.units) if _is_rich(unit)]
        self.classes = {u.chunk.symbol: u for u in self.units if u.chunk.kind == "class"}

    def one(self, level: Level) -> Grounded | None:
        """Return one piece of evidence with its branches, or nothing if it was too poor."""
        rng = self.rng
        count = rng.choices(range(1, len(level.chunks) + 1), level.chunks)[0]
        picked = self._pick(count)
        shown = self._show(picked, level)
        branches = self._branches(shown, level)
        if not branches:
            return None
        if rng.random() < NO_EVIDENCE:
            shown, branches = [], [[self._refusal([])] for _ in range(2)]
            branches = [[turn] for branch in branches for turn in branch if turn]
        return Grounded(shown, branches, rng.choice(SYSTEMS) if rng.random() < 0.4 else "")

    def _pick(self, count: int) -> list[Unit]:
        """Choose a unit, its parent class if that is to be asked, and neighbours."""
        rng, at = self.rng, self.rng.randrange(len(self.units))
        if self.rich and rng.random() < 0.7:
            at = rng.choice(self.rich)
        picked = [self.units[at]]
        parents = [self.classes[b] for b in picked[0].chunk.names if b in self.classes]
        if count > 1 and picked[0].chunk.kind == "class" and parents:
            picked.append(parents[0])
        near = self.units[max(0, at - 12) : at + 12]
        for _ in range(20):
            if len(picked) >= count:
                break
            other = rng.choice(near if rng.random() < 0.6 else self.units)
            if not other.doc and rng.random() < 0.5:
                continue
            if all(other.chunk.symbol != unit.chunk.symbol for unit in picked):
                picked.append(other)
        rng.shuffle(picked)
        return picked

    def _show(self, picked: list[Unit], level: Level) -> list[Shown]:
        """Cut the chunks to the budget and give each the name it is asked by."""
        rng = self.rng
        names = Counter(unit.name for unit in picked)
        budget = int(level.budget * rng.uniform(0.6, 1.0))
        shown = []
        for n, unit in enumerate(picked, 1):
            lines = len(unit.chunk.text.splitlines())
            anchors = [0] if rng.random() < 0.6 else [rng.randrange(lines)]
            short = names[unit.name] == 1 and rng.random() < 0.6
            name = unit.name if short else unit.chunk.symbol
            shown.append(Shown(unit, cut(unit.chunk, anchors, budget), n, name))
        return shown

    def _branches(self, shown: list[Shown], level: Level) -> list[list[Turn]]:
        """Choose questions, kinds by their shares, each at most twice."""
        rng = self.rng
        pool = [(turn, item) for item in shown for turn in turns(item, rng, self.held_out)]
        branches: list[list[Turn]] = [[turn] for turn in self._hops(shown)]
        while pool and len(branches) < level.branches:
            kinds = sorted({turn.kind for turn, _ in pool})
            kind = rng.choices(kinds, [SHARES[k] for k in kinds])[0]
            place = rng.choice([i for i, (turn, _) in enumerate(pool) if turn.kind == kind])
            turn, item = pool.pop(place)
            second = None
            if rng.random() < 0.12:
                second = follow_up(turn, item, rng, self.held_out)
            branches.append([turn, second] if second else [turn])
        if branches:
            wanted = sum(rng.random() < 0.14 for _ in branches)
            refusals = [self._refusal(shown) for _ in range(wanted)]
            branches += [[turn] for turn in refusals if turn]
        rng.shuffle(branches)
        return branches

    def _hops(self, shown: list[Shown]) -> list[Turn]:
        """Return a two-hop question where a class and its base are both shown."""
        classes = [item for item in shown if item.chunk.kind == "class"]
        return [
            turn
            for child in classes
            for parent in classes
            if parent.chunk.symbol in child.chunk.names
            for turn in hops(child, parent, self.rng, self.held_out)
        ]

    def _refusal(self, shown: list[Shown]) -> Turn | None:
        """Return a question about something that is not shown."""
        return unanswerable(self.rng.choice(self.units), shown, self.rng, self.held_out)


def _is_rich(unit: Unit) -> bool:
    """Tell whether a unit can be asked about more than its name."""
    bases = unit.chunk.names if unit.chunk.kind == "class" else ()
    return bool(unit.doc and (unit.defaults or unit.raises or bases or unit.returns))


def dialogue(turn_list: Sequence[Turn]) -> list[tuple[str, bool]]:
    """Return the texts of a branch, each with whether it is the assistant's."""
    parts: list[tuple[str, bool]] = []
    for i, turn in enumerate(turn_list):
        opening = USER if i else ""
        parts.append((f"{opening}{turn.question}{END}{ASSISTANT}", False))
        parts.append((f"{turn.answer}{END}", True))
    return parts


def texts_of(items: Sequence[Grounded]) -> list[str]:
    """Return every text that has to be tokenised, in the order `to_examples` reads them."""
    texts: list[str] = []
    for item in items:
        texts.append(item.prefix)
        texts += [text for branch in item.branches for text, _ in dialogue(branch)]
    return texts


def to_examples(items: Sequence[Grounded], ids: Sequence[list[int]]) -> Iterator[Example]:
    """Turn tokenised texts into examples with a branch per conversation."""
    place = iter(ids)
    for item in items:
        example = Example().add(next(place), CONTEXT)
        for number, branch in enumerate(item.branches, 1):
            for _, spoken in dialogue(branch):
                example.add(next(place), ANSWER if spoken else SKIP, number)
        yield example
