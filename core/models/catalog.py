"""Which model answers, and why: the only place that chooses one and holds it in memory.

It tries what the settings name, in order, and keeps a note of each attempt. torch and
transformers are imported only when a local model is loaded; choosing `quote` needs neither.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from core.errors import Busy, ModelError, ModelMissing, PlumblineError
from core.memory.forgetting import forget
from core.memory.kept import Memory, Remembers
from core.messages import ModelCard
from core.models.recorded import Recorded, Records
from core.models.trouble import FAILING, PASSING, Trouble
from core.models.watch import EVERY, Watch
from core.seams import Generator
from core.settings import Settings

if TYPE_CHECKING:
    from core.models.endpoint import Endpoint

Phase = Literal["choosing", "loading", "ready", "failed"]

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "models"
QUOTE = ModelCard(name="quote", kind="quote", label="quotes from the documentation")


class Closable(Generator, Protocol):
    """A generator that can be put away."""

    def close(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One thing that was tried on the way to a model, and what came of it."""

    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class ModelState:
    """What answers now, or what is being done about it."""

    phase: Phase
    card: ModelCard | None
    why: str
    tried: tuple[Attempt, ...]
    error: PlumblineError | None
    since: datetime
    missed: tuple[PlumblineError, ...] = ()
    trouble: Trouble | None = None


