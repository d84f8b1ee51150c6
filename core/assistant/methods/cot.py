"""Thinking step by step before answering, with or without worked examples.

It knows how an answer is told from the thoughts that lead to it. It searches nothing, and does
not judge whether the thoughts are right.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from core.assistant.methods.chat import Chat
from core.assistant.prompting import FOLDER, prompt
from core.messages import Delta, Message, ModelCard, Params, Stop
from core.seams import Answer, Generator, Step

EXAMPLES = FOLDER / "cot_examples.json"
# The first of these that occurs tells the answer; where it occurs often, the last one does.
_MARKS = (
    re.compile(r"\\boxed\{([^{}]*)\}"),
    re.compile(r"^\W*(?:final\s+)?answer\W*?[:=]\W*(\S.*)$", re.IGNORECASE | re.MULTILINE),
    re.compile(r"\bthe (?:final )?answer is:?\s+(\S.*?)(?=[.!]?\s*$|[.!]\s)", re.I | re.M),
    re.compile(r"^(?:therefore|thus|hence|so)\b,?\s+(\S.*)$", re.IGNORECASE | re.MULTILINE),
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class StepByStep:
    """Answer after thinking; the thoughts are kept apart from the answer."""

    def __init__(self, generator: Generator, examples: int = 0) -> None:
        self._generator = generator
        self._examples = examples

    def card(self) -> ModelCard:
        """Say which model answers."""
        return self._generator.card()

    def answer(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Stream thoughts and answer as they come, then the answer with its thoughts apart."""
        # The bundled model was taught its own words for this.
        asked = prompt("cot-bundled" if self.card().kind == "bundled" else "cot")
        shown: list[Message] = []
        for question, worked in examples()[: self._examples]:
            shown.append(Message("user", asked.fill(question=question)))
            shown.append(Message("assistant", worked))
        lead = [m for m in messages[:-1] if m.role == "system"]
        rest = [m for m in messages[:-1] if m.role != "system"]
        turn = Message("user", asked.fill(question=messages[-1].content))
        for item in Chat(self._generator).answer([*lead, *shown, *rest, turn], params, stop):
            yield _parted(item, asked.mark) if isinstance(item, Answer) else item


def _parted(answer: Answer, mark: str) -> Answer:
    thoughts, final = parted(answer.text)
    return replace(answer, text=final, reasoning=thoughts, prompts=(mark,))


def parted(text: str) -> tuple[str, str]:
    """Return what was thought and what was answered; a single sentence is an answer."""
    for mark in _MARKS:
        found = list(mark.finditer(text))
        if found:
            final = found[-1][1].strip().strip("*").strip()
            return text[: found[-1].start()].strip(), final
    parts = [part for part in _SENTENCE.split(text.strip()) if part.strip()]
    if len(parts) < 2:
        return "", text.strip()
    return text.strip()[: -len(parts[-1])].strip(), parts[-1].strip()


@cache
def examples() -> tuple[tuple[str, str], ...]:
    """Return the worked examples as questions and answers."""
    rows = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return tuple((row["question"], row["answer"]) for row in rows)
