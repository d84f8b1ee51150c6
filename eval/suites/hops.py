"""The suite codeqa-hop: what a class inherits, asked by the class that inherits it.

It knows classes whose base can be read too. Two definitions are needed for every answer: the
class, which names its base, and what the base says.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from core.bundled.questions import ask
from core.documents import location
from core.records import Item
from eval.suites.facts import Fact, Facts
from eval.suites.grounded import accepted, interleaved

Pairs = list[tuple[Fact, Fact]]
MOST_PER_BASE = 6


def items(facts: Facts, wanted: dict[str, Any], rng: random.Random) -> list[Item]:
    """Return the questions, every kind's packages in turn, few about the same base."""
    made: list[Item] = []
    pairs = [
        (child, base) for child in interleaved(facts.all, rng) if (base := _base(child, facts))
    ]
    for kind, count in wanted["kinds"].items():
        found: list[Item] = []
        bases: Counter[str] = Counter()
        for item in _ASKED[kind](pairs, facts, wanted, rng):
            base = item.details["base"]
            if len(found) < count and bases[base] < MOST_PER_BASE:
                bases[base] += 1
                found.append(item)
        made += [replace(one, id=f"{kind}-{n:03}") for n, one in enumerate(found, 1)]
    return made


def _base(child: Fact, facts: Facts) -> Fact | None:
    """Return the one class that a class inherits from, if it can be read too."""
    chunk = child.unit.chunk
    if chunk.kind != "class" or len(chunk.names) != 1 or chunk.names[0] == chunk.symbol:
        return None
    base = facts.of.get(chunk.names[0])
    return base if base and base.unit.chunk.kind == "class" else None


def _where(pairs: Pairs, _: Facts, __: dict[str, Any], rng: random.Random) -> Iterator[Item]:
    """Ask in which file the base is."""
    for child, base in pairs:
        places = (location(base.unit.chunk), base.path)
        question = ask("hop_where", rng, held_out=True, f=child.name)
        yield _item("where", question, places, child, base, base)


def _what(pairs: Pairs, facts: Facts, _: dict[str, Any], rng: random.Random) -> Iterator[Item]:
    """Ask what the base is for, as its docstring says."""
    for child, base in pairs:
        doc = base.unit.doc
        if len(doc.split()) > 4 and facts.docs[doc] == 1:
            question = ask("hop_what", rng, held_out=True, f=child.name)
            yield _item("what", question, (doc, doc.rstrip(".")), child, base, base)


def _default(
    pairs: Pairs, facts: Facts, wanted: dict[str, Any], rng: random.Random
) -> Iterator[Item]:
    """Ask for a default in a method of the base, each only once and the values in turn.

    Most defaults are None: as they come, naming that alone would be right too often.
    """
    shelves: dict[str, list[Item]] = {}
    seen: set[tuple[str, str]] = set()
    for child, base in pairs:
        for method in _methods(base, facts):
            for parameter, snippet, value in method.unit.defaults:
                forms = accepted(parameter, snippet, value)
                place = (method.gold.symbol, parameter)
                if forms and place not in seen:
                    seen.add(place)
                    words = {"p": parameter, "m": method.unit.name, "f": child.name}
                    question = rng.choice(wanted["default"]).format(**words)
                    made = _item("default", question, forms, child, base, method)
                    shelves.setdefault(value, []).append(made)
    while any(shelves.values()):
        yield from [shelf.pop(rng.randrange(len(shelf))) for shelf in shelves.values() if shelf]


def _methods(base: Fact, facts: Facts) -> list[Fact]:
    owner = f"{base.gold.symbol}."
    return [method for symbol, method in facts.of.items() if symbol.startswith(owner)]


def _item(
    kind: str, question: str, references: tuple[str, ...], child: Fact, base: Fact, last: Fact
) -> Item:
    return Item(
        id="",
        question=question,
        references=references,
        kind=kind,
        gold=(child.gold, last.gold),
        cluster=last.path,
        details={"package": child.package, "class": child.gold.symbol, "base": base.gold.symbol},
    )


_ASKED = {"default": _default, "where": _where, "what": _what}
