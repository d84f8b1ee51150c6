"""What an agent does in each of its steps: think, call, look, plan, analyse, answer.

Each takes a run's state and returns what changed in it, and tells what happens while it does.
It does not know in which order the steps come; the graph does.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from core.assistant import showing
from core.assistant.actions import STOPS, before_observation, final_so_far, written
from core.assistant.guard import Guard
from core.assistant.prompting import Prompt, prompt
from core.assistant.run import (
    Limits,
    State,
    Until,
    evidence_of,
    guard_of,
    joined,
    over,
    plain,
)
from core.assistant.showing import Budget
from core.assistant.speech import Speech, call_text, turn_of
from core.assistant.tools.running import run, shortened
from core.assistant.tools.tool import Result, Tool
from core.documents import approximate_tokens
from core.documents import prompt as asked_over
from core.errors import BadReply
from core.messages import Delta, Message, Params, Stop, Usage
from core.seams import Counts, Generator, Step

Tell = Callable[[Step | Delta], None]
SAME = 3
QUERIES = 3
LONGEST_QUERY = 200
ROUNDS = 2
FEW = 3
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s*")
_MISSING = re.compile(r"^\W*missing\W*:\W*(.*)$", re.IGNORECASE | re.MULTILINE)
_NOTHING = re.compile(r"^(nothing|none|no|n/a)\b", re.IGNORECASE)


class Work:
    """The steps of one run with one model and these tools."""

    def __init__(
        self,
        generator: Generator,
        tools: Mapping[str, Tool],
        params: Params,
        stop: Stop,
        limits: Limits,
        native: bool,
        guard: type[Guard] = Guard,
    ) -> None:
        card = generator.card()
        self._generator = generator
        self._tools = tools
        self._params = params
        self._stop = stop
        self._limits = limits
        self._guard = guard
        self._budget = Budget.of(card)
        self.speech = Speech(card, tools, native)
        self.count = generator.count if isinstance(generator, Counts) else approximate_tokens

    def think(self, state: State, tell: Tell) -> State:
        """Let the model choose: a call, an answer, or something that cannot be read."""
        reason = over(state, self._limits, self._stop)
        if reason:
            return State(reason=reason)
        turns = self.speech.fitted(state, self.count, self._params.max_tokens)
        text, usage, changed = self._said(state, turns, tell, plainly=False)
        found, turn, call_id = self.speech.reading(before_observation(text), usage)
        step = Step("thought", found.thought, usage.total_s, usage=usage)
        changed |= self._told(state, tell, step)
        changed["messages"] = [*state.get("messages", []), turn_of(turn)]
        changed["pending"], changed["trouble"] = None, ""
        if found.thought:
            changed["thoughts"] = [*state.get("thoughts", []), found.thought]
        if found.final is not None:
            changed["text"] = found.final
            changed["reason"] = changed.get("reason") or "answered"
        elif found.action is not None:
            given, said = call_text(found.action, self._tools.get(found.action.tool))
            changed["pending"] = {"tool": found.action.tool, "given": given, "id": call_id}
            changed["repairs"] = 0
            changed |= self._told(
                changed,
                tell,
                Step("action", said, tool=found.action.tool, given=said),
            )
        elif not changed.get("reason"):
            changed["trouble"], changed["pending"] = found.trouble, {"id": call_id}
            if state.get("repairs"):
                changed["reason"] = "malformed"
        return changed

    def repair(self, state: State, tell: Tell) -> State:
        """Tell the model, once, how a call is written."""
        trouble, pending = state.get("trouble", ""), state.get("pending") or {}
        message, mark = self.speech.repair(trouble, pending.get("id", ""))
        changed = self._told(state, tell, Step("repair", trouble, ok=False))
        changed["messages"] = [*state.get("messages", []), turn_of(message)]
        changed["repairs"] = state.get("repairs", 0) + 1
        changed["prompts"] = _with(state, mark)
        changed["pending"], changed["trouble"] = None, ""
        return changed

    def act(self, state: State, tell: Tell) -> State:
        """Make the call that is pending and show the model what it gave."""
        pending = state.get("pending") or {}
        text, changed = self._called(state, pending["tool"], pending["given"], tell)
        changed["pending"] = None
        if changed.get("reason"):
            return changed
        observed = self.speech.observation(text, pending.get("id", ""))
        changed["messages"] = [*state.get("messages", []), turn_of(observed)]
        return changed

    def plan(self, state: State, tell: Tell) -> State:
        """Let the model say what has to be looked up; the question itself is the last resort."""
        question = state.get("question", "")
        if self.speech.is_bundled or over(state, self._limits, self._stop):
            return self._planned(state, tell, [question], None)
        how = prompt("plan")
        turns = [Message("user", how.fill(question=question))]
        text, usage, changed = self._said(state, turns, None)
        rows = (_BULLET.sub("", row).strip().strip("\"'`") for row in text.splitlines())
        queries = [row for row in dict.fromkeys(rows) if 0 < len(row) <= LONGEST_QUERY][:QUERIES]
        changed |= self._planned(state, tell, queries or [question], usage)
        changed["prompts"] = _with(state, how.mark)
        return changed

    def retrieve(self, state: State, tell: Tell) -> State:
        """Search for everything that is planned."""
        now = joined(state)
        for query in state.get("queries", []):
            if over(now, self._limits, self._stop):
                break
            self._tell_call(now, "retrieve", {"query": query}, tell)
            _, changed = self._called(now, "retrieve", {"query": query}, tell)
            now.update(changed)
        now["queries"] = []
        return now

    def analyse(self, state: State, tell: Tell) -> State:
        """Let the model note what the passages say, and what is still missing."""
        reason = over(state, self._limits, self._stop)
        if reason or self.speech.is_bundled or not state.get("evidence"):
            return State(reason=reason)
        how = prompt("analyse")
        turns = [Message("user", self._over_passages(state, how))]
        text, usage, changed = self._said(state, turns, None)
        missing = _MISSING.search(text)
        notes = (text[: missing.start()] if missing else text).strip()
        changed |= self._told(state, tell, Step("analyse", text, usage.total_s, usage=usage))
        changed["notes"] = "\n".join(filter(None, [state.get("notes", ""), notes]))
        changed["thoughts"] = [*state.get("thoughts", []), notes]
        changed["prompts"] = _with(state, how.mark)
        wanted = missing[1].strip().strip("\"'`") if missing else ""
        again = wanted and not _NOTHING.match(wanted) and state.get("rounds", 0) < ROUNDS - 1
        changed["queries"] = [wanted[:LONGEST_QUERY]] if again else []
        changed["rounds"] = state.get("rounds", 0) + 1
        return changed

    def refine(self, state: State, tell: Tell) -> State:
        """Let the model write the answer from the passages and its notes."""
        reason = over(state, self._limits, self._stop)
        if reason:
            return State(reason=reason)
        how = prompt("refine")
        bundled = self.speech.is_bundled
        text = self._taught(state) if bundled else self._over_passages(state, how)
        said, usage, changed = self._said(state, [Message("user", text)], tell, plainly=True)
        changed |= self._told(state, tell, Step("refine", "", usage.total_s, usage=usage))
        changed["text"] = before_observation(said).strip()
        changed["reason"] = changed.get("reason") or "answered"
        changed["prompts"] = _with(state, "" if bundled else how.mark)
        return changed

    def _planned(self, state: State, tell: Tell, queries: list[str], usage: Usage | None) -> State:
        said = "\n".join(f"{n}. {query}" for n, query in enumerate(queries, 1))
        step = Step("plan", said, usage.total_s if usage else None, usage=usage)
        return joined(self._told(state, tell, step), State(queries=queries))

    def _over_passages(self, state: State, how: Prompt) -> str:
        every, guard = evidence_of(state), guard_of(state, self._guard)
        budget = replace(self._budget, whole=self._budget.whole * 2)
        numbers = list(range(1, len(every) + 1))
        question = state.get("question", "")
        text, _ = showing.passages(every, numbers, question, budget, guard, self.count)
        return how.fill(
            passages=showing.fenced(text, budget),
            notes=state.get("notes", "") or "none",
            question=question,
        )

    def _taught(self, state: State) -> str:
        """Return the passages with the question in the form that the bundled model was taught."""
        guard = guard_of(state, self._guard)
        found = [each.chunk for each in evidence_of(state)[:FEW]]
        safe = [replace(chunk, text=guard.shown(chunk.text).text) for chunk in found]
        question = state.get("question", "")
        return asked_over(question, [showing.brief(chunk, question) for chunk in safe])

    def _said(
        self, state: State, turns: list[Message], tell: Tell | None, plainly: bool = True
    ) -> tuple[str, Usage, State]:
        """Ask the model; tell the answer's words as they come, and end what goes beyond."""
        left = self._limits.seconds - state.get("seconds", 0.0)
        until, began = Until(self._stop, left), time.perf_counter()
        room = max(1, min(self._params.max_tokens, self._limits.tokens - state.get("tokens", 0)))
        stops = () if plainly else STOPS
        tools = () if plainly else self.speech.specs
        params = replace(
            self._params, max_tokens=room, stop=(*self._params.stop, *stops), tools=tools
        )
        telling = _Telling(guard_of(state, self._guard), tell, plainly)
        text, usage = "", None
        for part in self._generator.stream(turns, params, until):
            if isinstance(part, Usage):
                usage = part
                break
            text += part.text
            telling.heard(text)
            if before_observation(text) != text:
                until.set()
        if usage is None:
            raise BadReply("The model's answer ended without saying how.", "Ask again.")
        if not self._stop.is_set() and usage.finish == "stopped" and not until.is_over:
            # It was ended because it wrote its own results, which is a way to stop.
            usage = replace(usage, finish="stop")
        spent = (usage.tokens_in or sum(self.count(turn.content) for turn in turns)) + (
            usage.tokens_out or self.count(text)
        )
        changed = State(
            turns=state.get("turns", 0) + 1,
            tokens=state.get("tokens", 0) + spent,
            seconds=state.get("seconds", 0.0) + time.perf_counter() - began,
            usage=[*state.get("usage", []), plain(usage)],
            notices=list(dict.fromkeys([*state.get("notices", []), *usage.notices])),
        )
        if self._stop.is_set():
            changed["reason"] = "stopped"
        elif until.is_over:
            changed["reason"] = "seconds"
        return text, usage, changed

    def _tell_call(self, state: State, tool: str, given: dict[str, Any], tell: Tell) -> None:
        said = written(tool, given)
        state.update(self._told(state, tell, Step("action", said, tool=tool, given=said)))

    def _called(
        self, state: State, name: str, given: dict[str, Any], tell: Tell
    ) -> tuple[str, State]:
        """Make a call and return what the model is told of it."""
        said, guard = written(name, given), guard_of(state, self._guard)
        calls = [*state.get("calls", []), said]
        changed = State(calls=calls)
        if calls.count(said) >= SAME:
            changed["reason"] = "stuck"
            step = Step("stuck", "The same call for the third time.", None, False, name, said)
            return "", joined(changed, self._told(state, tell, step))
        tool = self._tools.get(name)
        why = guard.refusal(name, given) if tool else ""
        if tool is None:
            text = f"Error: there is no tool {name[:40]!r}. There are: {', '.join(self._tools)}."
            step = Step("observation", text, 0.0, False, name, said)
        elif why:
            text = f"Error: this call was refused: {why} Answer from what was found."
            step = Step("refused", text, 0.0, False, name, said)
        else:
            result = run(tool, given, self._stop, self._limits.tool_seconds)
            text, more = self._observed(state, result, guard)
            words = " ".join(str(value) for value in given.values())
            changed |= more
            changed["granted"] = [*state.get("granted", []), words]
            changed["seconds"] = state.get("seconds", 0.0) + result.seconds
            step = Step(
                "observation", text, result.seconds, result.ok, name, said, None, result.evidence
            )
        return text, joined(changed, self._told(state, tell, step))

    def _observed(self, state: State, result: Result, guard: Guard) -> tuple[str, State]:
        """Return a result as text for the model, and what it adds to the run."""
        question = state.get("question", "")
        safe = guard.shown(shortened(result.text, self._budget.whole, self.count))
        read = [*state.get("read", []), result.text[: self._budget.whole]]
        if not result.evidence:
            is_ours = not result.ok or not safe.orders
            return safe.text if is_ours else showing.fenced(safe.text, self._budget), State(
                read=read
            )
        every, numbers = showing.numbered(evidence_of(state), result.evidence)
        text, flagged = showing.passages(every, numbers, question, self._budget, guard, self.count)
        changed = State(evidence=[plain(each) for each in every], read=read)
        if flagged:
            notice = f"{flagged} line{'' if flagged == 1 else 's'} of what was found read like "
            notice += "orders to the model and were not shown to it."
            changed["notices"] = list(dict.fromkeys([*state.get("notices", []), notice]))
        if not self._budget.fenced:
            return text, changed
        return f"{safe.text}\n{showing.fenced(text, self._budget)}", changed

    def _told(self, state: State, tell: Tell | None, step: Step) -> State:
        if tell:
            tell(step)
        return State(trace=[*state.get("trace", []), plain(step)])


class _Telling:
    """Tells the words of an answer as they come, whole words only, and never takes one back."""

    def __init__(self, guard: Guard, tell: Tell | None, plainly: bool) -> None:
        self._guard = guard
        self._tell = tell
        self._plainly = plainly
        self._told = ""

    def heard(self, text: str) -> None:
        """Tell what is new and safe of a text that still grows."""
        if self._tell is None:
            return
        said = before_observation(text).lstrip() if self._plainly else final_so_far(text)
        whole = said[: max(said.rfind(" "), said.rfind("\n")) + 1]
        safe = self._guard.answer(whole.rstrip())
        if safe.startswith(self._told) and len(safe) > len(self._told):
            self._tell(Delta(safe[len(self._told) :]))
            self._told = safe


def _with(state: State, mark: str) -> list[str]:
    return list(dict.fromkeys([*state.get("prompts", []), *([mark] if mark else [])]))
