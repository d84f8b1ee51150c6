"""Small talk and questions about this product. It knows the intents, how they are asked and
what is said; it deliberately does not know evidence.

Intents are written in intents.yaml; those about settings are made from the settings' own
sentences of help, so that they stay true.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from core.bundled.splits import load_splits
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, USER

INTENTS = Path(__file__).with_name("intents.yaml")
FORMS = Path(__file__).with_name("forms.yaml")
# How often training meets an intent that is asked in words of its own, and one about a term,
# where it meets one about a setting or a tab once.
OWN_WORDS, TERM = 4, 3
SYSTEMS = ("You are Plumbline.", "You are a helpful assistant.", "Be short and polite.")


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that people want to know, how they ask and what is said."""

    name: str
    say: str
    ask: tuple[str, ...]
    weight: int = OWN_WORDS

    def phrasings(self, held_out: bool) -> tuple[str, ...]:
        """Return the ways of asking that training sees, or those it does not."""
        back = load_splits().intents_held_out
        return self.ask[-back:] if held_out else self.ask[:-back]


@lru_cache(maxsize=1)
def forms() -> dict[str, list[str]]:
    """Return how people ask about a term, a tab or a setting."""
    return yaml.safe_load(FORMS.read_text())


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """Return every intent: written ones, glossary, tabs and settings."""
    raw = yaml.safe_load(INTENTS.read_text())
    written = [
        Intent(name, item["say"], tuple(item["ask"])) for name, item in raw["intents"].items()
    ]
    terms = [
        _formed(
            f"term {term}", f"{term[0].upper()}{term[1:]} is {said}.", forms()["term"], term, TERM
        )
        for term, said in raw["glossary"].items()
    ]
    tabs = [
        _formed(f"tab {tab}", f"The {tab} tab is there to {said}.", forms()["tab"], tab)
        for tab, said in raw["tabs"].items()
    ]
    return (*written, *terms, *tabs, *_settings())


def _formed(name: str, say: str, forms: Sequence[str], term: str, weight: int = 1) -> Intent:
    """Make an intent whose phrasings come from forms."""
    return Intent(name, say, tuple(form.format(t=term) for form in forms), weight)


def _settings() -> Iterator[Intent]:
    """Yield what each setting does, how it is set and what it is by default."""
    from core.settings import Settings

    for field, about in Settings.model_fields.items():
        name, value = field.upper(), about.default
        yield _formed(f"help {name}", f"{name}: {about.description}", forms()["help"], name)
        how = f"Set {name} in the environment or in .env and restart."
        yield _formed(f"set {name}", how, forms()["set"], name)
        shown = str(int(value) if isinstance(value, bool) else value)
        said = shown if shown not in ("", "None") and "*" not in shown else "blank"
        yield _formed(f"default {name}", f"{name} is {said} by default.", forms()["default"], name)


FRAMES = (
    (
        re.compile(r"^How (?:do I|can I|to) (.+?)\??$"),
        (
            "How do I {r}?",
            "How can I {r}?",
            "How to {r}?",
            "How would I {r}?",
            "How does one {r}?",
            "Tell me how to {r}",
            "Explain how to {r}",
            "Show me how to {r}",
            "I want to {r}",
            "I would like to {r}",
            "I am trying to {r}",
            "I do not know how to {r}",
            "What is the way to {r}?",
            "What do I have to do to {r}?",
            "Is there a way to {r}?",
            "Can you tell me how to {r}?",
            "Could you please tell me how to {r}?",
            "Is it possible to {r}?",
            "I need to {r}, how?",
        ),
    ),
    (
        re.compile(r"^Can I (.+?)\?$"),
        (
            "Could I {r}?",
            "May I {r}?",
            "Is it possible to {r}?",
            "Am I able to {r}?",
            "Is there a way to {r}?",
            "I want to {r}, can I?",
        ),
    ),
    (
        re.compile(r"^Can you (.+?)\?$"),
        ("Could you {r}?", "Are you able to {r}?", "Is it possible for you to {r}?"),
    ),
    (
        re.compile(r"^(?:Is|Are) there (an? .+?|any .+?)\?$"),
        ("Do you have {r}?", "Does it have {r}?", "Does Plumbline have {r}?", "I look for {r}"),
    ),
    (
        re.compile(
            r"^(?:What is|What does) ((?:the|an?|your|make) [^,]+?|\S+?)(?: do| mean| for)?\?$"
        ),
        (
            "What about {r}?",
            "Tell me about {r}",
            "Tell me something about {r}",
            "I have a question about {r}",
            "Can you say something about {r}?",
            "I want to know about {r}",
            "{r}?",
        ),
    ),
    (
        re.compile(r"^(?:Where is|Where are|Where do I find) (.+?)\?$"),
        (
            "Where is {r}?",
            "Where can I find {r}?",
            "I cannot find {r}",
            "Show me {r}",
            "I am looking for {r}",
            "How do I find {r}?",
        ),
    ),
)
SYNONYMS = (
    ("change", "set", "adjust", "alter", "configure"),
    ("delete", "remove", "erase"),
    ("show", "display"),
    ("connect", "attach"),
    ("folder", "directory"),
    ("start", "launch"),
    ("find", "locate"),
    ("explain", "describe"),
    ("need", "require"),
    ("let me know", "tell me"),
    ("large", "big"),
    ("larger", "bigger"),
)
LEADS = ("So, ", "Hey, ", "And ", "Hi. ", "Hello. ", "Please: ", "One question: ", "Tell me: ")
SMALL = frozenset("a an the is are am do does did i my me you it of to for in on can".split())
_CHOICES = {word: words for words in SYNONYMS for word in words}
_SYNONYM = re.compile(rf"(?<!is )(?<!are )\b({'|'.join(_CHOICES)})\b(?! up| with)")