class Catalog:
    """Chooses by the settings, loads, and hands out the one generator."""

    def __init__(
        self,
        settings: Settings,
        generations: Records,
        bundled_dir: Path = BUNDLED,
        every: float = EVERY,
    ) -> None:
        self._settings = settings
        self._records = generations
        self._bundled_dir = bundled_dir
        self._warming = threading.Lock()
        self._changed = threading.Condition()
        self._active: Closable | None = None
        self._source: str | None = None
        self._tried: list[Attempt] = []
        self._missed: list[PlumblineError] = []
        self._reason = ""
        self._watch = Watch(self._look, every)
        self._state = self._new("choosing", None, "Looking for a model.")

    @property
    def state(self) -> ModelState:
        """Return what answers now, or what is being done about it."""
        return self._state

    def warm(self) -> None:
        """Decide and load; calling it again checks again and changes only what must change."""
        with self._warming:
            self._decide()
        if self._waits_for_server():
            self._watch.start()

    def generator(self, wait: float = 60) -> Generator | None:
        """Return the model, waiting while it loads; None means that answers are quotes."""
        with self._changed:
            self._changed.wait_for(lambda: self._state.phase in ("ready", "failed"), wait)
            state, active = self._state, self._active
        if state.phase == "failed" and state.error is not None:
            raise state.error.with_traceback(None)
        if state.phase != "ready":
            raise Busy("The model is still loading.", "Try again in a moment.", retry_after=5.0)
        if active is None:
            return None
        return Recorded(active, self._records, lambda error: self._heard(active, error))

    def cards(self) -> list[ModelCard]:
        """Return the cards of what can answer now, the active one first."""
        with self._changed:
            state, active = self._state, self._active
        if state.phase != "ready":
            return []
        return [active.card() if active is not None else QUOTE]

    def memory(self, session: str | None = None) -> Memory | None:
        """Return what the model keeps of a conversation; None where it is in no process of ours."""
        active = self._active
        return active.memory(session) if isinstance(active, Remembers) else None

    def forget(self, session: str) -> None:
        """Keep nothing of a conversation, whatever kept it and whatever answers now."""
        active = self._active
        if isinstance(active, Remembers):
            active.forget(session)
        forget(self._settings.data_dir / "kv", session)

    def close(self) -> None:
        """Give the model's memory back and stop looking for a server."""
        self._watch.close()
        with self._warming:
            self._put_away()
            self._set("choosing", None, "Closed.")

    def _decide(self) -> None:
        self._tried, self._missed = [], []
        if self._active is None:
            self._set("choosing", None, "Looking for a model.")
        try:
            self._choose()
        except PlumblineError as error:
            self._put_away()
            self._hide_folders(error)
            self._note(self._settings.model, error.message)
            self._set("failed", None, error.message, error)
        finally:
            if self._state.phase in ("choosing", "loading"):
                lost = ModelError("Choosing a model failed.", "The log says why.")
                self._set("failed", None, lost.message, lost)

    def _heard(self, model: Closable, error: PlumblineError | None) -> None:
        """Take note of how a call went: a server that fails is in trouble until one goes well."""
        with self._changed:
            state, card = self._state, model.card()
            if self._active is not model or card.kind != "endpoint":
                return
            if error is None and state.trouble is not None:
                self._state = replace(state, trouble=None, card=card)
            if not isinstance(error, FAILING):
                return
            since = state.trouble.since if state.trouble else datetime.now(UTC)
            self._state = replace(state, trouble=Trouble(error, since))
        self._watch.start()

    def _look(self) -> bool:
        """Ask the server that did not answer once more; say whether to go on looking."""
        from core.models.endpoint import Endpoint

        active, trouble = self._active, self._state.trouble
        if isinstance(active, Endpoint) and trouble is not None:
            self._ask_again(active, trouble)
        elif self._waits_for_server():
            try:
                Endpoint(self._settings).probe()
            except PlumblineError:
                return True
            with self._warming:
                if not self._watch.ended:
                    self._decide()
        return self._state.trouble is not None or self._waits_for_server()

    def _ask_again(self, active: "Endpoint", trouble: Trouble) -> None:
        before = active.card().name
        try:
            active.probe()
        except PlumblineError as error:
            self._heard(active, error)
            return
        # A list of models says nothing of a refused key or name: only a call can clear those.
        if isinstance(trouble.error, PASSING) or active.card().name != before:
            self._heard(active, None)

    def _waits_for_server(self) -> bool:
        card, settings = self._state.card, self._settings
        wanted = settings.inference_url and settings.model in ("auto", "endpoint")
        return bool(wanted) and (card is None or card.kind != "endpoint")

    def _choose(self) -> None:
        wanted = self._settings.model
        steps: dict[str, Callable[[], bool]] = {
            "endpoint": self._endpoint,
            "local": self._local,
            "bundled": self._bundled,
            "quote": self._quote,
        }
        if wanted != "auto":
            steps[wanted]()
            return
        for name, step in steps.items():
            try:
                if step():
                    return
            except PlumblineError as error:
                self._hide_folders(error)
                self._note(name, error.message)
                self._missed.append(error)

    def _endpoint(self) -> bool:
        url = self._settings.inference_url
        if not url:
            self._note("endpoint", "INFERENCE_URL is not set")
            return False
        from core.models.endpoint import Endpoint

        found = Endpoint(self._settings)
        server = found.probe()
        if self._active is not None:
            self._set("loading", None, f"Changing to {found.card().label}.")
            self._put_away()
        why = f"INFERENCE_URL is set and answers ({server.kind})."
        self._take(found, f"endpoint {url} {server.model}", "endpoint", why)
        return True

    def _local(self) -> bool:
        name = self._settings.hub_model
        if not name:
            self._note("local", "HUB_MODEL is not set")
            return False
        from core.models import download

        cache = self._settings.data_dir / "models"
        folder = download.find(name, cache)
        if folder is None and not self._settings.allow_download:
            raise ModelMissing(
                f"{name} is not on this disk and ALLOW_DOWNLOAD is off.",
                "Set ALLOW_DOWNLOAD=1, or HUB_MODEL to a folder.",
            )
        if folder is None:
            self._set("loading", None, self._shown(f"Downloading {name}."))
            folder = download.fetch(name, cache)
        self._load(folder, "local", self._shown(f"HUB_MODEL={name} is on this disk"))
        return True

    def _bundled(self) -> bool:
        from core.models.folder import check_pin

        folder = bundled_folder(self._bundled_dir)
        if folder is None:
            if self._settings.model == "bundled":
                raise ModelMissing(
                    "This copy of Plumbline has no bundled model.",
                    "Run the recipe (`python -m core.bundled`), or set MODEL=auto.",
                )
            self._note("bundled", "no trained model is in assets/models")
            return False
        check_pin(folder)
        self._load(folder, "bundled", "No other model was named or reached")
        return True

    def _quote(self) -> bool:
        self._put_away()
        asked = self._settings.model == "quote"
        why = "MODEL=quote was set." if asked else "No language model is set."
        self._note("quote", "answers by quoting the evidence")
        self._set("ready", QUOTE, self._worded(why, "answers are quotes instead"))
        return True

    def _load(self, folder: Path, kind: Literal["local", "bundled"], why: str) -> None:
        source = f"{kind} {folder}"
        if self._active is not None and self._source == source:
            self._note(kind, "already loaded")
            self._set("ready", self._active.card(), self._worded(self._reason))
            return
        self._set("loading", None, f"Loading {folder.name}.")
        self._put_away()
        from core.models.local import Local

        local = Local(folder, self._settings, bundled=kind == "bundled")
        self._take(local, source, kind, f"{why}; {local.device.why}.")

    def _take(self, model: Closable, source: str, name: str, why: str) -> None:
        with self._changed:
            self._active, self._source, self._reason = model, source, why
        self._note(name, "chosen")
        self._set("ready", model.card(), self._worded(why))

    def _put_away(self) -> None:
        """Close the model in memory before another one may be loaded."""
        with self._changed:
            model, self._active, self._source = self._active, None, None
        if model is not None:
            model.close()

    def _hide_folders(self, error: PlumblineError) -> None:
        error.message, error.hint = self._shown(error.message), self._shown(error.hint)

    def _shown(self, words: str) -> str:
        """Leave out the folder of HUB_MODEL where strangers can read the words."""
        name = self._settings.hub_model
        if not (self._settings.public and name):
            return words
        return words.replace(f"={name}", "").replace(name, Path(name).name)

    def _worded(self, why: str, instead: str = "") -> str:
        """Name what was asked for and failed before saying what answers in its place."""
        failed = "; ".join(error.message.rstrip(".") for error in self._missed)
        if not failed:
            return why
        return f"{failed}; {instead}." if instead else f"{failed}. {why}"

    def _note(self, name: str, outcome: str) -> None:
        self._tried.append(Attempt(name, outcome))

    def _set(
        self, phase: Phase, card: ModelCard | None, why: str, error: PlumblineError | None = None
    ) -> None:
        with self._changed:
            self._state = self._new(phase, card, why, error)
            self._changed.notify_all()

    def _new(
        self, phase: Phase, card: ModelCard | None, why: str, error: PlumblineError | None = None
    ) -> ModelState:
        return ModelState(
            phase, card, why, tuple(self._tried), error, datetime.now(UTC), tuple(self._missed)
        )


def bundled_folder(where: Path) -> Path | None:
    """Return the model folder that ships with Plumbline, where there is one."""
    folders = sorted(path.parent for path in where.glob("*/model.safetensors"))
    return next((folder for folder in folders if (folder / "config.json").is_file()), None)
