"""Questions about definitions with answers copied from what is shown.

It knows kinds, phrasings and the sentence each kind is answered with; it deliberately does
not know tokens, rows or how evidence is put together.
"""

import random
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from core.bundled.corpus import Unit
from core.bundled.splits import load_splits
from core.documents import ELLIPSIS, MAX_NAMES, Chunk, location

PHRASINGS = Path(__file__).with_name("phrasings.yaml")
DONT_KNOW = "The retrieved context does not say."
LEADS = ("Can you tell me: ", "I want to know: ", "Quick question: ", "Tell me, ", "So, ", "Hi. ")
ABSENT = {
    "function": ("where", "params", "what", "returns", "raises"),
    "class": ("bases", "where", "what"),
    "section": ("section", "section_where"),
}
SYNONYMS = (
    ("argument", "parameter"),
    ("arguments", "parameters"),
    ("when I call", "if I call", "when I use", "when calling", "in a call of"),
    ("calling", "using", "invoking"),
    ("default value", "default", "standard value", "preset value"),
    ("is omitted", "is left out", "is not given", "is missing", "is not set"),
    ("exception", "error"),
    ("exceptions", "errors"),
    ("raises", "throws", "can raise", "may raise"),
    ("base class", "parent class", "superclass", "parent", "base"),
    ("base classes", "superclasses", "parents", "bases"),
    ("defined", "implemented", "located"),
    ("purpose", "role", "aim", "use"),
    ("explain", "describe", "sum up"),
    ("tell me", "show me"),
    ("which file", "what file", "which module"),
    ("what type", "which type", "what kind of value", "which class of value"),
    ("inherit from", "derive from", "extend", "descend from"),
    ("return type", "result type", "type of the result"),
)
_CHOICES = {word.lower(): words for words in SYNONYMS for word in words}
_ORDER = sorted(_CHOICES, key=len, reverse=True)
_SYNONYM = re.compile(rf"\b({'|'.join(_ORDER)})\b", re.IGNORECASE)
COPY_KINDS = ("default", "params", "bases", "where")


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with its answer and what must occur in an answer that is right."""

    kind: str
    question: str
    answer: str
    expected: str
    cites: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A unit as it is shown: its number, its cut text, the name it is asked by."""

    unit: Unit
    chunk: Chunk
    n: int
    name: str


@lru_cache(maxsize=1)
def phrasings() -> dict[str, list[str]]:
    """Return all phrasings by kind."""
    return yaml.safe_load(PHRASINGS.read_text())


def ask(kind: str, rng: random.Random, held_out: bool, **words: str) -> str:
    """Phrase a question of a kind."""
    every = phrasings()[kind]
    back = load_splits().phrasings_held_out
    template = rng.choice(every[-back:] if held_out else every[:-back])
    if not held_out and rng.random() < 0.4:
        template = reword(template, kind, rng)
    ticks = rng.random() < 0.4
    dressed = {k: f"`{v}`" if ticks and k in "fp" else v for k, v in words.items()}
    question = template.format(**dressed)
    if template[0] != "{":
        question = question[0].upper() + question[1:]
    return question if held_out else typed(question, rng)


def reword(template: str, kind: str, rng: random.Random) -> str:
    """Put another word for one that has others, if that leads to no held-out question."""
    words = list(_SYNONYM.finditer(template))
    if not words:
        return template
    found = rng.choice(words)
    others = _CHOICES[found[1].lower()]
    other = rng.choice([word for word in others if word.lower() != found[1].lower()])
    other = other[0].upper() + other[1:] if found[1][0].isupper() else other
    made = template[: found.start()] + other + template[found.end() :]
    back = phrasings()[kind][-load_splits().phrasings_held_out :]
    return template if made.lower() in (held.lower() for held in back) else made


def typed(question: str, rng: random.Random) -> str:
    """Write a question the way people type: with a lead, without a mark, in small letters."""
    if rng.random() < 0.12:
        question = rng.choice(LEADS) + question
    if rng.random() < 0.12 and question[-1] in "?.":
        question = question[:-1]
    if rng.random() < 0.1 and question[0].isupper() and question[1:2].islower():
        question = question[0].lower() + question[1:]
    return question


