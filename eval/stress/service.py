"""Stress runs as the owner of DATA_DIR keeps them: asked for, watched, ended, taken out.

A run is a job, and what is known of it is what its worker wrote down; a run that was brought is a
file. It holds nothing itself, so that any number of pages may look at the same run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from core.errors import BadInput, Corrupt, Forbidden, NotFound, Unwritable
from core.records import Job, JobRecord
from core.settings import Settings, handed
from core.store.values import new_id
from eval.stress import export, plan, summary, trace
from eval.stress.plan import MB, MODES, Asked, Mode
from eval.stress.scenario import NAME, Scenario, Shelf
from eval.stress.state import State, folded

KIND, TARGET = "stress", "eval.stress.work:run"
SHIPPED = Path(__file__).with_name("runs")
PUBLIC_MB, PUBLIC_TURNS = 100, 40
MOST_JOBS = 1_000
MOST_BYTES = 20_000_000
LOCAL_ONLY = "This page is public: stress runs use the shipped scenarios and the page's own model."


class Queue(Protocol):
    """What is asked of core.jobs."""

    def submit(self, kind: str, target: str, args: dict[str, Any], owner: str) -> Job:
        """Queue a job."""
        ...

    def get(self, id: str) -> Job:
        """Return a job."""
        ...

    def records(self, id: str, after: int = -1, kind: str | None = None) -> list[JobRecord]:
        """Return what a job wrote down."""
        ...

    def list(self, limit: int = 100) -> list[Job]:
        """Return the latest jobs."""
        ...

    def cancel(self, id: str) -> Job:
        """End a job."""
        ...

    def resume(self, id: str) -> Job:
        """Queue a job again."""
        ...


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be asked for here; `why` says what is missing."""

    scenarios: tuple[str, ...]
    modes: tuple[Mode, ...]
    most_mb: int
    models: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run in a list."""

    id: str
    title: str
    state: str
    created: datetime
    modes: tuple[str, ...]
    model: str
    budget_bytes: int
    summary: str
    replayed: bool


class Stress:
    """Every stress run of one DATA_DIR."""

    def __init__(self, settings: Settings, jobs: Queue) -> None:
        self._settings, self._jobs = settings, jobs
        self._shelf = Shelf(settings.data_dir)
        self._brought = settings.data_dir / "stress" / "runs"

    def scenarios(self) -> tuple[Scenario, ...]:
        """Return what can be run."""
        return self._shelf.all()

    def allowed(self) -> Allowed:
        """Return what may be asked for here."""
        known = self.scenarios()
        if not self._settings.public:
            return Allowed(tuple(each.name for each in known), MODES, 1_000_000, True)
        small = [each for each in known if _is_small(each)]
        return Allowed(tuple(each.name for each in small), MODES, PUBLIC_MB, False, LOCAL_ONLY)

    def submit(self, asked: Asked | dict[str, Any], owner: str = "") -> Job:
        """Queue a run, with the scenario as it is now."""
        asked = plan.parse(asked)
        scenario = self._shelf.get(asked.scenario)
        budget_mb = asked.budget_mb or scenario.budget_mb
        self._check(asked, scenario, budget_mb)
        env = Path(".env")
        args = {
            "asked": asked.model_dump(mode="json"),
            "scenario": scenario.model_dump(mode="json"),
            "budget_bytes": budget_mb * MB,
            "slow_s": asked.slow_s or self._settings.stress_slow_s,
            "settings": handed(self._settings),
            "secrets": str(env.resolve()) if env.is_file() else "",
        }
        return self._jobs.submit(KIND, TARGET, args, owner)

    def state(self, id: str) -> State:
        """Return a run as it is now."""
        brought = self._file(id)
        if brought:
            return _read(brought)
        job = self._job(id)
        return _state(job, self._jobs.records(job.id, kind="result"))

    def list(self, limit: int = 50) -> list[Listed]:
        """Return the latest runs, newest first, and those that were brought."""
        jobs = [_listed(job) for job in self._jobs.list(MOST_JOBS) if job.kind == KIND]
        found = jobs + [_in_list(state) for state in self._files()]
        return sorted(found, key=lambda each: each.created, reverse=True)[:limit]

    def cancel(self, id: str) -> Job:
        """End a run; what it told is kept."""
        return self._jobs.cancel(self._job(id).id)

    def resume(self, id: str) -> Job:
        """Go on with a run: the lanes that are not done begin again."""
        return self._jobs.resume(self._job(id).id)

    def export(self, id: str, form: str) -> bytes:
        """Return a run as json, csv, trace, png or html."""
        return export.export(self.state(id), form)

    def bring(self, text: str) -> str:
        """Keep a run that was exported as json; its figures are replayed. Returns its id."""
        if len(text) > MOST_BYTES:
            raise BadInput(f"The run has more than {MOST_BYTES:,} characters.")
        id = f"brought-{new_id()[:12]}"
        state = export.brought(id, text)
        try:
            self._brought.mkdir(parents=True, exist_ok=True)
            draft = self._brought / f"{id}.part"
            draft.write_bytes(export.export(state, "json"))
            draft.rename(self._brought / f"{id}.json")
        except OSError as error:
            raise Unwritable(f"The run could not be stored: {error}.") from error
        return id

    def bring_trace(self, name: str, text: str) -> Scenario:
        """Keep a trace of turn lengths as a scenario."""
        if not NAME.fullmatch(name):
            raise BadInput(f"{name[:100]!r} is no name.", "Use small letters, digits and hyphens.")
        return self._shelf.keep(trace.scenario_of(name, text))

    def _check(self, asked: Asked, scenario: Scenario, budget_mb: int) -> None:
        allowed = self.allowed()
        if asked.scenario not in allowed.scenarios or budget_mb > allowed.most_mb:
            raise Forbidden(f"{scenario.title} with {budget_mb:,} MB: {allowed.why}")
        if (asked.model not in ("", "bundled") or asked.url) and not allowed.models:
            raise Forbidden(allowed.why)

    def _job(self, id: str) -> Job:
        job = self._jobs.get(id)
        if job.kind != KIND:
            raise NotFound("There is no such stress run.")
        return job

    def _file(self, id: str) -> Path | None:
        return next((path for path in self._paths() if path.stem == id), None)

    def _paths(self) -> Iterator[Path]:
        for folder in (self._brought, SHIPPED):
            yield from sorted(folder.glob("*.json"))

    def _files(self) -> Iterator[State]:
        for path in self._paths():
            try:
                yield _read(path)
            except (Corrupt, BadInput):
                continue


def _read(path: Path) -> State:
    try:
        return export.brought(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Corrupt(f"The run {path.stem} cannot be read: {error}") from error


def _state(job: Job, records: Iterable[JobRecord]) -> State:
    asked = plan.parse(job.args["asked"])
    scenario = Scenario.model_validate(job.args["scenario"])
    fold = folded(asked.lanes, (record.data for record in records))
    return State(
        id=job.id,
        state=job.state,
        asked=asked,
        scenario=scenario,
        budget_bytes=job.args["budget_bytes"],
        lanes=fold.lanes,
        created=job.created,
        ended=job.ended,
        progress=job.progress,
        status=job.status,
        error=job.error,
        turns=fold.turns,
        model=fold.model,
        machine=fold.machine,
        summary=summary.sentence(fold.lanes, scenario),
        figures=summary.figures(fold.lanes),
    )


def _listed(job: Job) -> Listed:
    asked = job.args["asked"]
    return Listed(
        id=job.id,
        title=job.args["scenario"]["title"],
        state=job.state,
        created=job.created,
        modes=("endpoint",) if asked["url"] else tuple(asked["modes"]),
        model=asked["model_name"] or asked["url"] or asked["model"],
        budget_bytes=job.args["budget_bytes"],
        summary=job.status if job.state == "completed" else "",
        replayed=False,
    )


def _in_list(state: State) -> Listed:
    return Listed(
        id=state.id,
        title=state.scenario.title,
        state=state.state,
        created=state.created.astimezone(UTC),
        modes=tuple(state.asked.modes),
        model=str(state.model.get("name", "")),
        budget_bytes=state.budget_bytes,
        summary=state.summary,
        replayed=True,
    )


def _is_small(scenario: Scenario) -> bool:
    turns = scenario.turns * scenario.sessions
    return scenario.source == "shipped" and turns <= PUBLIC_TURNS and scenario.kind == "session"
