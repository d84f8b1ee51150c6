"""Answering in steps: the model chooses what to look up, sees what comes, and answers.

It knows how a run becomes steps, words and an answer, and what is said when it ends early. It
does not know the order of steps, nor how a call is made. LangGraph is imported at the first run.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from core.assistant.condense import standalone
from core.assistant.coverage import gap
from core.assistant.guard import Guard
from core.assistant.methods.checking import UNINDEXED, Missing, finished, marked
from core.assistant.methods.quote import quoted
from core.assistant.run import (
    SAID,
    Limits,
    State,
    evidence_of,
    guard_of,
    joined,
    plain,
    started,
    steps_of,
    usage_of,
)
from core.assistant.scorer import BY_WORDS
from core.assistant.speech import Speech
from core.assistant.tools.tool import Tool
from core.assistant.way import Shape
from core.errors import BadInput, NotFound, PlumblineError
from core.messages import Delta, Message, ModelCard, Params, Stop
from core.seams import Answer, CallsTools, Generator, Step, SupportScorer
from core.store.threads import Threads

if TYPE_CHECKING:
    from core.assistant.checkpoints import Checkpoints

NOTHING = "No answer was found."
_DEFAULT = Limits()


class Agent:
    """Answer by thinking and calling tools, in one of two shapes, within limits.

    With `threads` every step is kept, so that a run can be gone on with and looked at again.
    """

    def __init__(
        self,
        generator: Generator,
        tools: Mapping[str, Tool],
        shape: Shape = "react",
        limits: Limits = _DEFAULT,
        threads: Threads | None = None,
        thread: str = "",
        guard: type[Guard] = Guard,
        support: SupportScorer = BY_WORDS,
        missing: Missing = "refuse",
    ) -> None:
        if shape == "plan" and "retrieve" not in tools:
            raise BadInput("A plan needs something to search.", "Index something first.")
        self._generator = generator
        self._tools = tools
        self._shape: Shape = shape
        self._limits = limits
        self._threads = threads
        self._thread = thread
        self._guard = guard
        self._support = support
        self._missing: Missing = missing

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Work on the last question until it is answered or a limit is met."""
        question, native = standalone(messages), self._calls_tools()
        speech = Speech(self.card(), self._tools, native)
        state = started(messages, question, native, self._shape)
        if self._shape == "react":
            state["messages"] = [plain(turn) for turn in speech.opening(messages, question)]
            state["prompts"] = [speech.lead.mark]
        thread = self._thread or uuid.uuid4().hex
        if self._threads is not None:
            yield Step("thread", thread)
        yield from self._run(state, state, thread, params, stop)

    def resume(self, thread: str, params: Params, stop: Stop) -> Iterator[Step | Delta | Answer]:
        """Go on with a run from its last whole step; one that ended gives its answer again."""
        yield from self._run(None, self._kept(thread), thread, params, stop)

    def replay(self, thread: str) -> list[Step]:
        """Return the steps of a run as they were kept, in order."""
        return steps_of(self._kept(thread))

    def _calls_tools(self) -> bool:
        inside = self._generator
        if self._shape != "react" or not isinstance(inside, CallsTools):
            return False
        return inside.calls_tools()

    def _saver(self) -> "Checkpoints | None":
        if self._threads is None:
            return None
        from core.assistant.checkpoints import Checkpoints

        return Checkpoints(self._threads)

    def _kept(self, thread: str) -> State:
        if self._threads is None:
            raise NotFound("No runs are kept here.")
        from core.assistant.checkpoints import state_of

        return state_of(self._threads, thread)

    def _run(
        self, state: State | None, now: State, thread: str, params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Run the graph and yield what it tells, then the answer that came of it."""
        from core.assistant import graph
        from core.assistant.work import Work

        native = now.get("native", False)
        work = Work(self._generator, self._tools, params, stop, self._limits, native, self._guard)
        ready, told = graph.compiled(work, now.get("shape", self._shape), self._saver()), ""
        with closing(graph.running(ready, state, thread)) as run:
            try:
                for item in run:
                    if isinstance(item, graph.At):
                        now = item.state
                        continue
                    told += item.text if isinstance(item, Delta) else ""
                    yield item
            except GeneratorExit:
                # The step that is under way ends, so that closing does not wait for it.
                stop.set()
                raise
            except PlumblineError as error:
                if not now.get("read"):
                    raise
                notices = [*now.get("notices", []), error.message]
                now = joined(now, State(reason="failed", notices=notices))
        yield from self._ended(now, told)

    def _ended(self, state: State, told: str) -> Iterator[Step | Delta | Answer]:
        """Yield what is left to be told, and the answer with all that stands under it."""
        reason = state.get("reason") or "failed"
        text = guard_of(state, self._guard).answer(state.get("text") or _partial(state))
        if text.startswith(told) and len(text) > len(told):
            yield Delta(text[len(told) :])
        # Without a search the bundled model asks for one all the same, and gets nowhere.
        is_lost = reason in ("stuck", "iterations", "malformed")
        lacks = UNINDEXED if is_lost and "retrieve" not in self._tools else ""
        answer = Answer(
            text,
            evidence_of(state),
            usage_of(state),
            tuple(filter(None, [*state.get("notices", []), SAID.get(reason, ""), lacks])),
            reasoning="\n".join(state.get("thoughts", [])),
            reason=reason,
            prompts=tuple(state.get("prompts", [])),
        )
        if reason == "answered":
            # Where nothing was searched, nothing can be missing from what was found.
            question, on = state.get("question", ""), answer.evidence
            found = gap(question, text, on, _results(state)) if on else None
            yield from finished(answer, question, self._support, found, self._missing)
        else:
            yield marked(answer, self._support)


def _results(state: State) -> list[str]:
    """Return what tools other than the search said; the search's passages are the evidence."""
    every = [each for each in state.get("trace", []) if each["kind"] == "observation"]
    return [each["text"] for each in every if each["tool"] != "retrieve"]


def _partial(state: State) -> str:
    """Return the best there is where no answer was given: a quote, a result, a thought."""
    evidence = evidence_of(state)
    quote = quoted(state.get("question", ""), evidence) if evidence else ""
    if quote:
        return quote
    results = [each for each in state.get("trace", []) if each["tool"] == "calculator"]
    results = [each for each in results if each["kind"] == "observation" and each["ok"]]
    if results:
        return f"{results[-1]['given']} is {results[-1]['text']}."
    thoughts = state.get("thoughts", [])
    return f"{NOTHING} {thoughts[-1] if thoughts else ''}".strip()
