"""The suite codeqa: questions about definitions, with short answers that can be compared.

It knows what is asked of a definition and which answers are accepted. Questions are phrased in
words that training did not see. It does not know how a suite is kept.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from core.bundled.corpus import python_files, units_in
from core.bundled.questions import ask
from core.documents import MAX_NAMES, location
from core.records import Item
from eval.suites.facts import Fact, Facts

Asked = tuple[str, tuple[str, ...]]
Maker = Callable[[Fact, Facts, random.Random], Asked | None]

LEAST = 2
MOST_LINES = 60
MOST_NAMES = 5
ABSENT_FILES = 40
COMMON = frozenset({"None", "True", "False"})
COMMON_SHARE = 0.05
ABSENT_KINDS = {"class": ("bases", "where", "what"), "": ("where", "params", "what", "returns")}
_ARTICLES = frozenset({"a", "an", "the"})


def items(facts: Facts, wanted: dict[str, Any], rng: random.Random) -> list[Item]:
    """Return the questions, every kind's packages in turn and no definition twice."""
    used: set[str] = set()
    made: list[Item] = []
    for kind, count in wanted["kinds"].items():
        found = _chosen(facts, kind, count, used, rng)
        made += [_item(kind, n, fact, asked) for n, (fact, asked) in enumerate(found, 1)]
    lacking = _lacking(facts, wanted["no_such_parameter"], rng)
    absent = _absent(facts, wanted["not_there"], rng)
    return [*made, *_unanswerable([*lacking, *absent])]


def comparable(reference: str) -> bool:
    """Say whether enough is left of an answer where marks and articles do not count."""
    words = [word for word in re.findall(r"\w+", reference.lower()) if word not in _ARTICLES]
    return sum(map(len, words)) >= LEAST


def accepted(parameter: str, snippet: str, value: str) -> tuple[str, ...]:
    """Return the ways to name a default; none where too little of it could be compared."""
    bare = value.strip("\"'")
    forms = _once((value, bare, f"{parameter}={value}", f"{parameter} = {value}", snippet))
    return forms if len(value) > 1 and "`" not in snippet and all(map(comparable, forms)) else ()


def interleaved(facts: Sequence[Fact], rng: random.Random) -> Iterator[Fact]:
    """Yield definitions in a drawn order, the packages taking turns."""
    shelves: dict[str, list[Fact]] = {}
    for fact in facts:
        shelves.setdefault(fact.package, []).append(fact)
    for shelf in shelves.values():
        rng.shuffle(shelf)
    while any(shelves.values()):
        yield from [shelf.pop() for shelf in shelves.values() if shelf]


def _chosen(
    facts: Facts, kind: str, count: int, used: set[str], rng: random.Random
) -> list[tuple[Fact, Asked]]:
    found: list[tuple[Fact, Asked]] = []
    for fact in interleaved(facts.all, rng):
        if len(found) == count:
            break
        asked = None if fact.gold.symbol in used else MAKERS[kind](fact, facts, rng)
        if asked and all(map(comparable, asked[1])):
            used.add(fact.gold.symbol)
            found.append((fact, asked))
    return found


