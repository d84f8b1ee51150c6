"""Runs of agents that were kept: which there are, what they did, and going on with one.

It knows a run's document. It does not know how runs are stored, nor who asks.
"""

import time
from typing import Any

from core.assistant.draft import Draft
from core.assistant.methods.agent import Agent
from core.assistant.run import evidence_of, steps_of, usage_of
from core.assistant.sessions import Sessions
from core.assistant.way import Way
from core.errors import NotFound, StateError
from core.messages import Params, Stop
from core.seams import Answer
from core.store.threads import Threads

Told = dict[str, Any]


class Runs:
    """The runs of one DATA_DIR."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def list(self) -> Told:
        """Return the runs, the latest first."""
        return {"runs": self._threads().ids()}

    def replay(self, run: str) -> Told:
        """Return the steps of a run as they were kept; no model is asked."""
        from core.assistant.checkpoints import state_of

        state = state_of(self._threads(), run)
        draft, usage = Draft(Stop()), usage_of(state)
        draft.steps = steps_of(state)
        draft.answer = Answer(
            state.get("text", ""),
            evidence_of(state),
            usage,
            tuple(state.get("notices", [])),
            reason=state.get("reason", ""),
            prompts=tuple(state.get("prompts", [])),
        )
        return _told(draft, None, state.get("seconds", 0.0))

    def resume(self, run: str, way: Way) -> Told:
        """Go on with a run and return its answer; the way says which corpus it is about."""
        agent = self._sessions.answerer(way)
        if not isinstance(agent, Agent):
            raise StateError("No language model is connected.", "Connect one to go on with a run.")
        stop, began = Stop(), time.perf_counter()
        draft = Draft(stop)
        for item in agent.resume(run, Params(), stop):
            draft.take(item)
        return _told(draft, agent, time.perf_counter() - began)

    def _threads(self) -> Threads:
        threads = self._sessions.kit.threads
        if threads is None:
            raise NotFound("No runs are kept here.")
        return threads


def _told(draft: Draft, agent: Agent | None, seconds: float) -> Told:
    card = agent.card() if agent else None
    return {"text": draft.text, **draft.details(card, Way("agent")), "seconds": seconds}
