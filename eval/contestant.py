"""Who answers in a run: the model that its settings choose, and the method over it.

The model is loaded when the first question needs it. What it searches comes through the link;
questions that bring their own passages are answered from those.
"""

from dataclasses import asdict
from functools import cached_property
from typing import Any

from core.assistant.answering import build
from core.assistant.methods.checking import Missing
from core.assistant.methods.quote import Quote
from core.assistant.methods.rag import Rag
from core.assistant.prompting import names as prompt_names
from core.assistant.prompting import prompt
from core.assistant.scorer import open_support
from core.documents import Chunk, Evidence
from core.messages import ModelCard
from core.models.catalog import QUOTE, Catalog
from core.models.recorded import Recorded
from core.records import Generation, Item
from core.retrieval.embed import open_embedder
from core.seams import Answerer, Generator, Search
from core.settings import Settings
from eval import link as links
from eval.config import RunConfig
from eval.link import Link, RemoteKit
from eval.trial import Overheard

GIVEN = "what is given"
SINGLE_CALL = ("naive", "cot", "chat")


class Unkept:
    """Keeps no record of calls: a sample holds its own."""

    def add(self, generation: Generation) -> None:
        """Keep nothing."""


class Contestant:
    """The model and the method of one run."""

    def __init__(self, config: RunConfig, settings: Settings, link: Link) -> None:
        self._config = config
        self._settings = settings
        self._missing: Missing = settings.missing_names
        self._catalog = Catalog(settings, Unkept())
        self._findings = links.findings(link, config.corpus)
        self._kit = RemoteKit.over(settings, link, self._findings)
        # The embedder is loaded when a claim is first held against evidence.
        embedder = open_embedder(settings)
        self.support = open_support(settings, embedder.embed, lambda: True)
        searched = self._findings
        self._quote = Quote(searched.quotable, lambda: searched.searched, self.support)

    @cached_property
    def model(self) -> Generator | None:
        """Return the model itself, loaded; None where quotes answer."""
        self._catalog.warm()
        found = self._catalog.generator()
        return found.inside if isinstance(found, Recorded) else found

    def loaded_card(self) -> ModelCard | None:
        """Return who answers, if that has been asked for yet."""
        return self.card if "model" in self.__dict__ else None

    def overheard(self) -> Overheard | None:
        """Return the model for one sample, which keeps what it was asked."""
        return None if self._once is None else Overheard(self._once, Unkept())

    @cached_property
    def _once(self) -> Generator | None:
        """Return the model, which tries nothing again by itself: a run counts every refusal."""
        from core.models.endpoint import Endpoint

        return self.model.once() if isinstance(self.model, Endpoint) else self.model

    @property
    def card(self) -> ModelCard:
        """Return who answers."""
        return self.model.card() if self.model is not None else QUOTE

    def at_once(self) -> int:
        """Return how many answers are made side by side, as far as that is known yet."""
        if "model" not in self.__dict__:
            return 1
        sizes = {"many": self._config.concurrency, "batches": self._config.batch}
        return sizes.get(self.kind, 1)

    @property
    def kind(self) -> str:
        """Say how questions are put: many at once to a server, by the batch, or one by one."""
        if self.card.kind == "endpoint":
            return "many"
        return "batches" if in_batches(self.card.kind, self._config) else "single"

    def answerer(self, item: Item, generator: Generator | None) -> Answerer:
        """Return what answers this question."""
        config = self._config
        if generator is None:
            return self._quote
        if config.method == "rag" and item.contexts:
            return Rag(generator, given(item), GIVEN, config.top_k, self.support, self._missing)
        return build(
            config.way(), generator, self._findings, self._kit, self.support, self._missing
        )

    def close(self) -> None:
        """Give the model's memory back."""
        self._catalog.close()


def in_batches(kind: str, config: RunConfig) -> bool:
    """Say whether a model of this kind answers a whole batch of this method at once."""
    return kind in ("local", "bundled") and config.method in SINGLE_CALL


def facts(contestant: Contestant) -> dict[str, Any]:
    """Return who answered and with which prompts, as a run keeps it."""
    card = contestant.card
    return {
        "model": asdict(card),
        "prompts": {name: prompt(name).mark.partition("@")[2] for name in prompt_names()},
        "asked": contestant.kind,
    }


def given(item: Item) -> Search:
    """Return a search that finds what a question brings along."""
    chunks = [
        Chunk(f"passage {n}", 1, len(text.splitlines()) or 1, text)
        for n, text in enumerate(item.contexts, 1)
    ]
    return lambda _, k: [Evidence(chunk, 1.0, ("given",)) for chunk in chunks[:k]]
