"""Small talk and questions about this product. It knows the intents, how they are asked and
what is said; it deliberately does not know evidence.

Intents are written in intents.yaml; those about settings are made from the settings' own
sentences of help, so that they stay true.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from core.bundled.splits import load_splits
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, USER

INTENTS = Path(__file__).with_name("intents.yaml")
SYSTEMS = ("You are Plumbline.", "You are a helpful assistant.", "Be short and polite.")
TERM_FORMS = (
    "What is {t}?",
    "What does {t} mean?",
    "Explain {t}",
    "Tell me what {t} is",
    "Define {t}",
    "What do you mean by {t}?",
)
TAB_FORMS = (
    "What is the {t} tab for?",
    "What can I do on the {t} tab?",
    "What does the {t} tab do?",
    "Explain the {t} tab",
    "What is {t}?",
    "Tell me about the {t} tab",
)
HELP_FORMS = (
    "What does {t} do?",
    "What is {t} for?",
    "What is the setting {t}?",
    "Explain {t}",
    "What is {t}?",
    "What does the setting {t} mean?",
)
SET_FORMS = (
    "How do I set {t}?",
    "How do I change {t}?",
    "Where do I set {t}?",
    "How can I set {t}?",
    "Where does {t} go?",
    "How is {t} changed?",
)
DEFAULT_FORMS = (
    "What is the default of {t}?",
    "What is {t} by default?",
    "Which value does {t} have by default?",
    "Default of {t}?",
    "What if I do not set {t}?",
    "What is the default value of {t}?",
)


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that people want to know, how they ask and what is said."""

    name: str
    say: str
    ask: tuple[str, ...]

    def phrasings(self, held_out: bool) -> tuple[str, ...]:
        """Return the ways of asking that training sees, or those it does not."""
        back = load_splits().intents_held_out
        return self.ask[-back:] if held_out else self.ask[:-back]


@lru_cache(maxsize=1)
def intents() -> tuple[Intent, ...]:
    """Return every intent: written ones, glossary, tabs and settings."""
    raw = yaml.safe_load(INTENTS.read_text())
    written = [
        Intent(name, item["say"], tuple(item["ask"])) for name, item in raw["intents"].items()
    ]
    terms = [
        _formed(f"term {term}", f"{term[0].upper()}{term[1:]} is {said}.", TERM_FORMS, term)
        for term, said in raw["glossary"].items()
    ]
    tabs = [
        _formed(f"tab {tab}", f"The {tab} tab is there to {said}.", TAB_FORMS, tab)
        for tab, said in raw["tabs"].items()
    ]
    return (*written, *terms, *tabs, *_settings())


def _formed(name: str, say: str, forms: tuple[str, ...], term: str) -> Intent:
    """Make an intent whose phrasings come from forms."""
    return Intent(name, say, tuple(form.format(t=term) for form in forms))


def _settings() -> Iterator[Intent]:
    """Yield what each setting does, how it is set and what it is by default."""
    from core.settings import Settings

    for field, about in Settings.model_fields.items():
        name, value = field.upper(), about.default
        yield _formed(f"help {name}", f"{name}: {about.description}", HELP_FORMS, name)
        how = f"Set {name} in the environment or in .env and restart."
        yield _formed(f"set {name}", how, SET_FORMS, name)
        shown = str(int(value) if isinstance(value, bool) else value)
        said = shown if shown not in ("", "None") and "*" not in shown else "blank"
        yield _formed(f"default {name}", f"{name} is {said} by default.", DEFAULT_FORMS, name)


FRAMES = (
    (
        re.compile(r"^(?:How do I|How can I) (.+?)\?$"),
        (
            "How do I {r}?",
            "How can I {r}?",
            "How to {r}?",
            "Tell me how to {r}",
            "I want to {r}",
            "What is the way to {r}?",
            "Is there a way to {r}?",
            "Can you tell me how to {r}?",
            "I need to {r}, how?",
        ),
    ),
    (
        re.compile(r"^(?:What is|What does) (.+?)(?: do| mean| for)?\?$"),
        ("What about {r}?", "Tell me about {r}", "I have a question about {r}", "{r}?"),
    ),
    (
        re.compile(r"^(?:Where is|Where are|Where do I find) (.+?)\?$"),
        ("Where is {r}?", "Where can I find {r}?", "I cannot find {r}", "Show me {r}"),
    ),
)


@lru_cache(maxsize=1)
def _held_out() -> frozenset[str]:
    """Return every way of asking that training must not see, in small letters."""
    return frozenset(a.lower() for intent in intents() for a in intent.phrasings(held_out=True))


def reframe(question: str, rng: random.Random) -> str:
    """Ask for the same thing in another frame, if it has one and the result is not held out."""
    for pattern, frames in FRAMES:
        found = pattern.match(question)
        if found:
            other = rng.choice(frames).format(r=found[1])
            return question if other.lower() in _held_out() else other
    return question


def vary(question: str, rng: random.Random) -> str:
    """Write a question the way people type."""
    if rng.random() < 0.3:
        question = reframe(question, rng)
    if rng.random() < 0.25:
        question = question.rstrip("?.!")
    if rng.random() < 0.25 and question[:2].lower() != question[:2].upper():
        question = question[0].lower() + question[1:]
    if rng.random() < 0.06:
        question = rng.choice(("So, ", "Hey, ", "And ", "Hi. ")) + question
    return question


def conversations(count: int, seed: int) -> Iterator[list[tuple[str, bool]]]:
    """Yield conversations as texts, each with whether it is the assistant's."""
    rng = random.Random(f"chat-{seed}")
    every = intents()
    for _ in range(count):
        parts: list[tuple[str, bool]] = []
        if rng.random() < 0.25:
            parts.append((f"{SYSTEM}{rng.choice(SYSTEMS)}{END}", False))
        for _ in range(rng.choice((1, 1, 2, 3, 4))):
            intent = rng.choice(every)
            asked = vary(rng.choice(intent.phrasings(held_out=False)), rng)
            parts.append((f"{USER}{asked}{END}{ASSISTANT}", False))
            parts.append((f"{intent.say}{END}", True))
        yield parts
