"""What an app of Plumbline is made of, as far as it needs no tab and no suite.

app.py opens it once; the server and the pages are handed it. It starts nothing itself.
"""

import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Protocol

from core.assistant.scorer import open_support
from core.assistant.sessions import Sessions
from core.jobs.queue import Jobs
from core.models.catalog import Catalog
from core.records import (
    Answered,
    IngestProgress,
    Job,
    Outcome,
    Page,
    Run,
    RunProgress,
    SavedConfig,
)
from core.retrieval.library import Library
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store
from core.store.feedback import Feedbacks
from core.store.generations import Generations
from core.telemetry.health import Health
from core.telemetry.watch import Telemetry


class Ingests(Protocol):
    """Brings sources into corpora, as detached work."""

    def submit(
        self,
        source: str,
        name: str | None = None,
        title: str | None = None,
        cutting: str = "code",
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        owner: str = "",
        *,
        corpus: bool = False,
        uploaded: bool = False,
        embed: bool = True,
        trusted: bool = False,
    ) -> Job:
        """Queue an ingest, or go on with the same one that was left unfinished.

        `corpus` says that the source is a file of ready chunks, `uploaded` that the visitor sent
        it, and `trusted` that the asker has this machine to himself.
        """
        ...

    def progress(self, name: str) -> IngestProgress | None:
        """Say how far the ingest of a corpus is; None when none is queued or running."""
        ...

    def running(self) -> list[IngestProgress]:
        """Return every ingest that is queued or running."""
        ...

    def delete(self, name: str, owner: str = "", *, trusted: bool = False) -> None:
        """Delete a corpus that nothing is being brought into."""
        ...


class Evals(Protocol):
    """Measures ways of answering on suites; None as owner is whoever runs the machine."""

    def submit(
        self,
        given: dict[str, Any],
        owner: str = "",
        *,
        trusted: bool = False,
        key: str = "",
    ) -> Run:
        """Queue a run; the same key of the same owner is the same run."""
        ...

    def sweep(
        self, given: dict[str, Any], owner: str = "", *, trusted: bool = False
    ) -> builtins.list[Run]:
        """Queue a run for each combination under `matrix`; all of them are checked first."""
        ...

    def get(self, id: str, owner: str | None = None) -> Run:
        """Return a run by its id, or the newest of a name."""
        ...

    def list(
        self,
        owner: str | None = None,
        page: int = 1,
        size: int = 20,
        *,
        suite: str = "",
        method: str = "",
        state: str = "",
        text: str = "",
        deleted: bool = False,
        sort: str = "created",
        descending: bool = True,
    ) -> Page[Run]:
        """Return a page of the runs that may be seen."""
        ...

    def progress(self, id: str, owner: str | None = None) -> RunProgress:
        """Say how far a run is."""
        ...

    def samples(
        self,
        id: str,
        owner: str | None = None,
        page: int = 1,
        size: int = 50,
        *,
        outcome: str = "",
        kind: str = "",
        text: str = "",
        sort: str = "position",
        descending: bool = False,
    ) -> Page[Answered]:
        """Return a page of a run's samples with everything that is known of each."""
        ...

    def sample(self, id: str, position: int, epoch: int = 0, owner: str | None = None) -> Answered:
        """Return one sample."""
        ...

    def walk(
        self, id: str, owner: str | None = None, after: tuple[int, int] = (-1, 0)
    ) -> Iterator[Answered]:
        """Yield every sample of a run in order."""
        ...

    def grid(
        self, id: str, owner: str | None = None, first: int = 0, most: int | None = None
    ) -> builtins.list[tuple[int, int, Outcome]]:
        """Return what became of every sample: position, epoch, outcome; or of some in order."""
        ...

    def places(self, id: str, items: Sequence[str], owner: str | None = None) -> dict[str, int]:
        """Return where these items stand in a run."""
        ...

    def report(self, id: str, owner: str | None = None) -> dict[str, Any]:
        """Return what a run comes to, as far as it is."""
        ...

    def side(self, id: str, owner: str | None = None) -> Any:  # noqa: ANN401
        """Return a run as one side of a comparison."""
        ...

    def compare(self, a: str, b: str, owner: str | None = None) -> Any:  # noqa: ANN401
        """Compare two runs on the same samples; refuses what cannot be compared, with why."""
        ...

    def cancel(self, id: str, owner: str | None = None) -> Run:
        """End a run; what is answered is kept."""
        ...

    def resume(self, id: str, owner: str | None = None) -> Run:
        """Go on with a run, or ask again what failed in one that is complete."""
        ...

    def delete(self, id: str, owner: str | None = None) -> Run:
        """Put a run away; it can be brought back."""
        ...

    def restore(self, id: str, owner: str | None = None) -> Run:
        """Bring a run back that was put away."""
        ...

    def rescore(self, id: str, scorer: str, owner: str | None = None) -> Run:
        """Score stored answers by NAME or NAME@VERSION; earlier versions stay beside it."""
        ...

    def label(
        self,
        id: str,
        position: int,
        epoch: int,
        passed: bool,
        name: str,
        reason: str,
        owner: str | None = None,
    ) -> Answered:
        """Let a person's word count instead of the score, under a name and with a reason."""
        ...

    def unlabel(self, id: str, position: int, epoch: int, owner: str | None = None) -> Answered:
        """Take a label back; what the score says counts again."""
        ...

    def evaluate(self, asked: dict[str, Any], owner: str = "") -> Answered:
        """Answer or take one question's answer, score it, and keep it."""
        ...

    def estimate(self, given: Any, owner: str | None = None) -> Any:  # noqa: ANN401
        """Say what a run would take, judged by those that may be seen, and what it could show."""
        ...

    def names(self, owner: str | None = None) -> dict[str, Sequence[str]]:
        """Return what a configuration may name: suites that may be seen, methods, scorers."""
        ...

    def save_config(self, name: str, given: dict[str, Any], owner: str = "") -> SavedConfig:
        """Keep a configuration, a sweep's too, under a name."""
        ...

    def saved(self, owner: str | None = None, *, deleted: bool = False) -> Sequence[SavedConfig]:
        """Return the configurations that may be seen."""
        ...

    def delete_config(self, id: str, owner: str | None = None, *, deleted: bool = True) -> None:
        """Put a configuration away, or bring it back."""
        ...

    def cached(self) -> dict[str, int]:
        """Return how many earlier answers are kept, and how often they were used."""
        ...

    def prune(self, days: float | None = None) -> int:
        """Forget earlier answers that were not used for so long, or all of them."""
        ...


