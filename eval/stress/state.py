"""A stress run as its records tell it: lanes, turns, failures, samples; while it runs and after.

It folds what a worker wrote down, in order, and knows where each figure comes from. It starts
nothing and reads no file.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal

from core.records import JobState
from eval.stress.plan import CONTROL, Asked
from eval.stress.scenario import Scenario

Origin = Literal["measured", "counted", "computed", "modelled", "replayed"]
FailureKind = Literal["memory", "truncation", "slow", "context", "error"]
LaneState = Literal["waiting", "running", "failed", "done", "skipped"]
COMPUTED = frozenset({"kv_bytes", "bytes_per_token", "budget_bytes"})
ENDING: frozenset[str] = frozenset({"memory", "context", "error"})


@dataclass(frozen=True, slots=True)
class Turn:
    """One answered turn; None is not measured.

    `kv_bytes` are those of this conversation by the model's config; `ram_bytes`, `vram_bytes` and
    `flash_bytes` are where the keys and values of all sessions lay at its end.
    """

    lane: str
    session: int
    turn: int
    at_s: float
    prompt_tokens: int | None
    reused_tokens: int | None
    written_tokens: int | None
    first_token_s: float | None
    total_s: float
    tokens_per_s: float | None = None
    recompute_s: float | None = None
    gap_s: float | None = None
    kv_bytes: int | None = None
    ram_bytes: int | None = None
    vram_bytes: int | None = None
    flash_bytes: int | None = None
    anonymous_bytes: int | None = None
    file_bytes: int | None = None
    data_bytes: int | None = None
    asked: str = ""
    answer: str = ""
    digest: str = ""
    same: bool | None = None
    needle: Literal["recalled", "lost"] | None = None
    dropped: int = 0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in its own words, and where."""

    lane: str
    kind: FailureKind
    type: str
    message: str
    at_s: float
    session: int = 0
    turn: int = 0
    token: int | None = None
    data_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """What a lane's process used at a moment."""

    lane: str
    at_s: float
    anonymous_bytes: int | None = None
    file_bytes: int | None = None
    data_bytes: int | None = None
    vram_bytes: int | None = None
    cpu_percent: float | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """The first token after a restart, with what lay on flash read back."""

    prompt_tokens: int
    reused_tokens: int
    first_token_s: float
    recompute_s: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One way of keeping the conversation, as far as it came."""

    name: str
    state: LaneState = "waiting"
    limit: Literal["rlimit", "vram", "counted", "none"] = "none"
    base_bytes: int | None = None
    limit_bytes: int | None = None
    window: int | None = None
    turns: tuple[Turn, ...] = ()
    samples: tuple[Sample, ...] = ()
    failures: tuple[Failure, ...] = ()
    notices: tuple[str, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    break_even_tokens: int | None = None
    resumed: Resumed | None = None

    @property
    def death(self) -> Failure | None:
        """Return the failure that ended it."""
        return next((each for each in self.failures if each.kind in ENDING), None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the summary, its unit, where it comes from, and how it is written."""

    value: float | int | bool
    unit: str
    origin: Origin
    text: str


@dataclass(frozen=True, slots=True)
class State:
    """A stress run as it is now."""

    id: str
    state: JobState
    asked: Asked
    scenario: Scenario
    budget_bytes: int
    lanes: tuple[Lane, ...]
    created: datetime
    ended: datetime | None = None
    progress: float | None = None
    status: str = ""
    error: str | None = None
    turns: int = 0
    model: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    figures: Mapping[str, Figure] = field(default_factory=dict)
    replayed: bool = False

    def lane(self, name: str) -> Lane | None:
        """Return a lane by its name."""
        return next((lane for lane in self.lanes if lane.name == name), None)

    def origin(self, name: str) -> Origin:
        """Say where a field of a turn or a sample comes from."""
        if self.replayed:
            return "replayed"
        return "computed" if name in COMPUTED else "measured"


class Fold:
    """Takes in what was written down, one record after the other."""

    def __init__(self, lanes: Iterable[str]) -> None:
        self._lanes = {name: Lane(name) for name in lanes}
        self.model: Mapping[str, Any] = {}
        self.machine: Mapping[str, Any] = {}
        self.turns = 0

    def take(self, told: Mapping[str, Any]) -> None:
        """Take in one record; what is not known is passed over."""
        event, name = told.get("event"), str(told.get("lane", ""))
        if event == "setup":
            self.machine = told["machine"]
        elif name in self._lanes and event in _TAKEN:
            self._lanes[name] = _TAKEN[event](self._lanes[name], told)
            if event == "lane":
                self.model = told.get("model") or self.model
                self.turns = told.get("turns", 0) or self.turns

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Return the lanes, with each turn compared to the session without a limit."""
        reference = self._reference()
        return tuple(_compared(lane, reference) for lane in self._lanes.values())

    def _reference(self) -> Lane | None:
        for name in (CONTROL, "memory"):
            if name in self._lanes and self._lanes[name].turns:
                return self._lanes[name]
        return None


def _begun(lane: Lane, told: Mapping[str, Any]) -> Lane:
    # A lane that is begun again is told anew.
    known = ("limit", "base_bytes", "limit_bytes", "window")
    return Lane(lane.name, "running", **{name: told.get(name) for name in known})  # pyright: ignore


def _turned(lane: Lane, told: Mapping[str, Any]) -> Lane:
    return replace(lane, turns=(*lane.turns, _made(Turn, told)))


def _sampled(lane: Lane, told: Mapping[str, Any]) -> Lane:
    return replace(lane, samples=(*lane.samples, _made(Sample, told)))


def _failed(lane: Lane, told: Mapping[str, Any]) -> Lane:
    failure = _made(Failure, told)
    state = "failed" if failure.kind in ENDING else lane.state
    return replace(lane, state=state, failures=(*lane.failures, failure))


def _noticed(lane: Lane, told: Mapping[str, Any]) -> Lane:
    known = lane.notices if told["text"] in lane.notices else (*lane.notices, told["text"])
    return replace(lane, notices=known)


def _resumed(lane: Lane, told: Mapping[str, Any]) -> Lane:
    known = told.get("break_even_tokens") or lane.break_even_tokens
    return replace(lane, resumed=_made(Resumed, told), break_even_tokens=known)


def _ended(lane: Lane, told: Mapping[str, Any]) -> Lane:
    return replace(
        lane,
        state="failed" if lane.death else told.get("state", "done"),
        counters=told.get("counters") or lane.counters,
    )


_TAKEN = {
    "lane": _begun,
    "turn": _turned,
    "sample": _sampled,
    "failure": _failed,
    "notice": _noticed,
    "resumed": _resumed,
    "lane_end": _ended,
}


def _made(kind: Any, told: Mapping[str, Any]) -> Any:  # noqa: ANN401
    known = {each.name for each in fields(kind)}
    return kind(**{name: value for name, value in told.items() if name in known})


def _compared(lane: Lane, reference: Lane | None) -> Lane:
    if reference is None or reference.name == lane.name:
        return lane
    digests = {(turn.session, turn.turn): turn.digest for turn in reference.turns}
    turns = [replace(turn, same=_same(turn, digests)) for turn in lane.turns]
    return replace(lane, turns=tuple(turns))


def _same(turn: Turn, digests: Mapping[tuple[int, int], str]) -> bool | None:
    other = digests.get((turn.session, turn.turn))
    return turn.digest == other if other and turn.digest else None


def folded(lanes: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Fold:
    """Return a fold of these records."""
    fold = Fold(lanes)
    for told in records:
        fold.take(told)
    return fold
