"""What the bundled model can do, measured on what it never saw.

It knows the questions, how an answer is judged and how a table is made of it; it
deliberately does not know how the model was trained.
"""

import itertools
import math
import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.bundled import arithmetic
from core.bundled.answers import Answerer, loops
from core.bundled.chat import Intent, intents
from core.bundled.corpus import Unit, units_of
from core.bundled.grounded import LEVELS, Composer
from core.bundled.needles import Teller
from core.bundled.questions import DONT_KNOW, Turn
from core.bundled.sections import sections_of
from core.bundled.splits import load_splits
from core.bundled.tokenizer import END, USER
from core.bundled.traces import Parts, traces
from core.measure.intervals import paired_difference, wilson

SEED = 2026
LENGTHS = ("short", "middle", "full")
LONGEST_STEPS = 384
DISTANCES = (128, 512, 1024, 2048, 4096, 7000)
CITE = re.compile(r"\[(\d)\]")
ACTION = re.compile(r'^Action: (retrieve|calculator)\("([^"\n]+)"\)$')


@dataclass(slots=True)
class Tally:
    """Hits and misses under names, in the order they were first counted."""

    counts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, hit: bool) -> None:
        """Count one."""
        self.counts[name].append(hit)

    def table(self) -> dict[str, dict[str, float | int | None]]:
        """Return share, interval and n under every name."""
        return {name: row(hits) for name, hits in self.counts.items()}


def row(hits: Sequence[bool]) -> dict[str, float | int | None]:
    """Return a share with its interval and n."""
    interval = wilson(sum(hits), len(hits))
    low, high = interval or (None, None)
    share = sum(hits) / len(hits) if hits else None
    return {"share": share, "low": low, "high": high, "n": len(hits)}


def normal(text: str) -> str:
    """Return a text as it is compared: single spaces, no backticks, no full stop at the end."""
    return " ".join(text.replace("`", "").split()).rstrip(".").lower()


def grounded(
    answerer: Answerer, packages: Sequence[str], level: str, per_kind: int
) -> dict[str, dict]:
    """Ask about unseen packages in unseen words until every kind was asked often enough."""
    asked = _questions(packages, level, per_kind)
    replies = answerer.answer([prefix for prefix, _ in asked], 96)
    text, cites, refused, looped = Tally(), Tally(), [], []
    for (_, turn), reply in zip(asked, replies, strict=True):
        said_no = normal(DONT_KNOW) in normal(reply)
        looped.append(loops(reply))
        if turn.kind == "unanswerable":
            text.add(turn.kind, said_no)
            continue
        refused.append(said_no)
        hit = normal(turn.expected) in normal(reply)
        text.add(turn.kind, hit)
        if hit:
            cites.add(turn.kind, {int(n) for n in CITE.findall(reply)} == set(turn.cites))
    answerable = [h for kind, hits in text.counts.items() if kind != "unanswerable" for h in hits]
    cited = [hit for hits in cites.counts.values() for hit in hits]
    return {
        "text_match": {**text.table(), "all answerable": row(answerable)},
        "citation_match": {**cites.table(), "all answerable": row(cited)},
        "false_refusals": {"all answerable": row(refused)},
        "repetition": {"all": row(looped)},
    }


def sums(answerer: Answerer, count: int) -> dict[str, dict]:
    """Solve the same held-out problems in three ways and compare the ways in pairs."""
    rng = random.Random(SEED)
    levels = itertools.islice(itertools.cycle(arithmetic.MEASURED), count)
    problems = [arithmetic.problem(rng, held_out=True, level=level) for level in levels]
    right = {
        way: [
            _last_number(reply) == made.answer
            for made, reply in zip(problems, _solve(answerer, problems, way), strict=True)
        ]
        for way in arithmetic.WAYS
    }
    pairs = (("direct", "steps"), ("steps", "calculator"))
    return {
        "share": {way: row(hits) for way, hits in right.items()},
        "paired": {f"{b} - {a}": paired_difference(right[a], right[b]) for a, b in pairs},
    }


def needles(answerer: Answerer, packages: Sequence[str], count: int) -> dict[str, dict]:
    """Ask for facts that were told ever longer ago; distances are in tokens, about."""
    composers = [Composer(_read(package), SEED, held_out=True) for package in packages]
    tally = Tally()
    for distance in DISTANCES:
        teller = Teller(composers, SEED, distance, held_out=True)
        for _ in range(count):
            opening, fact = teller.haystack(distance)
            [reply] = answerer.answer([opening], 32)
            tally.add(str(distance), normal(fact.value) in normal(reply))
    return {"recall": tally.table()}


def actions(answerer: Answerer, packages: Sequence[str], count: int) -> dict[str, dict]:
    """Ask for the first action of unseen questions and check that it can be carried out."""
    units = [unit for package in packages for unit in _read(package)]
    openings = [parts[0][0] for parts in traces(units, count, SEED, held_out=True)]
    valid = [valid_action(reply) for reply in answerer.answer(openings, 64)]
    return {"valid": {"first action": row(valid)}}