@lru_cache(maxsize=1)
def _held_out() -> frozenset[str]:
    """Return every way of asking that training must not see, as they are compared."""
    return frozenset(plain(a) for intent in intents() for a in intent.phrasings(held_out=True))


def plain(question: str) -> str:
    """Return a question as it is compared: its words in small letters, no marks."""
    return " ".join(re.findall(r"\w+|[^\w\s,.!?:]+", question.lower()))


def reframe(question: str, rng: random.Random) -> str:
    """Ask for the same thing in another frame, if it has one and the result is not held out."""
    for pattern, frames in FRAMES:
        found = pattern.match(question)
        if found:
            return _allowed(rng.choice(frames).format(r=found[1]), question)
    return question


def reword(question: str, rng: random.Random) -> str:
    """Put another word for one that has others, if the result is not held out."""
    words = list(_SYNONYM.finditer(question))
    if not words:
        return question
    found = rng.choice(words)
    other = rng.choice([word for word in _CHOICES[found[1]] if word != found[1]])
    return _allowed(question[: found.start()] + other + question[found.end() :], question)


def terse(question: str) -> str:
    """Leave out the small words, as people do who type keywords, if enough is left."""
    words = [word for word in question.rstrip("?.!").split() if word.lower() not in SMALL]
    return _allowed(" ".join(words), question) if len(words) > 1 else question


def vary(question: str, rng: random.Random) -> str:
    """Write a question the way people type."""
    if rng.random() < 0.35:
        question = reframe(question, rng)
    if rng.random() < 0.25:
        question = reword(question, rng)
    if rng.random() < 0.08:
        question = terse(question)
    if rng.random() < 0.25:
        question = question.rstrip("?.!")
    if rng.random() < 0.2 and question[:2].lower() != question[:2].upper():
        question = question[0].lower() + question[1:]
    elif rng.random() < 0.06:
        question = question.lower()
    if rng.random() < 0.08 and question.count(" ") > 1:
        question = _allowed(rng.choice(LEADS) + question, question)
    elif rng.random() < 0.04 and question[-1:] == "?":
        question = question[:-1] + ", please?"
    return question


def _allowed(other: str, question: str) -> str:
    """Return the other question, or the first one where the other is held out."""
    return question if plain(other) in _held_out() else other


def conversations(count: int, seed: int) -> Iterator[list[tuple[str, bool]]]:
    """Yield conversations as texts, each with whether it is the assistant's."""
    rng = random.Random(f"chat-{seed}")
    every = intents()
    weights = [intent.weight for intent in every]
    for _ in range(count):
        parts: list[tuple[str, bool]] = []
        if rng.random() < 0.25:
            parts.append((f"{SYSTEM}{rng.choice(SYSTEMS)}{END}", False))
        for _ in range(rng.choice((1, 1, 2, 3, 4))):
            [intent] = rng.choices(every, weights)
            asked = vary(rng.choice(intent.phrasings(held_out=False)), rng)
            parts.append((f"{USER}{asked}{END}{ASSISTANT}", False))
            parts.append((f"{intent.say}{END}", True))
        yield parts
