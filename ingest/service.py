"""Ingests as the owner runs them: asked for, followed, settled, and told how far they are.

It knows jobs and corpora. What an ingest does is in ingest/work.py, and what the owner answers
it in ingest/intake.py.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.errors import Busy, Conflict, Forbidden, NotFound, PlumblineError
from core.jobs.queue import Jobs
from core.records import Corpus, IngestProgress, Job
from core.retrieval.library import Library
from core.services import Services
from core.settings import Settings, handed
from core.store.values import from_json, to_json

if TYPE_CHECKING:
    from ingest.following import Following
    from ingest.sources import Source

KIND = "ingest"
TARGET = "ingest.work:run"
TICK_S = 0.15
IDLE_S = 2.0
FRESH_S = 60.0
# An index that is being written is left as it is; the next start finds out and goes on.
STOP_S = 5.0
PUBLIC_CORPORA = 20

_log = logging.getLogger(__name__)


class Ingests:
    """Every ingest of one DATA_DIR. Parsers and cutters are imported when one is asked for."""

    def __init__(self, settings: Settings, jobs: Jobs, library: Library) -> None:
        self._settings = settings
        self._jobs = jobs
        self._library = library
        self._corpora = library.corpora
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow what runs, and what is asked for from now on; a second call changes nothing."""
        if self._thread is not None:
            return
        self._thread = threading.Thread(target=self._loop, name="ingests", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Follow nothing any more; a second call is fine."""
        self._stopping.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(STOP_S)
            self._thread = None

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
        join: bool = False,
    ) -> Job:
        """Queue an ingest, or go on with the same one that was left unfinished.

        `corpus` says that the source is a file of ready chunks, `uploaded` that the visitor sent
        it, `trusted` that the asker has this machine to himself, and `join` that the very same
        ingest, where one runs already, is the one that was meant.
        """
        from ingest.chunk.cutting import cutting as cut_by
        from ingest.sources import parse

        stranger = not trusted and self._is_open
        found = parse(
            source,
            include=tuple(include),
            exclude=tuple(exclude),
            corpus=corpus,
            public=stranger,
            uploaded=uploaded,
        )
        args = {
            "corpus": name or found.name,
            "source": found.spec(),
            "cutting": cutting,
            "embed": embed,
            "settings": settings_for(self._settings, stranger),
        }
        cut_by(cutting)
        with self._lock:
            if stranger:
                self._check_room(args["corpus"], owner)
            running = self._running(args) if join else None
            job = running or self._queued(args, title or found.title, found, owner)
        self._following.expect(job)
        self._wake.set()
        return job

    def submit_default(self) -> None:
        """Index the default source, where it is not indexed, not whole or not up to date."""
        from ingest.sources import parse

        try:
            source = default_source(self._settings)
            found = parse(source)
            corpus = self._known(found.name)
            if corpus is None or not self._is_current(corpus, found):
                self.submit(source, trusted=True)
        except Conflict:
            _log.info("The default source is being indexed already.")
        except PlumblineError as error:
            _log.warning("The default source could not be indexed: %s", error)

    def progress(self, name: str) -> IngestProgress | None:
        """Say how far the ingest of a corpus is; None when none is queued or running."""
        return next((each for each in self.running() if each.corpus == name), None)

    def running(self) -> list[IngestProgress]:
        """Return every ingest that is queued or running."""
        return self._following.told()

    def delete(self, name: str, owner: str = "", *, trusted: bool = False) -> None:
        """Delete a corpus that nothing is being brought into."""
        corpus = self._corpora.get(name)
        if not trusted and self._is_open:
            self._check_own(corpus, owner)
        with self._lock:
            self._check_free(name)
            self._library.delete(name)

    @cached_property
    def _following(self) -> "Following":
        from ingest.following import Following

        return Following(KIND, self._jobs, self._library)

    @property
    def _is_open(self) -> bool:
        return self._settings.public or self._settings.is_open

    def _queued(self, args: dict[str, Any], title: str, source: "Source", owner: str) -> Job:
        name = args["corpus"]
        self._check_free(name)
        known = self._known(name)
        if known is not None:
            _check_same(known, source)
        earlier = self._unfinished(known, args)
        settings = {"cutting": args["cutting"], "embed": args["embed"]}
        if earlier is None:
            # Made before the job is, so that a name that cannot be used is refused first.
            self._corpora.create(name, title, source.spec(), settings)
            earlier = self._jobs.submit(KIND, TARGET, args, owner)
        else:
            self._jobs.resume(earlier.id)
        self._corpora.create(name, title, source.spec(), settings, earlier.id)
        return self._jobs.get(earlier.id)

    def _unfinished(self, corpus: Corpus | None, args: dict[str, Any]) -> Job | None:
        if corpus is None or corpus.job_id is None:
            return None
        with suppress(NotFound):
            job = self._jobs.get(corpus.job_id)
            same = job.args == from_json(to_json(args))
            if same and job.state in ("failed", "cancelled", "interrupted"):
                return job
        return None

    def _running(self, args: dict[str, Any]) -> Job | None:
        wanted = from_json(to_json(args))
        found = (job for job in self._jobs.list() if job.kind == KIND and not job.is_over)
        return next((job for job in found if job.args == wanted), None)

    def _check_free(self, name: str) -> None:
        for job in self._jobs.list():
            if job.kind == KIND and not job.is_over and job.args["corpus"] == name:
                raise Conflict(
                    f"An ingest of {name!r} is {job.state} already.",
                    f"Wait until it is done, or end it: python -m core.jobs cancel {job.id}",
                )

    def _check_room(self, name: str, owner: str) -> None:
        if any(each.owner == owner for each in self.running()):
            raise Busy("You have an ingest under way here.", "Wait until it is done.")
        known = [corpus.name for corpus in self._corpora.list()]
        if name not in known and len(known) >= PUBLIC_CORPORA:
            raise Forbidden(
                f"This public server keeps {PUBLIC_CORPORA} indexes, and they are all there.",
                "Run Plumbline yourself to index what you like.",
            )

    def _check_own(self, corpus: Corpus, owner: str) -> None:
        job = None
        with suppress(NotFound):
            job = self._jobs.get(corpus.job_id) if corpus.job_id else None
        if job is None or job.owner != owner:
            raise Forbidden(
                f"The index {corpus.name!r} was not made by you.",
                "On a public server everybody deletes their own alone.",
            )

    def _known(self, name: str) -> Corpus | None:
        with suppress(NotFound):
            return self._corpora.get(name)
        return None

    def _is_current(self, corpus: Corpus, source: "Source") -> bool:
        from ingest import report

        if corpus.state != "ready":
            return False
        if corpus.report.get("embedder") != self._library.embedder.name():
            return False
        return not report.freshness(source, corpus.report, self._paths(corpus, source))["stale"]

    def _paths(self, corpus: Corpus, source: "Source") -> list[str]:
        return list(self._corpora.files(corpus.name)) if source.kind == "folder" else []

    def _loop(self) -> None:
        checked = 0.0
        while not self._stopping.is_set():
            self._wake.clear()
            rest = IDLE_S
            try:
                if self._following.tick():
                    rest = TICK_S
                elif time.monotonic() - checked > FRESH_S:
                    checked = time.monotonic()
                    self._look_again()
            except (PlumblineError, OSError):
                if not self._stopping.is_set():
                    _log.exception("An ingest could not be followed; it is tried again.")
            self._wake.wait(rest)

    def _look_again(self) -> None:
        """Write into every report whether its source has moved on since."""
        from ingest import report
        from ingest.sources import Source

        for corpus in self._corpora.list():
            if corpus.generation and corpus.report:
                source = Source.read(corpus.source)
                paths = self._paths(corpus, source)
                found = report.freshness(source, corpus.report, paths)
                if found["said"] != corpus.report.get("freshness", {}).get("said"):
                    told = {**corpus.report, "freshness": found}
                    self._corpora.amend(corpus.name, report=told)


def bring(settings: Settings, jobs: Jobs, library: Library, ending: ExitStack) -> Ingests:
    """Return the ingests of an app, and note how they are ended."""
    ingests = Ingests(settings, jobs, library)
    ending.callback(ingests.stop)
    return ingests


def follow(services: Services) -> None:
    """Take up the ingests that an earlier owner left running; no page has to be there for that."""
    assert isinstance(services.ingests, Ingests)
    services.ingests.start()


def begin(services: Services) -> None:
    """Open the default index, and start to make it where it is not there."""
    follow(services)
    try:
        services.library.warm()
    except PlumblineError as error:
        _log.warning("The default index could not be opened: %s", error)
    if services.settings.auto_ingest:
        assert isinstance(services.ingests, Ingests)
        services.ingests.submit_default()


def default_source(settings: Settings) -> str:
    """Return what is indexed where nothing is named: REPO_PATH, or the installed transformers."""
    from ingest.sources import DEFAULT

    return str(settings.repo_path) if settings.repo_path else DEFAULT


def default_name(settings: Settings) -> str:
    """Return the name of the default corpus; blank where its source cannot be had."""
    from ingest.sources import parse

    with suppress(PlumblineError):
        return parse(default_source(settings)).name
    return ""


def settings_for(settings: Settings, stranger: bool) -> dict[str, str]:
    """Return the settings a worker needs, as they go into its order; no secret does."""
    # The caps on what strangers bring in are not for those who run the server.
    return {**handed(settings), "public": str(int(stranger))}


def _check_same(corpus: Corpus, source: "Source") -> None:
    """Refuse to bring another source into a corpus that has one."""
    known = type(source).read(corpus.source)
    if (known.kind, known.place, known.part) != (source.kind, source.place, source.part):
        raise Conflict(
            f"The index {corpus.name!r} is of {corpus.title}, not of {source.title}.",
            f"Choose another name, or delete it first: python -m ingest delete {corpus.name}",
        )
