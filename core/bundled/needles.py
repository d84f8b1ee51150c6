"""Long conversations in which a fact is told early and asked for late.

It knows the facts, the turns that stand between and how far they reach; it deliberately does
not know rows or how recall is judged. The turns between are small talk and questions over
evidence, so that a long row holds what a long chat of this product holds.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from core.bundled.grounded import LEVELS, Composer, talk
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, USER
from core.documents import approximate_tokens

FACTS = Path(__file__).with_name("needles.yaml")
SYSTEMS = ("You are Plumbline.", "You are a helpful assistant.", "Remember what you are told.")
ASKED_BACK, TOLD_BACK, VALUES_BACK = 2, 1, 6
FRAMED, INVENTED = 0.5, 0.5

Parts = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is told: its kind, what it is about and its value."""

    kind: str
    about: str
    value: str


@lru_cache(maxsize=1)
def written() -> dict:
    """Return the kinds of facts and the lists that values are made of."""
    return yaml.safe_load(FACTS.read_text())


def invent(rng: random.Random, held_out: bool, words: Sequence[str] = ()) -> Fact:
    """Make up a fact; names and places of held-out facts are not those of training.

    Given words, every second name is put together from them, so that none is learned by heart.
    """
    kind = rng.choice(list(written()["facts"]))
    item = written()["facts"][kind]
    invented = words if rng.random() < INVENTED else ()
    return Fact(kind, rng.choice(item["about"]), _value(item["value"], rng, held_out, invented))


def tell(fact: Fact, rng: random.Random, held_out: bool = False) -> str:
    """Say a fact; in training with other words before and after it."""
    ways = written()["facts"][fact.kind]["tell"]
    if held_out:
        return _capital(rng.choice(ways[-TOLD_BACK:]).format(k=fact.about, v=fact.value))
    said = rng.choice(ways[:-TOLD_BACK]).format(k=fact.about, v=fact.value)
    before = f"{rng.choice(written()['before'])} " if rng.random() < FRAMED else ""
    after = f" {rng.choice(written()['after'])}" if rng.random() < FRAMED else ""
    return f"{_capital(before + (said if before else _capital(said)))}{after}"


def ask(fact: Fact, rng: random.Random, held_out: bool = False) -> str:
    """Ask for a fact; training never asks as held-out questions do."""
    item = written()["facts"][fact.kind]
    held = [way.format(k=fact.about) for way in item["ask"][-ASKED_BACK:]]
    if held_out:
        return _capital(rng.choice(held))
    question = rng.choice(item["ask"][:-ASKED_BACK])
    if rng.random() < FRAMED:
        question = rng.choice(written()["asking"]).replace("{n}", rng.choice(item["noun"]))
    asked = question.format(k=fact.about)
    if asked in held:
        return ask(fact, rng)
    return asked.rstrip("?.").lower() if rng.random() < 0.15 else _capital(asked)


def say(fact: Fact) -> str:
    """Answer with a fact."""
    return _capital(written()["facts"][fact.kind]["say"].format(k=fact.about, v=fact.value))