def _default(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    """Ask for a default; what everything has by default is asked for less often."""
    known = [(each, forms) for each in fact.unit.defaults if (forms := accepted(*each))]
    rare = [one for one in known if one[0][2] not in COMMON]
    if not known or _is_long(fact) or not (rare or rng.random() < COMMON_SHARE):
        return None
    each, forms = rng.choice(rare or known)
    return ask("default", rng, held_out=True, f=fact.name, p=each[0]), forms


def _params(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    names = fact.unit.chunk.names
    own = tuple(name for name in names if name not in ("self", "cls"))
    if fact.unit.chunk.kind == "class" or not 2 <= len(own) <= MOST_NAMES:
        return None
    plain = tuple(name.lstrip("*") for name in own if name != "*")
    forms = (", ".join(own), ", ".join(names), ", ".join(plain), " and ".join(_last_two(plain)))
    return ask("params", rng, held_out=True, f=fact.name), _once(forms)


def _returns(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    said = fact.unit.returns
    if not 4 <= len(said) <= 60 or said == "None":
        return None
    return ask("returns", rng, held_out=True, f=fact.name), _once((said, said.strip("'")))


def _bases(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    names = fact.unit.chunk.names
    if fact.unit.chunk.kind != "class" or not 1 <= len(names) <= MAX_NAMES:
        return None
    forms = (", ".join(names), " and ".join(_last_two(names)))
    return ask("bases", rng, held_out=True, f=fact.name), _once(forms)


def _where(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    chunk = fact.unit.chunk
    if _is_long(fact) or fact.name != fact.unit.name:
        return None
    return ask("where", rng, held_out=True, f=fact.name), (location(chunk), chunk.path)


def _which(fact: Fact, facts: Facts, rng: random.Random) -> Asked | None:
    doc, symbol = fact.unit.doc, fact.gold.symbol
    if facts.docs[doc] != 1 or len(doc.split()) < 6 or "`" in doc:
        return None
    described = doc[0].lower() + doc[1:].rstrip(".")
    short = (fact.name,) if len(fact.name) >= 6 else ()
    return ask("which", rng, held_out=True, d=described), _once((symbol, *short))


def _what(fact: Fact, facts: Facts, rng: random.Random) -> Asked | None:
    doc = fact.unit.doc
    if facts.docs[doc] != 1 or len(doc.split()) < 5:
        return None
    return ask("what", rng, held_out=True, f=fact.name), _once((doc, doc.rstrip(".")))


def _raises(fact: Fact, _: Facts, rng: random.Random) -> Asked | None:
    names = fact.unit.raises
    if not 1 <= len(names) <= 2 or _is_long(fact):
        return None
    forms = (" or ".join(names), ", ".join(names), " and ".join(names), _raise(names))
    return ask("raises", rng, held_out=True, f=fact.name), _once(forms)


MAKERS: dict[str, Maker] = {
    "default": _default,
    "params": _params,
    "returns": _returns,
    "bases": _bases,
    "where": _where,
    "which": _which,
    "what": _what,
    "raises": _raises,
}


def _lacking(facts: Facts, count: int, rng: random.Random) -> list[tuple[str, Fact]]:
    """Ask for the default of a parameter that a function does not have."""
    every = sorted({name for fact in facts.all for name, _, _ in fact.unit.defaults})
    asked: list[tuple[str, Fact]] = []
    for fact in interleaved(facts.all, rng):
        if len(asked) == count:
            break
        unit = fact.unit
        if unit.chunk.kind == "class" or not unit.defaults:
            continue
        other = rng.choice(every)
        first, last = fact.gold.span or (0, 0)
        source = facts.files[fact.path].raw[first:last].decode("utf-8")
        if other not in re.findall(r"\w+", source) and "kwargs" not in source:
            asked.append((ask("default", rng, held_out=True, f=fact.name, p=other), fact))
    return asked


def _absent(facts: Facts, count: int, rng: random.Random) -> list[tuple[str, None]]:
    """Ask about definitions of files of the same packages that are not there to be read."""
    words = set(re.findall(r"\w+", facts.text))
    packages = sorted({fact.package for fact in facts.all})
    shelves = {package: _elsewhere(package, facts, words, rng) for package in packages}
    asked: list[tuple[str, None]] = []
    while len(asked) < count and any(shelves.values()):
        for shelf in shelves.values():
            if shelf and len(asked) < count:
                asked.append((shelf.pop(), None))
    return asked


def _elsewhere(package: str, facts: Facts, words: set[str], rng: random.Random) -> list[str]:
    sources = [(path, text) for path, text in python_files(package) if path not in facts.files]
    asked = []
    for path, text in rng.sample(sources, min(ABSENT_FILES, len(sources))):
        for unit in units_in(package, path, text):
            name, kind = unit.name, unit.chunk.kind
            if name not in words and not name.startswith("_") and len(name) > 6:
                kinds = ABSENT_KINDS["class" if kind == "class" else ""]
                asked.append(ask(rng.choice(kinds), rng, held_out=True, f=name))
    rng.shuffle(asked)
    return asked


def _unanswerable(asked: Sequence[tuple[str, Fact | None]]) -> Iterator[Item]:
    for n, (question, about) in enumerate(asked, 1):
        yield Item(
            id=f"unanswerable-{n:03}",
            question=question,
            kind="unanswerable",
            cluster=about.path if about else "",
            answerable=False,
            details={"why": "no such parameter" if about else "not in the corpus"},
        )


def _item(kind: str, n: int, fact: Fact, asked: Asked) -> Item:
    question, references = asked
    return Item(
        id=f"{kind}-{n:03}",
        question=question,
        references=references,
        kind=kind,
        gold=(fact.gold,),
        cluster=fact.path,
        details={"package": fact.package},
    )


def _is_long(fact: Fact) -> bool:
    """Say whether it may be cut into pieces, so that a place or a line would be another's."""
    return fact.unit.chunk.end - fact.unit.chunk.start > MOST_LINES


def _raise(names: Sequence[str]) -> str:
    return " or ".join(f"raise {name}" for name in names)


def _last_two(names: Sequence[str]) -> list[str]:
    return [", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names)


def _once(forms: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(forms))
