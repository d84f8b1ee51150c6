"""When a conversation outgrows its model's context: a summary in the place of its oldest turns.

The summary is a step that is shown and kept; the turns it stands for stay in the chat. It does not
know how a context is counted: it goes by the refusal of the model.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.assistant.prompting import prompt
from core.assistant.sentences import sentences
from core.errors import BadReply, ContextOverflow
from core.messages import Delta, Message, Params, Stop, Usage
from core.records import ChatMessage
from core.seams import Answer, Answerer, Generator, Step

KIND = "summary"
LEAD = "Summary of the earlier conversation:"
LONGEST = 200
LINE = 160
LEAST = 80
UNKNOWN = 4_096


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands in the place of the first `count` turns, and the call that made it."""

    text: str
    count: int
    usage: Usage | None = None


def summarising(
    answerer: Answerer,
    generator: Generator | None,
    turns: Sequence[Message],
    params: Params,
    stop: Stop,
    known: Summary | None = None,
) -> Iterator[Step | Delta | Answer]:
    """Answer; where the model refuses for length, summarise the older half, then all before."""
    refusing, told = replace(params, overflow="refuse"), set[str]()
    summary, made = known, list[Summary]()
    while True:
        try:
            for item in answerer.answer(shortened(turns, summary), refusing, stop):
                if isinstance(item, Answer):
                    yield _noted(item, summary, made)
                elif not isinstance(item, Step) or item.text not in told:
                    told.add(item.text)
                    yield item
            return
        except ContextOverflow:
            if not (cut := _cut(turns, summary, len(made))):
                raise
        began = time.perf_counter()
        summary = _summarised(generator, turns, cut, summary, stop)
        made.append(summary)
        spent = time.perf_counter() - began
        yield Step(KIND, summary.text, spent, given=str(cut), usage=summary.usage)


def known(messages: Sequence[ChatMessage]) -> Summary | None:
    """Return the last summary that the answers of a chat were made with."""
    for message in reversed(messages):
        steps: list[dict[str, Any]] = message.details.get("steps") or []
        for step in reversed(steps):
            if step.get("kind") == KIND and str(step.get("given", "")).isdigit():
                return Summary(str(step["text"]), int(step["given"]))
    return None


def shortened(turns: Sequence[Message], summary: Summary | None) -> list[Message]:
    """Return the turns with a summary in the place of the first ones."""
    if summary is None:
        return list(turns)
    lead = [turn.content for turn in turns if turn.role == "system"]
    rest = [turn for turn in turns if turn.role != "system"]
    said = "\n\n".join([*lead, f"{LEAD}\n{summary.text}"])
    return [Message("system", said), *rest[summary.count :]]


def _cut(turns: Sequence[Message], summary: Summary | None, tries: int) -> int:
    """Return how many turns to summarise: half of what is left, then all before the question."""
    rest = [turn for turn in turns if turn.role != "system"]
    before = summary.count if summary else 0
    asked = [at for at, turn in enumerate(rest) if turn.role == "user" and at > before]
    if not asked:
        return 0
    return asked[len(asked) // 2] if not tries and len(asked) > 1 else asked[-1]


def _summarised(
    generator: Generator | None,
    turns: Sequence[Message],
    cut: int,
    summary: Summary | None,
    stop: Stop,
) -> Summary:
    """Return a summary of the first turns: the model's, or their first sentences."""
    rest = [turn for turn in turns if turn.role != "system"]
    done = summary.count if summary else 0
    old, lead = rest[done:cut], summary.text if summary else ""
    card = generator.card() if generator else None
    room = (card.context_length if card else None) or UNKNOWN
    if generator is None or card is None or card.kind == "bundled":
        return Summary(_extract(lead, old, room), cut)
    each = max(LEAST, 2 * room // max(1, len(old)))
    said = "\n".join(f"{turn.role}: {turn.content[:each]}" for turn in old)
    asked = "\n\n".join(filter(None, [prompt("summary").text, lead, said]))
    text, params = "", Params(max_tokens=LONGEST, overflow="refuse")
    for item in generator.stream([Message("user", asked)], params, stop):
        if isinstance(item, Usage):
            return Summary(text.strip(), cut, item)
        text += item.text
    raise BadReply("The summary ended without saying how.", "Ask again, or drop the oldest turns.")


def _extract(lead: str, old: Sequence[Message], room: int) -> str:
    """Return the first sentences of turns, the newest of them, in about a quarter of the room."""
    said = {"user": "Asked", "assistant": "Answered", "tool": "Result", "system": "Told"}
    rows = lead.splitlines()
    for turn in old:
        first = next((each.words for each in sentences(turn.content)), "")
        if first:
            rows.append(f"{said[turn.role]}: {' '.join(first.split())[:LINE]}")
    kept, spent = list[str](), 0
    for row in reversed(rows):
        spent += len(row)
        if spent > room and kept:
            break
        kept.insert(0, row)
    return "\n".join(kept)


def _noted(answer: Answer, summary: Summary | None, made: Sequence[Summary]) -> Answer:
    if summary is None:
        return answer
    usage = tuple(each.usage for each in made if each.usage)
    notice = (
        f"The chat outgrew the model's context: it was shown a summary of the {summary.count} "
        "oldest messages. They stay in the chat."
    )
    return replace(answer, notices=(*answer.notices, notice), usage=(*usage, *answer.usage))
