"""What an app of Plumbline is made of, as far as it needs no tab and no suite.

app.py opens it once; the server and the pages are handed it. It starts nothing itself.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from core.assistant.sessions import Sessions
from core.jobs.queue import Jobs
from core.models.catalog import Catalog
from core.records import IngestProgress, Job
from core.retrieval.library import Library
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store
from core.store.feedback import Feedbacks
from core.store.generations import Generations
from core.telemetry.health import Health


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


Bring = Callable[[Settings, Jobs, Library, ExitStack], Ingests]


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
    library: Library
    ingests: Ingests

    @classmethod
    def open(
        cls,
        settings: Settings,
        ending: ExitStack,
        bring: Bring,
        default: Callable[[Settings], str],
        catalog: type[Catalog] = Catalog,
    ) -> "Services":
        """Build every part and note how each is ended, in reverse order.

        `bring` makes what brings sources in, and `default` names the corpus that is searched
        where none is named; both are known above this package.
        """
        store = Store.open(settings.data_dir, settings.store_memory)
        ending.callback(store.close)
        chats, generations = Chats(store), Generations(store)
        models = catalog(settings, generations)
        ending.callback(models.close)
        library = Library(settings, store, lambda: default(settings))
        ending.callback(library.close)
        jobs = Jobs(store, settings.data_dir)
        ending.callback(jobs.stop)
        return cls(
            settings=settings,
            store=store,
            chats=chats,
            generations=generations,
            feedback=Feedbacks(store, chats),
            catalog=models,
            sessions=Sessions.over(settings, store, chats, models, library, jobs.yielding),
            jobs=jobs,
            health=Health(settings, store, models, library),
            library=library,
            ingests=bring(settings, jobs, library, ending),
        )
