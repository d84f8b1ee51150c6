"""How well each part is, in one report that the page, /readyz and the doctor share.

It asks the parts and puts their answers into words. It mends nothing and loads nothing.
"""

from dataclasses import dataclass
from typing import Literal

import psutil

from core.errors import PlumblineError
from core.messages import ModelCard
from core.models.catalog import Catalog
from core.retrieval.library import Library
from core.settings import Settings
from core.store.connection import Store

State = Literal["ok", "degraded", "down", "warming", "absent"]
LOW_DISK = 500_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One part's state, why it is so, and what to do about it."""

    name: str
    state: State
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All parts, and one sentence that sums them up."""

    status: Literal["ok", "degraded", "down"]
    sentence: str
    parts: tuple[Part, ...]


class Health:
    """Asks every part how it is."""

    def __init__(
        self, settings: Settings, store: Store, catalog: Catalog, library: Library
    ) -> None:
        self._settings = settings
        self._store = store
        self._catalog = catalog
        self._library = library

    def report(self) -> Report:
        """Return the state of every part now."""
        parts = (
            self._model(),
            self._records(),
            self._embedder(),
            self._index(),
            self._cache(),
            self._disk(),
        )
        states = {part.state for part in parts}
        status = "down" if "down" in states else "degraded" if "degraded" in states else "ok"
        return Report(status, sentence(parts, self._catalog.state.card), parts)

    def _model(self) -> Part:
        state = self._catalog.state
        if state.phase in ("choosing", "loading"):
            return Part("model", "warming", state.why or "Choosing a model.")
        if state.phase == "failed":
            error = state.error
            reason = error.message if error else state.why
            return Part("model", "down", reason, error.hint if error else "")
        if state.trouble is not None:
            worst = "down" if state.trouble.is_down else "degraded"
            return Part("model", worst, state.trouble.reason, state.trouble.hint)
        if state.missed:
            hints = dict.fromkeys(error.hint for error in state.missed if error.hint)
            return Part("model", "degraded", state.why, " ".join(hints))
        if state.card is None or state.card.kind == "quote":
            return Part(
                "model",
                "degraded",
                "No language model is connected; answers are quotes from the documentation.",
                "Set INFERENCE_URL to a server, or HUB_MODEL to a model folder, and restart.",
            )
        return Part("model", "ok", state.why)

    def _records(self) -> Part:
        try:
            self._store.check()
        except PlumblineError as error:
            return Part("store", "down", error.message, error.hint)
        if self._store.notices:
            hint = "What is missing here is in the moved file, in DATA_DIR."
            return Part("store", "degraded", " ".join(self._store.notices), hint)
        return Part("store", "ok", "Chats and records are being kept.")

    def _embedder(self) -> Part:
        if self._library.trouble:
            hint = "Install the requirements again, or choose another with EMBEDDER."
            return Part("embedder", "degraded", self._library.trouble, hint)
        if self._library.is_embedding:
            name = self._library.embedder.name()
            return Part("embedder", "ok", f"{name} turns queries into vectors.")
        return Part("embedder", "absent", "No embedder is loaded; text is found by its words.")

    def _index(self) -> Part:
        try:
            name = self._library.default
            corpus = self._library.get(name) if name else None
        except PlumblineError as error:
            return Part("index", "down", error.message, error.hint)
        if corpus is None:
            why = "Nothing is indexed; questions are answered from the documentation."
            return Part("index", "absent", why, "Run python -m ingest.")
        if corpus.error:
            return Part("index", "degraded", f"The last ingest of {name} failed: {corpus.error}")
        how = "by words and by meaning" if corpus.state == "ready" else "by words"
        found = f"{corpus.report.get('chunks', 0):,} chunks of {corpus.title} are found {how}."
        return Part("index", "ok", " ".join([found, self._library.keeper.state(name)]).strip())

    def _cache(self) -> Part:
        return Part("cache", "absent", "No answer cache; every answer is computed.")

    def _disk(self) -> Part:
        free = psutil.disk_usage(str(self._settings.data_dir)).free
        if free < LOW_DISK:
            reason = f"Only {free / 1e6:.0f} MB are free on the disk of DATA_DIR."
            return Part("disk", "degraded", reason, "Free some space; records may fail to save.")
        return Part("disk", "ok", f"{free / 1e9:.0f} GB are free.")


def sentence(parts: tuple[Part, ...], card: ModelCard | None) -> str:
    """Return what a visitor needs to know first."""
    said = [_told(part) for part in troubled(parts)]
    if any(part.state == "warming" for part in parts):
        said.append(
            "The model is loading." if said else "The model is loading; everything else works."
        )
    if said:
        return " ".join(said)
    if card and card.kind == "bundled":
        return "Everything works. No larger model is connected."
    return "Everything works."


def troubled(parts: tuple[Part, ...]) -> list[Part]:
    """Return what does not work as it should, what concerns kept chats first."""
    limited = [part for part in parts if part.state in ("down", "degraded")]
    return sorted(limited, key=lambda part: (part.name != "store", part.state != "down"))


def _told(part: Part) -> str:
    return f"{part.name.capitalize()}: {part.reason}" if part.state == "down" else part.reason