class Teller:
    """Makes conversations over the evidence of some packages."""

    def __init__(
        self,
        composers: Sequence[Composer],
        seed: int,
        length: int,
        held_out: bool = False,
        words: Sequence[str] = (),
    ) -> None:
        self.composers, self.length, self.held_out = composers, length, held_out
        self.words = [word for word in words if word.isalpha() and word.islower()]
        self.rng = random.Random(f"needles-{seed}-{length}")

    def conversations(self) -> Iterator[Parts]:
        """Yield conversations of at most about `length` tokens, without end."""
        while True:
            yield self._conversation(int(self.length * self.rng.uniform(0.45, 0.92)))

    def haystack(self, distance: int) -> tuple[str, Fact]:
        """Return a conversation up to the question for a fact told about `distance` before."""
        fact, *others = self._facts(5)
        opening = self._exchange(tell(fact, self.rng, self.held_out), self._noted())
        used, parts = 0, opening
        while used < distance:
            tells = others and self.rng.random() < 0.3
            between = self._told(others.pop()) if tells else self._between()
            used += _size(between)
            parts = parts + between
        question = ask(fact, self.rng, self.held_out)
        spoken = "".join(text for text, _ in parts)
        return f"{spoken}{USER}{question}{END}{ASSISTANT}", fact

    def _conversation(self, length: int) -> Parts:
        """Tell facts, talk of other things, and ask for facts more and more often."""
        rng = self.rng
        parts: Parts = []
        if rng.random() < 0.3:
            parts.append((f"{SYSTEM}{rng.choice(SYSTEMS)}{END}", False))
        untold = self._facts(rng.randint(3, 7))
        known: list[Fact] = []
        strange, used = untold.pop(), 0
        while used < length:
            roll = rng.random()
            if untold and (not known or roll < 0.35):
                known.append(untold.pop())
                turn = self._told(known[-1])
            elif roll < 0.55 or used > 0.9 * length:
                turn = self._asked(rng.choice(known))
            elif roll < 0.58:
                turn = self._exchange(ask(strange, rng), written()["unknown"])
            else:
                turn = self._between()
            used += _size(turn)
            parts += turn
        return parts + self._asked(known[0])

    def _facts(self, count: int) -> list[Fact]:
        """Make up facts that are about different things, some of them of the same kind."""
        found: dict[tuple[str, str], Fact] = {}
        while len(found) < count:
            fact = invent(self.rng, self.held_out, self.words)
            found.setdefault((fact.kind, fact.about), fact)
        return list(found.values())

    def _told(self, fact: Fact) -> Parts:
        """Tell a fact, which is noted."""
        return self._exchange(tell(fact, self.rng, self.held_out), self._noted())

    def _asked(self, fact: Fact) -> Parts:
        """Ask for a fact that was told."""
        return self._exchange(ask(fact, self.rng), say(fact))

    def _between(self) -> Parts:
        """Talk of something else: the product, or a question over evidence."""
        rng = self.rng
        item = rng.choice(self.composers).one(LEVELS["middle"]) if rng.random() < 0.5 else None
        if item:
            turn = rng.choice(item.branches)[0]
            evidence = item.prefix.split(USER, 1)[-1]
            return self._exchange(f"{evidence}{turn.question}", turn.answer)
        small = talk(rng)
        return self._exchange(small.question, small.answer)

    def _noted(self) -> str:
        """Return what is said to a fact."""
        return self.rng.choice(written()["noted"])

    def _exchange(self, asked: str, said: str) -> Parts:
        """Write one turn of each side."""
        return [(f"{USER}{asked}{END}{ASSISTANT}", False), (f"{said}{END}", True)]


def _value(kind: str, rng: random.Random, held_out: bool, words: Sequence[str]) -> str:
    """Make a value of a kind, of these words where there are any."""
    lists = written()["values"]
    if kind == "digits":
        return f"{rng.randrange(10_000):04}"
    if kind == "numbers":
        return str(rng.randint(11, 9_999))
    if kind == "times":
        minutes = rng.choice(("00", "15", "30", "45"))
        return f"{rng.choice(lists['days'])} at {rng.randint(7, 21)}:{minutes}"
    if kind == "files":
        first, second = rng.sample(words or lists["words"], 2)
        number = rng.choice(("", rng.randint(2, 99)))
        return f"{first}_{second}{number}.{rng.choice(lists['endings'])}"
    if words:
        return "".join(rng.sample(words, rng.choice((1, 2, 2)))).capitalize()
    every = lists[kind]
    return rng.choice(every[-VALUES_BACK:] if held_out else every[:-VALUES_BACK])


def _capital(text: str) -> str:
    """Begin a sentence with a capital letter."""
    return text[0].upper() + text[1:]


def _size(parts: Parts) -> int:
    """Return about how many tokens a part of a conversation has."""
    return sum(approximate_tokens(text) for text, _ in parts)
