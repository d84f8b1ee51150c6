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
from eval.suites.grounded import COMMON, accepted, interleaved

MOST_PER_BASE = 4


def items(facts: Facts, wanted: dict[str, Any], rng: random.Random) -> list[Item]:
    """Return the questions, every kind's packages in turn, few about the same base."""
    made: list[Item] = []
    for kind, count in wanted["kinds"].items():
        found: list[Item] = []
        bases: Counter[str] = Counter()
        for child in interleaved(facts.all, rng):
            base = _base(child, facts)
            if base is None or len(found) == count or bases[base.gold.symbol] == MOST_PER_BASE:
                continue
            one = next(_asked(kind, child, base, facts, wanted, rng), None)
            if one:
                bases[base.gold.symbol] += 1
                found.append(one)
        made += [replace(one, id=f"{kind}-{n:03}") for n, one in enumerate(found, 1)]
    return made


def _base(child: Fact, facts: Facts) -> Fact | None:
    """Return the one class that a class inherits from, if it can be read too."""
    chunk = child.unit.chunk
    if chunk.kind != "class" or len(chunk.names) != 1 or chunk.names[0] == chunk.symbol:
        return None
    base = facts.of.get(chunk.names[0])
    return base if base and base.unit.chunk.kind == "class" else None


def _asked(
    kind: str, child: Fact, base: Fact, facts: Facts, wanted: dict[str, Any], rng: random.Random
) -> Iterator[Item]:
    if kind == "default":
        yield from _defaults(child, base, facts, wanted["default"], rng)
    elif kind == "where":
        places = (location(base.unit.chunk), base.path)
        question = ask("hop_where", rng, held_out=True, f=child.name)
        yield _item(kind, question, places, child, base, base)
    elif len(base.unit.doc.split()) > 4 and facts.docs[base.unit.doc] == 1:
        doc = base.unit.doc
        question = ask("hop_what", rng, held_out=True, f=child.name)
        yield _item(kind, question, (doc, doc.rstrip(".")), child, base, base)


def _defaults(
    child: Fact, base: Fact, facts: Facts, templates: list[str], rng: random.Random
) -> Iterator[Item]:
    """Ask for a default in a method of the base."""
    owner = f"{base.gold.symbol}."
    known = [
        (method, default)
        for symbol, method in facts.of.items()
        if symbol.startswith(owner)
        for default in method.unit.defaults
    ]
    rng.shuffle(known)
    for method, (parameter, snippet, value) in sorted(known, key=lambda one: one[1][2] in COMMON):
        forms = accepted(parameter, snippet, value)
        if forms:
            words = {"p": parameter, "m": method.unit.name, "f": child.name}
            question = rng.choice(templates).format(**words)
            yield _item("default", question, forms, child, base, method)


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