def small_talk(answerer: Answerer, packages: Sequence[str]) -> dict[str, dict]:
    """Ask every intent in a way that training did not see, bare and over evidence."""
    every = intents()
    questions = [(intent, ask) for intent in every for ask in intent.phrasings(held_out=True)]
    composers = [Composer(_read(package), SEED, held_out=True) for package in packages]
    rng = random.Random(SEED)
    tally = Tally()
    for place, openings in (
        ("", [f"{USER}{ask}" for _, ask in questions]),
        (" over evidence", [f"{_prefix(composers, rng)}{ask}" for _, ask in questions]),
    ):
        replies = answerer.answer([f"{text}{END}{'<|assistant|>'}" for text in openings], 64)
        for (intent, _), reply in zip(questions, replies, strict=True):
            tally.add(f"right intent{place}", _same_intent(intent, reply, every))
            tally.add(f"word for word{place}", reply.strip() == intent.say)
    return {"chat": tally.table()}


def _prefix(composers: Sequence[Composer], rng: random.Random) -> str:
    """Return evidence up to where its question stands."""
    while True:
        item = rng.choice(composers).one(LEVELS["middle"])
        if item:
            return item.prefix


def code(answerer: Answerer, packages: Sequence[str], count: int) -> dict[str, float | int]:
    """Return the bits per byte on unseen code."""
    rng = random.Random(SEED)
    texts = [u.chunk.text for u in rng.sample(_units(packages), count)]
    nats, size = answerer.surprise(texts)
    return {"bits_per_byte": nats / math.log(2) / size, "bytes": size, "n": count}


def valid_action(reply: str) -> bool:
    """Tell whether a reply ends in one action that can be parsed and carried out."""
    lines = [line for line in reply.strip().splitlines() if line.startswith("Action:")]
    found = ACTION.match(lines[0]) if len(lines) == 1 else None
    if not found:
        return False
    return found[1] == "retrieve" or arithmetic.value_of(found[2]) is not None


def _questions(packages: Sequence[str], level: str, per_kind: int) -> list[tuple[str, Turn]]:
    """Collect single questions, the same number of every kind where there are enough."""
    composers = [Composer(_read(p), SEED, held_out=True) for p in packages]
    rng = random.Random(SEED)
    taken: dict[str, int] = defaultdict(int)
    asked: list[tuple[str, Turn]] = []
    for _ in range(per_kind * 60):
        item = rng.choice(composers).one(LEVELS[level])
        for branch in item.branches if item else []:
            turn = branch[0]
            if item and taken[turn.kind] < per_kind and rng.random() < 0.5:
                taken[turn.kind] += 1
                asked.append((f"{item.prefix}{turn.question}{END}{'<|assistant|>'}", turn))
        if len(taken) >= 10 and min(taken.values()) >= per_kind:
            break
    return asked


def _solve(answerer: Answerer, problems: list[arithmetic.Problem], way: str) -> list[str]:
    """Answer problems one way; a calculator call is carried out and its result shown."""
    openings = [_opening(arithmetic.turns(made, way)) for made in problems]
    replies = answerer.answer(openings, LONGEST_STEPS if way == "steps" else 64)
    if way != "calculator":
        return replies
    results = [_calculated(reply) for reply in replies]
    goes_on = [
        f"{opening}{reply}{END}<|tool|>Observation: {result}{END}<|assistant|>"
        for opening, reply, result in zip(openings, replies, results, strict=True)
    ]
    return answerer.answer(goes_on, 32)


def _calculated(reply: str) -> str:
    """Carry out a calculator call."""
    found = ACTION.match(reply.strip().splitlines()[-1]) if reply.strip() else None
    value = arithmetic.value_of(found[2]) if found else None
    return str(value) if value is not None else "Error: the expression could not be read."


def _opening(parts: Parts) -> str:
    """Return everything up to the assistant's first turn."""
    return next(text for text, spoken in parts if not spoken)


def _last_number(reply: str) -> int | None:
    """Return the last whole number of a reply."""
    numbers = re.findall(r"-?\d+", reply)
    return int(numbers[-1]) if numbers else None


def _same_intent(wanted: Intent, reply: str, every: Sequence[Intent]) -> bool:
    """Tell whether a reply shares more words with the wanted intent than with any other."""
    best = max(every, key=lambda intent: _overlap(intent.say, reply))
    return best.say == wanted.say and _overlap(best.say, reply) >= 0.8


def _overlap(first: str, second: str) -> float:
    """Return the share of words that two texts have in common."""
    a, b = set(normal(first).split()), set(normal(second).split())
    return len(a & b) / max(1, len(a | b))


@lru_cache(maxsize=16)
def _read(package: str) -> tuple[Unit, ...]:
    """Return a package's units, read once."""
    return (*units_of(package), *sections_of(package))


def _units(packages: Sequence[str]) -> list[Unit]:
    """Return the units of packages that are long enough to be read as code."""
    every = (unit for package in packages for unit in _read(package))
    return [u for u in every if len(u.chunk.text) > 200 and u.chunk.kind != "section"]


def measure(answerer: Answerer, per_kind: int, split: str = "test") -> dict[str, object]:
    """Return every table for the packages of a split."""
    packages = load_splits().test if split == "test" else load_splits().dev
    return {
        "split": split,
        "packages": list(packages),
        "parameters": answerer.parameters,
        "grounded": grounded(answerer, packages, "middle", per_kind),
        "by_length": {
            level: grounded(answerer, packages, level, max(10, per_kind // 3))["text_match"]
            for level in LENGTHS
        },
        "arithmetic": sums(answerer, per_kind * 2),
        "needles": needles(answerer, packages, max(10, per_kind // 4)),
        "actions": actions(answerer, packages, per_kind * 2),
        "chat": small_talk(answerer, packages),
        "code": code(answerer, packages, per_kind * 2),
    }
