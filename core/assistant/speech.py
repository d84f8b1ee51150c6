"""What an agent says to its model, in the words that the model can follow.

It knows three dialects: the bundled model's own, plain text for any model, and a server's tool
calls. It does not call the model, and it does not decide what comes next.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.assistant.actions import OBSERVATION, Action, Reading, read, written
from core.assistant.prompting import Prompt, prompt
from core.assistant.run import State, messages_of, plain
from core.assistant.tools.tool import Tool
from core.documents import Count
from core.messages import Message, ModelCard, ToolSpec, Usage

TAUGHT = ("calculator", "retrieve")
GONE = "(left out to make room)"
HALF = 2
EXAMPLE = 'retrieve("names and words")'


@dataclass(frozen=True, slots=True)
class Speech:
    """How to speak with one model about these tools."""

    card: ModelCard
    tools: Mapping[str, Tool]
    native: bool = False

    @property
    def is_bundled(self) -> bool:
        """Say whether this is the model that was taught a form of its own."""
        return self.card.kind == "bundled"

    @property
    def offered(self) -> Mapping[str, Tool]:
        """Return the tools the model is told of: the bundled one was taught two."""
        if not self.is_bundled:
            return self.tools
        return {name: tool for name, tool in self.tools.items() if name in TAUGHT}

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Return the tools as a server is told of them; none where calls are text."""
        if not self.native:
            return ()
        return tuple(ToolSpec(t.name, t.description, t.schema) for t in self.offered.values())

    @property
    def lead(self) -> Prompt:
        """Return the prompt that says how to work."""
        if self.is_bundled:
            return prompt("react-bundled")
        return prompt("react-native" if self.native else "react")

    def opening(self, messages: Sequence[Message], question: str) -> list[Message]:
        """Return how a run begins: how to work, what was said before, the question."""
        told = "\n".join(_told(tool) for tool in self.offered.values())
        how = self.lead.fill(tools=told)
        if self.is_bundled:
            return [Message("system", how), Message("user", question)]
        lead = "\n\n".join([how, *(m.content for m in messages if m.role == "system")])
        return [Message("system", lead), *(m for m in messages if m.role != "system")]

    def reading(self, text: str, usage: Usage) -> tuple[Reading, Message, str]:
        """Return what the model wrote or called, the turn that says so, and the call's id."""
        if not usage.calls:
            found = read(text)
            return found, Message("assistant", _kept(text, found)), ""
        call, said = usage.calls[0], text.strip()
        turn = Message("assistant", said, (call,))
        try:
            given = json.loads(call.arguments or "{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            trouble = f"The arguments of {call.name} are no JSON object."
            return Reading(said, trouble=trouble), turn, call.id
        return Reading(said, Action(call.name, named=given)), turn, call.id

    def observation(self, text: str, call_id: str = "") -> Message:
        """Return a result as the model is told it."""
        if call_id:
            return Message("tool", text, call_id=call_id)
        return Message("tool" if self.is_bundled else "user", f"{OBSERVATION} {text}")

    def repair(self, trouble: str, call_id: str = "") -> tuple[Message, str]:
        """Return what is said to a call that could not be read, and the prompt it is from."""
        if self.is_bundled:
            # It was taught to try again after this.
            return self.observation("Error: the expression could not be read."), ""
        how = prompt("repair")
        text = how.fill(trouble=trouble, example=EXAMPLE)
        return (Message("tool", text, call_id=call_id) if call_id else Message("user", text)), (
            how.mark
        )

    def fitted(self, state: State, count: Count, longest: int) -> list[Message]:
        """Return the turns, with the oldest results left out where the context is too small."""
        turns = messages_of(state)
        if self.card.context_length is None:
            return turns
        room = self.card.context_length - min(longest, self.card.context_length // HALF)
        costs = [count(turn.content) for turn in turns]
        results = [i for i, turn in enumerate(turns) if _is_result(turn)]
        for index in results[:-1]:
            if sum(costs) <= room:
                break
            turns[index] = replace(turns[index], content=f"{OBSERVATION} {GONE}")
            costs[index] = count(turns[index].content)
        return turns


def turn_of(message: Message) -> dict[str, Any]:
    """Return a turn as it is kept."""
    return plain(message)


def call_text(action: Action, tool: Tool | None) -> tuple[dict[str, Any], str]:
    """Return what a tool is given by the names of its schema, and the call as it is written."""
    given = action.given(tool.schema) if tool else dict(action.named)
    return given, written(action.tool, given)


def _kept(text: str, found: Reading) -> str:
    """Return a turn in our own form, so that nothing a model made up stays in the transcript."""
    if found.action is None:
        return text.strip() or "(nothing)"
    thought = f"Thought: {found.thought}\n" if found.thought else ""
    values = found.action.values
    if len(values) == 1 and isinstance(values[0], str) and not found.action.named:
        return f'{thought}Action: {found.action.tool}("{values[0]}")'
    given = dict(found.action.named) or {"values": list(values)}
    return f"{thought}Action: {written(found.action.tool, given)}"


def _is_result(turn: Message) -> bool:
    return turn.role == "tool" or turn.content.startswith(OBSERVATION)


def _told(tool: Tool) -> str:
    names = ", ".join(tool.schema.get("properties", {}))
    return f"- {tool.name}({names}): {tool.description}"
