"""Runs as the owner keeps them: asked for, followed, cancelled, gone on with, put away.

It knows runs, jobs and who may do what. What a run does is in eval/work.py, what is read of it
in eval/reading.py.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

from core.assistant.scorer import open_support
from core.assistant.sessions import Sessions
from core.assistant.way import METHODS
from core.errors import BadInput, Conflict, NotFound, PlumblineError
from core.jobs.queue import Jobs
from core.models.catalog import Catalog
from core.records import Page, Run, RunProgress, SavedConfig, Suite
from core.retrieval.library import Library
from core.services import Services
from core.settings import Settings, handed
from core.store.connection import Store
from core.store.results import Results
from core.store.runs import Configs, RunRows
from core.store.samples import ItemRows, SampleRows
from core.store.values import new_id, now
from eval import config as configs
from eval import plan, provenance
from eval.config import RunConfig
from eval.estimate import Estimated, estimated
from eval.evaluating import Evaluating
from eval.following import KIND, Following
from eval.jury import criterion_and
from eval.jury import known as scorers
from eval.questions import Questions
from eval.rights import Rights
from eval.served import Served

TARGET = "eval.work:run"
TICK_S = 0.1
TICK_SHARE = 3
IDLE_S = 2.0
STOP_S = 5.0
SEARCHING = ("rag", "agent")

_log = logging.getLogger(__name__)


class Runs(Evaluating):
    """Every run of one DATA_DIR; `alone` says that its asker has this machine to himself."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        jobs: Jobs,
        library: Library,
        *,
        alone: bool = False,
    ) -> None:
        self.settings = settings
        self._alone = alone
        self._jobs = jobs
        self._library = library
        self.support = open_support(settings, library.embedder.embed, lambda: library.is_embedding)
        self.rows = RunRows(store)
        self.items = ItemRows(store)
        self.samples_kept = SampleRows(store)
        self.results = Results(store)
        self.configs = Configs(store)
        self.questions = Questions(settings, store)
        self.served = Served(library, self.results)
        self.rights = Rights(settings, self.rows, alone)
        self._folder = settings.data_dir / "runs"
        self._following = Following(
            jobs, self.rows, self.items, self.samples_kept, self.results, self._folder
        )
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Follow what runs, and what is asked for from now on; a second call changes nothing."""
        if self._thread is None:
            self._following.look_back(go_on=not self._alone)
            self._thread = threading.Thread(target=self._loop, name="runs", daemon=True)
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
        given: RunConfig | dict[str, Any],
        owner: str = "",
        *,
        trusted: bool = False,
        key: str = "",
    ) -> Run:
        """Queue a run; the same key of the same owner is the same run.

        `trusted` says that the asker has this machine to himself.
        """
        config = self.rights.checked(configs.parse(given), owner, trusted)
        with self._lock:
            known = self.rows.by_key(owner, key)
            if known is not None:
                return self._same(known, config)
            run = self._kept(config, owner, key)
            plan.write(self._folder / run.id, self.items.walk(run.id), config)
            return self._queued(run, config)

    def sweep(self, given: dict[str, Any], owner: str = "", *, trusted: bool = False) -> list[Run]:
        """Queue a run for each combination under `matrix`; all of them are checked first."""
        made = [self.rights.checked(each, owner, trusted) for each in configs.unfold(given)]
        for config in made:
            self._suite(config, owner)
        return [self.submit(config, owner, trusted=trusted) for config in made]

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
        found = self.rows.list(
            self.rights.readers(owner),
            page,
            size,
            suite=suite,
            method=method,
            state=state,
            text=text,
            deleted=deleted,
            sort=sort,
            descending=descending,
        )
        return replace(found, rows=tuple(self.rights.shown(run, owner) for run in found.rows))

    def progress(self, id: str, owner: str | None = None) -> RunProgress:
        """Say how far a run is."""
        return self._following.progress(self.get(id, owner))

    def cancel(self, id: str, owner: str | None = None) -> Run:
        """End a run; what is answered is kept, and it can be gone on with."""
        run = self.rights.writable(id, owner)
        if run.job_id and run.state in ("queued", "running"):
            self._jobs.cancel(run.job_id)
            self._wake.set()
        return self.rows.get(run.id)

    def resume(self, id: str, owner: str | None = None) -> Run:
        """Go on with a run that did not complete, or ask again what failed in one that did."""
        run = self.rights.writable(id, owner)
        with self._lock:
            run = self.rows.get(run.id)
            if run.state in ("queued", "running"):
                # It may only seem so, until the end of its worker has been noticed.
                self._following.go_on(run.id)
                return run
            if run.state == "completed" and not run.failed:
                raise BadInput(f"The run {run.name!r} is complete; nothing in it failed.")
            config = configs.parse(run.config)
            if not (self._folder / run.id / plan.PLAN).exists():
                plan.write(self._folder / run.id, self.items.walk(run.id), config)
            return self._again(run, config)

    def delete(self, id: str, owner: str | None = None) -> Run:
        """Put a run away; it can be brought back."""
        run = self.rights.writable(id, owner)
        if run.state in ("queued", "running"):
            raise Conflict(f"The run {run.name!r} is {run.state}.", "Cancel it first.")
        self.rows.delete(run.id)
        return self.rows.get(run.id)

    def restore(self, id: str, owner: str | None = None) -> Run:
        """Bring a run back that was put away."""
        run = self.rights.writable(id, owner, deleted=True)
        self.rows.delete(run.id, deleted=False)
        return self.rows.get(run.id)

    def save_config(self, name: str, given: dict[str, Any], owner: str = "") -> SavedConfig:
        """Keep a configuration, a sweep's too, under a name."""
        configs.unfold(given)
        if not name.strip():
            raise BadInput("The configuration has no name.", "Give it one.")
        return self.configs.save(owner, name, given)

    def saved(self, owner: str | None = None, *, deleted: bool = False) -> Sequence[SavedConfig]:
        """Return the configurations that may be seen."""
        return self.configs.list(self.rights.readers(owner), deleted)

    def delete_config(self, id: str, owner: str | None = None, *, deleted: bool = True) -> None:
        """Put a configuration away, or bring it back."""
        kept = self.configs.get(id)
        self.rights.check_own(kept.owner, owner)
        self.configs.delete(id, deleted)

    def estimate(self, given: RunConfig | dict[str, Any], owner: str | None = None) -> Estimated:
        """Say what a run would take, judged by those that may be seen, and what it could show."""
        config = configs.parse(given)
        if owner is not None:
            self.rights.check_asked(config)
        suite, _ = self._suite(config, owner or "")
        seen = self.rights.readers(owner)
        earlier = self.rows.list(
            seen, size=20, suite=suite.name, method=config.method, state="completed"
        )
        same = (each for each in earlier.rows if each.config["model"] == config.told()["model"])
        return estimated(config, suite.count, next(same, None))

    def names(self, owner: str | None = None) -> dict[str, Sequence[str]]:
        """Return what a configuration may name: suites that may be seen, methods, scorers."""
        known = [suite.name for suite in self.questions.list(owner)]
        return {"suites": known, "methods": METHODS, "scorers": scorers()}

    def cached(self) -> dict[str, int]:
        """Return how many earlier answers are kept, and how often they were used."""
        return self.results.told()

    def prune(self, days: float | None = None) -> int:
        """Forget earlier answers that were not used for so long, or all of them."""
        if days is not None and not days >= 0:
            raise BadInput(f"{days:g} is no number of days.", "Give 0 or more.")
        return self.results.prune(days)

    def _same(self, known: Run, config: RunConfig) -> Run:
        told = config.told()
        # What was left blank was filled in when the run was kept.
        filled = {name: known.config[name] for name in ("name", "corpus") if not told[name]}
        if known.config != {**told, **filled}:
            raise Conflict(
                "This key was used for another run.", "Send a new key, or the same configuration."
            )
        return known

    def _suite(self, config: RunConfig, owner: str) -> tuple[Suite, tuple[str, ...]]:
        suite = self.questions.get(config.suite, owner or None)
        return suite, criterion_and(config.scorers, suite.criterion)

    def _kept(self, config: RunConfig, owner: str, key: str) -> Run:
        suite, scorers = self._suite(config, owner)
        corpus = self._corpus(config)
        if corpus and not config.corpus:
            config = config.model_copy(update={"corpus": corpus["name"]})
        name = config.name or f"{suite.name} {config.method}"
        known = provenance.of_owner(self.settings, suite, corpus)
        run = Run(
            id=new_id(),
            name=name,
            owner=owner,
            state="queued",
            config={**config.told(), "name": name},
            suite=suite.name,
            suite_version=suite.version,
            criterion=suite.criterion,
            method=config.method,
            model="",
            total=0,
            created=now(),
            provenance={**known, "scorers": list(scorers)},
        )
        asked = plan.chosen(self.questions.items(config.suite, owner or None), config)
        return self.rows.add(run, plan.checked(asked, config), key, config.epochs)

    def _corpus(self, config: RunConfig) -> dict[str, Any]:
        """Return the index a run searches as it is now; empty for ways that search nothing."""
        if config.method not in SEARCHING:
            return {}
        name = config.corpus or self._library.default
        if not name:
            return {}
        corpus = self._library.get(name)
        return {
            "name": corpus.name,
            "title": corpus.title,
            "generation": corpus.generation,
            "settings": corpus.settings,
            "embedder": corpus.report.get("embedder", ""),
            "revision": corpus.report.get("revision", ""),
        }

    def _queued(self, run: Run, config: RunConfig, skip: Sequence[int] = ()) -> Run:
        corpus = run.provenance.get("corpus", {})
        revision = [run.suite_version, *(str(corpus.get(k, "")) for k in ("name", "generation"))]
        args = {
            "run": run.id,
            "config": run.config,
            "scorers": run.provenance["scorers"],
            "settings": handed(self.settings),
            "secrets": provenance.secrets_file(),
            "revision": " ".join([*revision, str(corpus.get("embedder", ""))]),
            "skip": list(skip),
        }
        job = self._jobs.submit(KIND, TARGET, args, run.owner, config.priority)
        self.rows.amend(run.id, state="queued", job_id=job.id, error="")
        self._wake.set()
        return self.rows.get(run.id)

    def _again(self, run: Run, config: RunConfig) -> Run:
        job = None
        with suppress(NotFound):
            job = self._jobs.get(run.job_id) if run.job_id else None
        if job is None or job.state == "completed":
            return self._queued(run, config, self.samples_kept.whole(run.id))
        if job.is_over:
            self._jobs.resume(job.id)
        self.rows.amend(run.id, state="queued", error="")
        self._wake.set()
        return self.rows.get(run.id)

    def _loop(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            rest, began = IDLE_S, time.monotonic()
            try:
                if self._following.tick():
                    # What runs needs the machine more than the list of what ran.
                    rest = max(TICK_S, TICK_SHARE * (time.monotonic() - began))
            except (PlumblineError, OSError):
                if not self._stopping.is_set():
                    _log.exception("A run could not be followed; it is tried again.")
            self._wake.wait(rest)


def measure(
    settings: Settings,
    store: Store,
    jobs: Jobs,
    library: Library,
    models: Catalog,
    sessions: Sessions,
    ending: ExitStack,
) -> Runs:
    """Return the runs of an app, and note how they are ended."""
    runs = Runs(settings, store, jobs, library)
    runs.answering, runs.judging = sessions.answerer, models.generator
    ending.callback(runs.stop)
    return runs


def follow(services: Services) -> None:
    """Take up the runs that an earlier owner left; those it broke off go on."""
    assert isinstance(services.evals, Runs)
    services.evals.start()