Bring = Callable[[Settings, Jobs, Library, ExitStack], Ingests]
Measure = Callable[[Settings, Store, Jobs, Library, Catalog, Sessions, ExitStack], Evals]


@dataclass(frozen=True)
class Services:
    """The parts, wired."""

    settings: Settings
    store: Store
    chats: Chats
    generations: Generations
    feedback: Feedbacks
    catalog: Catalog
    sessions: Sessions
    jobs: Jobs
    health: Health
    telemetry: Telemetry
    library: Library
    ingests: Ingests
    evals: Evals

    @classmethod
    def open(
        cls,
        settings: Settings,
        ending: ExitStack,
        bring: Bring,
        default: Callable[[Settings], str],
        measure: Measure,
        catalog: type[Catalog] = Catalog,
    ) -> "Services":
        """Build every part and note how each is ended, in reverse order.

        `bring` makes what brings sources in, and `default` names the corpus that is searched
        where none is named; `measure` makes what measures. All are known above this package.
        """
        store = Store.open(settings.data_dir, settings.store_memory)
        ending.callback(store.close)
        chats, generations = Chats(store), Generations(store)
        models = catalog(settings, generations)
        ending.callback(models.close)
        library = Library(settings, store, lambda: default(settings))
        ending.callback(library.close)
        support = open_support(settings, library.embedder.embed, lambda: library.is_embedding)
        jobs = Jobs(store, settings.data_dir)
        ending.callback(jobs.stop)
        telemetry = Telemetry(settings, models)
        ending.callback(telemetry.stop)
        ingests = bring(settings, jobs, library, ending)
        sessions = Sessions.over(
            settings, store, chats, models, library, jobs.yielding, support, models.forget
        )
        return cls(
            settings=settings,
            store=store,
            chats=chats,
            generations=generations,
            feedback=Feedbacks(store, chats),
            catalog=models,
            sessions=sessions,
            jobs=jobs,
            health=Health(settings, store, models, library),
            telemetry=telemetry,
            library=library,
            ingests=ingests,
            evals=measure(settings, store, jobs, library, models, sessions, ending),
        )