def turns(shown: Shown, rng: random.Random, held_out: bool = False) -> list[Turn]:
    """Return every question that what is shown of a unit can answer."""
    if shown.chunk.kind == "section":
        return _sections(shown, rng, held_out)
    found = [*_defaults(shown, rng, held_out), *_named(shown, rng, held_out)]
    unit, n, name = shown.unit, shown.n, shown.name
    said = quote(unit.doc, shown.chunk)
    if said:
        asked = ask("what", rng, held_out, f=name)
        found.append(Turn("what", asked, f"`{name}` [{n}]: {said}", unit.doc, (n,)))
        described = ask("which", rng, held_out, d=blur(unit.doc, rng))
        symbol = shown.chunk.symbol
        found.append(Turn("which", described, f"That is `{symbol}` [{n}].", symbol, (n,)))
    raised = raises(shown)
    if 0 < len(raised) <= 3:
        asked = ask("raises", rng, held_out, f=name)
        listed = "`raise " + "` or `raise ".join(raised) + "`"
        expected = listed.replace("`", "")
        found.append(Turn("raises", asked, f"`{name}` [{n}] can {listed}.", expected, (n,)))
    return found


def _sections(shown: Shown, rng: random.Random, held_out: bool) -> list[Turn]:
    """Return the questions that a section of documentation answers."""
    n, name, place = shown.n, shown.name, location(shown.chunk)
    asked = ask("section_where", rng, held_out, f=name)
    found = [Turn("section", asked, f"`{name}` is in {place} [{n}].", place, (n,))]
    said = quote(shown.unit.doc, shown.chunk)
    if said:
        asked = ask("section", rng, held_out, f=name)
        found.append(Turn("section", asked, f"`{name}` [{n}]: {said}", shown.unit.doc, (n,)))
    return found


def raises(shown: Shown) -> list[str]:
    """Return the exceptions whose raise statements can be read, as they follow each other."""
    text = shown.chunk.text
    at = {name: re.search(rf"\braise {name}\b", text) for name in shown.unit.raises}
    return [name for _, name in sorted((m.start(), name) for name, m in at.items() if m)]


def follow_up(first: Turn, shown: Shown, rng: random.Random, held_out: bool) -> Turn | None:
    """Return a second question that says "it" for what the first was about."""
    kinds = [kind for kind in ("where", "params", "what") if kind != first.kind]
    rng.shuffle(kinds)
    answers = {turn.kind: turn for turn in turns(shown, rng, held_out)}
    for kind in kinds:
        if kind in answers:
            base = answers[kind]
            question = ask(f"follow_{kind}", rng, held_out)
            return Turn("follow", question, base.answer, base.expected, base.cites)
    return None


def hops(child: Shown, parent: Shown, rng: random.Random, held_out: bool) -> list[Turn]:
    """Return questions that need the child's header and the parent's chunk."""
    name, base, cites = child.name, parent.chunk.symbol, (child.n, parent.n)
    bases = ", ".join(child.chunk.names[:MAX_NAMES])
    lead = f"`{name}` inherits from `{bases}` [{child.n}]."
    place = location(parent.chunk)
    asked = ask("hop_where", rng, held_out, f=name)
    found = [Turn("hop", asked, f"{lead} `{base}` is in {place} [{parent.n}].", place, cites)]
    said = quote(parent.unit.doc, parent.chunk)
    if said:
        asked = ask("hop_what", rng, held_out, f=name)
        answer = f"{lead} `{base}` [{parent.n}]: {said}"
        found.append(Turn("hop", asked, answer, parent.unit.doc, cites))
    return found


