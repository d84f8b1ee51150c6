"""Where the command line asks: the same questions to a running app, or to the records themselves.

It knows the questions and who can answer them now. It prints nothing.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Protocol

from core.jobs.queue import Jobs
from core.retrieval.library import Library
from core.server import handover
from core.server.handover import Method
from core.server.rows import job_row
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Owner
from ingest import report, service
from ingest.asked import CommandRequest, RetrieveRequest, progress_row, results_row
from ingest.service import Ingests

Told = dict[str, Any]
SEARCH_S = 120.0


class Desk(Protocol):
    """What can be asked, in plain documents."""

    def submit(self, body: Told) -> Told:
        """Queue an ingest; return the job and the corpus' name."""
        ...

    def look(self, job_id: str) -> Told:
        """Return the job and how far it is."""
        ...

    def cancel(self, job_id: str) -> Told:
        """End a job."""
        ...

    def indexes(self) -> Told:
        """Return a line for every corpus."""
        ...

    def report(self, name: str) -> Told:
        """Return a corpus' report, as a document and as text; blank is the default one."""
        ...

    def delete(self, name: str) -> Told:
        """Delete a corpus."""
        ...

    def search(self, body: Told) -> Told:
        """Search a corpus."""
        ...


class Own:
    """The records themselves, in the process that owns them.

    Alone, what runs already was left behind by an owner that died, and is what is asked for.
    """

    def __init__(self, jobs: Jobs, library: Library, ingests: Ingests, alone: bool = False) -> None:
        self._alone = alone
        self._jobs = jobs
        self._library = library
        self._ingests = ingests

    def submit(self, body: Told) -> Told:
        """Queue an ingest; return the job and the corpus' name."""
        asked = CommandRequest.model_validate(body).model_dump()
        job = self._ingests.submit(**asked, trusted=True, join=self._alone)
        return {"job": job_row(job), "corpus": job.args["corpus"]}

    def look(self, job_id: str) -> Told:
        """Return the job and how far it is."""
        job = self._jobs.get(job_id)
        found = [each for each in self._ingests.running() if each.job_id == job.id]
        return {"job": job_row(job), "progress": progress_row(found[0]) if found else None}

    def cancel(self, job_id: str) -> Told:
        """End a job."""
        return {"job": job_row(self._jobs.cancel(job_id))}

    def indexes(self) -> Told:
        """Return a line for every corpus."""
        return {"lines": [report.listed(corpus) for corpus in self._library.list()]}

    def report(self, name: str) -> Told:
        """Return a corpus' report, as a document and as text; blank is the default one."""
        corpus = self._library.get(name or self._library.default)
        return {"report": corpus.report, "text": report.text(corpus)}

    def delete(self, name: str) -> Told:
        """Delete a corpus."""
        self._ingests.delete(name, trusted=True)
        return {}

    def search(self, body: Told) -> Told:
        """Search a corpus, once everything it needs is loaded."""
        query = RetrieveRequest.model_validate(body).asked()
        self._library.warm(query.corpus)
        return results_row(self._library.search(query))


class Remote:
    """The app that owns the records, over loopback."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    def submit(self, body: Told) -> Told:
        """Queue an ingest; return the job and the corpus' name."""
        return self._ask("POST", "ingests", body=body)

    def look(self, job_id: str) -> Told:
        """Return the job and how far it is."""
        return self._ask("GET", "ingests", job_id)

    def cancel(self, job_id: str) -> Told:
        """End a job."""
        return {"job": self._ask("POST", "jobs", job_id, "cancel")}

    def indexes(self) -> Told:
        """Return a line for every corpus."""
        return self._ask("GET", "indexes")

    def report(self, name: str) -> Told:
        """Return a corpus' report, as a document and as text; blank is the default one."""
        return self._ask("GET", "indexes", name) if name else self._ask("GET", "index")

    def delete(self, name: str) -> Told:
        """Delete a corpus."""
        return self._ask("DELETE", "indexes", name)

    def search(self, body: Told) -> Told:
        """Search a corpus."""
        return self._ask("POST", "retrieve", body=body)

    def _ask(self, method: Method, *path: str, body: Told | None = None) -> Told:
        return handover.ask(self._owner, method, path, body, SEARCH_S)


@contextmanager
def opened(settings: Settings) -> Iterator[Desk]:
    """Open the desk of the app that owns DATA_DIR, or own it for the while."""
    held = handover.grip(settings)
    if isinstance(held, Owner):
        yield Remote(held)
        return
    with ExitStack() as ending:
        ending.callback(held.release)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        store = Store.open(settings.data_dir, settings.store_memory)
        ending.callback(store.close)
        jobs = Jobs(store, settings.data_dir)
        name = partial(service.default_name, settings)
        library = Library(settings, store, name, attended=False)
        ending.callback(library.close)
        ending.callback(jobs.stop)
        jobs.start()
        ingests = service.bring(settings, jobs, library, ending)
        ingests.start()
        yield Own(jobs, library, ingests, alone=True)
