"""Evidence with questions: what the bundled model is for.

It knows how chunks, distractors and questions are put together and written as turns; it
deliberately does not know what single questions look like or how rows are packed.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.bundled.chat import intents, vary
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
SMALL_TALK = 0.06  # a search finds something for every question, also for those about us
EARLIER_TALK, EARLIER_QUESTION = 0.06, 0.05
# What the first unit of a piece of evidence can be asked; hop: a class beside its base.
TARGETS = {
    "default": 5.0,
    "raises": 2.4,
    "what": 3.0,
    "returns": 2.0,
    "bases": 1.0,
    "hop": 2.6,
    "section": 0.7,
}
# How many of the questions that evidence can answer are asked. Every function has a place and
# parameters, few raise: asked as they come, the easy kinds would be most of what is learned.
KEPT = {"where": 0.2, "params": 0.2, "returns": 0.6, "which": 0.4, "bases": 0.8}
TWICE = frozenset({"default", "raises", "what"})


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
    history: tuple[Turn, ...] = ()

    @property
    def prefix(self) -> str:
        """Return the text that every branch begins with; earlier turns are kept bare."""
        opening = f"{SYSTEM}{self.system}{END}" if self.system else ""
        opening += "".join(
            f"{USER}{turn.question}{END}{ASSISTANT}{turn.answer}{END}" for turn in self.history
        )
        return f"{opening}{USER}{prompt('', [item.chunk for item in self.shown])}"

    @property
    def texts(self) -> list[str]:
        """Return every text that has to be tokenised, in the order `to_examples` reads them."""
        return [self.prefix, *(text for turns in self.branches for text, _ in dialogue(turns))]

    @property
    def answers(self) -> list[str]:
        """Return what is answered in the branches and before them."""
        said = [turn.answer for branch in self.branches for turn in branch]
        return said + [turn.answer for turn in self.history]


class Composer:
    """Puts evidence together from the units of one package at a time."""

    def __init__(self, units: Sequence[Unit], seed: int, held_out: bool = False) -> None:
        self.units = list(units)
        self.rng = random.Random(f"grounded-{seed}-{self.units[0].package}")
        self.held_out = held_out
        self.classes = {u.chunk.symbol: u for u in self.units if u.chunk.kind == "class"}
        self.having = {
            kind: [i for i, unit in enumerate(self.units) for _ in range(self._chances(unit, kind))]
            for kind in TARGETS
        }

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
        system = rng.choice(SYSTEMS) if rng.random() < 0.4 else ""
        history = () if self.held_out else self._history(shown, branches)
        return Grounded(shown, branches, system, history)

    def _history(self, shown: list[Shown], branches: list[list[Turn]]) -> tuple[Turn, ...]:
        """Return an earlier turn at times, and ask on about what it was about."""
        rng = self.rng
        roll = rng.random()
        if roll < EARLIER_TALK:
            return (talk(rng),)
        if roll > EARLIER_TALK + EARLIER_QUESTION or not shown:
            return ()
        item = rng.choice(shown)
        asked = turns(item, rng)
        if not asked:
            return ()
        first = rng.choice(asked)
        following = [turn for _ in range(2) if (turn := follow_up(first, item, rng, False))]
        branches += [[turn] for turn in following]
        return (first,) if following else ()

    def _pick(self, count: int) -> list[Unit]:
        """Choose a unit, its parent class if that is to be asked, and neighbours."""
        rng, at = self.rng, self.rng.randrange(len(self.units))
        having = self.having[rng.choices(list(TARGETS), list(TARGETS.values()))[0]]
        if having and rng.random() < 0.9:
            at = rng.choice(having)
        picked = [self.units[at]]
        if count > 1:
            picked += self._parents(picked[0])
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

    def _chances(self, unit: Unit, kind: str) -> int:
        """Return how often a unit is in the draw for a kind of question; 0: it has no answer.

        Where a function has one default, it can be told without reading which parameter was
        meant: what has several comes up more often.
        """
        bases = unit.chunk.kind == "class" and unit.chunk.names
        facts = {
            "raises": unit.raises,
            "what": unit.doc and unit.chunk.kind != "section",
            "returns": unit.returns,
            "bases": bases,
            "hop": bases and self._parents(unit),
            "section": unit.chunk.kind == "section",
        }
        if kind == "default":
            return max(0, min(len(unit.defaults), 5) - 1)
        return int(bool(facts[kind]))

    def _parents(self, unit: Unit) -> list[Unit]:
        """Return the first base of a class, if it is a class of the package."""
        base = unit.chunk.names[0] if unit.chunk.kind == "class" and unit.chunk.names else ""
        found = self.classes.get(base)
        return [found] if found and found.chunk.symbol != unit.chunk.symbol else []

    def _show(self, picked: list[Unit], level: Level) -> list[Shown]:
        """Cut the chunks to the budget and give each the name it is asked by."""
        rng = self.rng
        names = Counter(unit.name for unit in picked)
        budget = int(level.budget * rng.uniform(0.6, 1.0))
        shown = []
        for n, unit in enumerate(picked, 1):
            opening = 0.3 if unit.raises else 0.6
            anchors = [0] if rng.random() < opening else [self._anchor(unit)]
            short = names[unit.name] == 1 and rng.random() < 0.6
            name = unit.name if short else unit.chunk.symbol
            shown.append(Shown(unit, cut(unit.chunk, anchors, budget), n, name))
        return shown

    def _anchor(self, unit: Unit) -> int:
        """Choose the line that evidence is cut around: at times one that raises."""
        rows = unit.chunk.text.splitlines()
        raising = [i for i, row in enumerate(rows) if row.lstrip().startswith("raise ")]
        if raising and self.rng.random() < 0.7:
            return self.rng.choice(raising)
        return self.rng.randrange(len(rows))

    def _branches(self, shown: list[Shown], level: Level) -> list[list[Turn]]:
        """Choose among what can be asked, and add what cannot be answered."""
        rng = self.rng
        pool = [(turn, item) for item in shown for turn in self._asked(item)]
        rng.shuffle(pool)
        branches: list[list[Turn]] = [[turn] for turn in self._hops(shown)]
        for turn, item in pool[: max(0, level.branches - len(branches))]:
            second = None
            if rng.random() < 0.08:
                second = follow_up(turn, item, rng, self.held_out)
            branches.append([turn, second] if second else [turn])
        if branches:
            wanted = sum(rng.random() < 0.14 for _ in branches)
            refusals = [self._refusal(shown) for _ in range(wanted)]
            branches += [[turn] for turn in refusals if turn]
            if not self.held_out:
                branches += [[talk(rng)] for _ in branches if rng.random() < SMALL_TALK]
        rng.shuffle(branches)
        return branches

    def _asked(self, item: Shown) -> list[Turn]:
        """Return questions about a unit, the common kinds thinned and the hard ones repeated."""
        rng = self.rng
        found = turns(item, rng, self.held_out)
        if not self.held_out and rng.random() < 0.5:
            found += [t for t in turns(item, rng, self.held_out) if t.kind in TWICE]
        return [turn for turn in found if rng.random() < KEPT.get(turn.kind, 1.0)]

    def _hops(self, shown: list[Shown]) -> list[Turn]:
        """Return a two-hop question where a class and its base are both shown."""
        classes = [item for item in shown if item.chunk.kind == "class"]
        return [
            turn
            for child in classes
            for parent in classes
            if parent.chunk.symbol in child.chunk.names[:1]
            for turn in hops(child, parent, self.rng, self.held_out)
        ]

    def _refusal(self, shown: list[Shown]) -> Turn | None:
        """Return a question about something that is not shown."""
        return unanswerable(self.rng.choice(self.units), shown, self.rng, self.held_out)


def talk(rng: random.Random) -> Turn:
    """Return small talk, or a question about the product, as a turn."""
    intent = rng.choice(intents())
    asked = vary(rng.choice(intent.phrasings(held_out=False)), rng)
    return Turn("talk", asked, intent.say, intent.say)


def dialogue(turn_list: Sequence[Turn]) -> list[tuple[str, bool]]:
    """Return the texts of a branch, each with whether it is the assistant's."""
    parts: list[tuple[str, bool]] = []
    for i, turn in enumerate(turn_list):
        opening = USER if i else ""
        parts.append((f"{opening}{turn.question}{END}{ASSISTANT}", False))
        parts.append((f"{turn.answer}{END}", True))
    return parts


def to_examples(items: Sequence[Grounded], ids: Sequence[list[int]]) -> Iterator[Example]:
    """Turn tokenised texts into examples with a branch per conversation."""
    place = iter(ids)
    for item in items:
        example = Example().add(next(place), CONTEXT)
        for number, branch in enumerate(item.branches, 1):
            for _, spoken in dialogue(branch):
                example.add(next(place), ANSWER if spoken else SKIP, number)
        yield example