def unanswerable(
    absent: Unit, shown: list[Shown], rng: random.Random, held_out: bool = False
) -> Turn | None:
    """Return a question that what is shown does not answer."""
    text = "\n".join(item.chunk.text for item in shown)
    functions = [item for item in shown if item.chunk.kind in ("function", "method")]
    taken = {item.name for item in shown} | {item.chunk.symbol for item in shown}
    roll = rng.random()
    if functions and roll < 0.25:
        item = rng.choice(functions)
        other = [p for p, _, _ in absent.defaults if not re.search(rf"\b{p}\b", text)]
        if other:
            question = ask("default", rng, held_out, f=item.name, p=rng.choice(other))
            return Turn("unanswerable", question, DONT_KNOW, DONT_KNOW)
    if functions and roll < 0.4:
        item = rng.choice(functions)
        if not item.unit.raises and "raise" not in text:
            question = ask("raises", rng, held_out, f=item.name)
            return Turn("unanswerable", question, DONT_KNOW, DONT_KNOW)
    if absent.name in taken or re.search(rf"\b{re.escape(absent.name)}\b", text):
        return None
    if absent.doc and rng.random() < 0.3:
        question = ask("which", rng, held_out, d=blur(absent.doc, rng))
        return Turn("unanswerable", question, DONT_KNOW, DONT_KNOW)
    kinds = ABSENT.get(absent.chunk.kind, ABSENT["function"])
    name = absent.chunk.symbol if rng.random() < 0.4 else absent.name
    question = ask(rng.choice(kinds), rng, held_out, f=name)
    return Turn("unanswerable", question, DONT_KNOW, DONT_KNOW)


def blur(doc: str, rng: random.Random) -> str:
    """Return a description that is near to the docstring but not always the same."""
    words = doc.rstrip(".").split()
    if len(words) > 5 and rng.random() < 0.5:
        drop = rng.randrange(1, len(words))
        words = words[:drop] + words[drop + 1 :]
    if len(words) > 9 and rng.random() < 0.4:
        words = words[: rng.randint(6, len(words))]
    if rng.random() < 0.6:
        words[0] = words[0][0].lower() + words[0][1:]
    return " ".join(words)


def _defaults(shown: Shown, rng: random.Random, held_out: bool) -> list[Turn]:
    """Return questions about the defaults that are shown."""
    found, n, name = [], shown.n, shown.name
    for parameter, snippet, value in shown.unit.defaults:
        if snippet in shown.chunk.text and "`" not in snippet:
            question = ask("default", rng, held_out, f=name, p=parameter)
            answer = f"`{name}` [{n}] has `{snippet}`."
            found.append(Turn("default", question, answer, value, (n,)))
    for parameter in shown.unit.plain[:1]:
        if rng.random() < 0.15:
            question = ask("default", rng, held_out, f=name, p=parameter)
            answer = f"`{name}` [{n}] has no default for `{parameter}`."
            found.append(Turn("default", question, answer, "no default", (n,)))
    return found


def _named(shown: Shown, rng: random.Random, held_out: bool) -> list[Turn]:
    """Return questions that the header or the definition's line answers."""
    unit, chunk, n, name = shown.unit, shown.chunk, shown.n, shown.name
    place = location(chunk)
    question = ask("where", rng, held_out, f=name)
    found = [Turn("where", question, f"`{name}` is in {place} [{n}].", place, (n,))]
    if chunk.kind == "class" and chunk.names:
        bases = ", ".join(chunk.names[:MAX_NAMES])
        question = ask("bases", rng, held_out, f=name)
        found.append(
            Turn("bases", question, f"`{name}` inherits from `{bases}` [{n}].", bases, (n,))
        )
    if chunk.kind != "class":
        more = (ELLIPSIS,) if len(chunk.names) > MAX_NAMES else ()
        names = ", ".join(chunk.names[:MAX_NAMES] + more)
        question = ask("params", rng, held_out, f=name)
        found.append(Turn("params", question, f"`{name}` takes `({names})` [{n}].", names, (n,)))
    if unit.returns and len(unit.returns) <= 60 and f"-> {unit.returns}:" in chunk.text:
        question = ask("returns", rng, held_out, f=name)
        answer = f"`{name}() -> {unit.returns}` [{n}]."
        found.append(Turn("returns", question, answer, unit.returns, (n,)))
    return found


def quote(doc: str, chunk: Chunk) -> str:
    """Return a docstring's sentence as it stands in what is shown, or nothing.

    Line breaks are kept: what is copied token by token is easier to learn than what is mended.
    """
    words = [re.escape(word) for word in doc.rstrip(".").split()]
    found = re.search(r"\s+".join(words), chunk.text) if words else None
    if not found:
        return ""
    return found[0] if found[0][-1] in ".!?" else f"{found[0]}."
