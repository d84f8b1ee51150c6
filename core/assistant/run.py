"""One run of an agent as plain values: what it was asked, found, did and spent, and its limits.

Everything in a state can be written down, so a run can be kept, gone on with, and looked at
again. It does not know how a run goes on.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

from core.assistant.guard import Guard
from core.assistant.way import Shape
from core.documents import Chunk, Evidence
from core.messages import Message, Stop, ToolCall, Usage
from core.seams import Step

POLL = 0.05
# Why a run ended, and what is said of it.
SAID: dict[str, str] = {
    "answered": "",
    "stuck": "The agent made the same call three times and was ended.",
    "iterations": "The agent took all the steps it may take without coming to an answer.",
    "tokens": "The agent used all the tokens it may use without coming to an answer.",
    "seconds": "The agent used all the time it may use without coming to an answer.",
    "stopped": "",
    "malformed": "The model's calls could not be read, also after it was told how to write them.",
    "failed": "The model failed on the way; this is what had been found.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a run may go: model calls, tokens in and out of all of them, seconds."""

    iterations: int = 8
    tokens: int = 40_000
    seconds: float = 180.0
    tool_seconds: float = 20.0


class State(TypedDict, total=False):
    """A run between two steps. Text the person wrote is `asked`; `private` is the system's."""

    question: str
    asked: str
    private: str
    native: bool
    shape: Shape
    messages: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    read: list[str]
    granted: list[str]
    calls: list[str]
    queries: list[str]
    pending: dict[str, Any] | None
    trouble: str
    repairs: int
    rounds: int
    notes: str
    trace: list[dict[str, Any]]
    usage: list[dict[str, Any]]
    thoughts: list[str]
    turns: int
    tokens: int
    seconds: float
    text: str
    reason: str
    prompts: list[str]
    notices: list[str]


class Until(Stop):
    """A stop that is also set once the time is over, or enough was read."""

    def __init__(self, stop: Stop, seconds: float) -> None:
        super().__init__()
        self._outer = stop
        self._deadline = time.monotonic() + max(0.0, seconds)

    @property
    def is_over(self) -> bool:
        """Say whether the time is over."""
        return time.monotonic() > self._deadline

    def is_set(self) -> bool:
        """Say whether to end."""
        return super().is_set() or self._outer.is_set() or self.is_over

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set, or that long."""
        end = time.monotonic() + timeout if timeout is not None else None
        while not self.is_set():
            left = POLL if end is None else min(POLL, end - time.monotonic())
            if left <= 0:
                return False
            time.sleep(left)
        return True


def started(messages: Sequence[Message], question: str, native: bool, shape: Shape) -> State:
    """Return the state of a run that has done nothing yet."""
    return State(
        question=question,
        asked="\n".join([question, *(m.content for m in messages if m.role == "user")]),
        private="\n".join(m.content for m in messages if m.role == "system"),
        native=native,
        shape=shape,
        messages=[],
        evidence=[],
        read=[],
        granted=[],
        calls=[],
        queries=[],
        pending=None,
        trouble="",
        repairs=0,
        rounds=0,
        notes="",
        trace=[],
        usage=[],
        thoughts=[],
        turns=0,
        tokens=0,
        seconds=0.0,
        text="",
        reason="",
        prompts=[],
        notices=[],
    )


def joined(*parts: State) -> State:
    """Return states as one; the later counts."""
    whole = State()
    for part in parts:
        whole.update(part)
    return whole


def over(state: State, limits: Limits, stop: Stop) -> str:
    """Say which limit a run has come to; blank for none."""
    if state.get("reason"):
        return state.get("reason", "")
    if stop.is_set():
        return "stopped"
    if state.get("turns", 0) >= limits.iterations:
        return "iterations"
    if state.get("tokens", 0) >= limits.tokens:
        return "tokens"
    return "seconds" if state.get("seconds", 0.0) >= limits.seconds else ""


def guard_of(state: State, made: type[Guard] = Guard) -> Guard:
    """Return the guard that knows all that has been read in a run."""
    return made(
        state.get("asked", ""),
        state.get("granted", []),
        evidence_of(state),
        state.get("read", []),
        state.get("private", ""),
    )


def evidence_of(state: State) -> tuple[Evidence, ...]:
    """Return what was found, in the order of its numbers."""
    return tuple(_evidence(each) for each in state.get("evidence", []))


def messages_of(state: State) -> list[Message]:
    """Return what the model has been told and has said."""
    return [
        Message(
            each["role"],
            each["content"],
            tuple(ToolCall(**call) for call in each.get("calls", ())),
            each.get("call_id", ""),
        )
        for each in state.get("messages", [])
    ]


def usage_of(state: State) -> tuple[Usage, ...]:
    """Return what each model call cost."""
    return tuple(_usage(each) for each in state.get("usage", []))


def steps_of(state: State) -> list[Step]:
    """Return what was done, in order."""
    return [
        Step(
            **{
                **each,
                "usage": _usage(each["usage"]) if each.get("usage") else None,
                "evidence": tuple(_evidence(found) for found in each.get("evidence", ())),
            }
        )
        for each in state.get("trace", [])
    ]


def plain(value: object) -> dict[str, Any]:
    """Return a dataclass as values that can be written down."""
    return asdict(value)  # type: ignore[call-overload]


def _evidence(told: dict[str, Any]) -> Evidence:
    chunk = told["chunk"]
    made = Chunk(**{**chunk, "names": tuple(chunk["names"]), "span": tuple(chunk["span"])})
    return Evidence(made, told["score"], tuple(told["found_by"]))


def _usage(told: dict[str, Any]) -> Usage:
    calls = tuple(ToolCall(**call) for call in told.get("calls", ()))
    return Usage(**{**told, "notices": tuple(told.get("notices", ())), "calls": calls})
