"""Thought, action, observation: how the bundled model asks for tools.

It knows the form of a trace, failed calls and the recovery from them; it deliberately runs
no tool. Actions are written as retrieve("…") and calculator("…").
"""

import random
import re
from collections.abc import Iterator, Sequence

from core.bundled.arithmetic import TOOLS, easy, problem
from core.bundled.corpus import Unit
from core.bundled.questions import DONT_KNOW, Shown, Turn, turns
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, TOOL, USER
from core.documents import cut, render

LOOK = "Thought: I have to look this up."
SUM = "Thought: I have to calculate this."
RETRY = "Thought: That call failed. I try again."
READ = "Thought: The observation says it."
EMPTY = "Thought: Nothing was found."
FAILURES = (
    "Error: the tool timed out.",
    "Error: no such tool.",
    "Error: the query was empty.",
    "Error: the expression could not be read.",
)

Parts = list[tuple[str, bool]]


def call(tool: str, argument: str) -> str:
    """Write a tool call."""
    return f'Action: {tool}("{argument}")'


def lookup(turn: Turn, item: Shown, rng: random.Random) -> Parts:
    """Answer a question by looking it up, at times after a failed call."""
    query = item.name if turn.kind != "which" else _words(turn.question.rsplit(": ", 1)[-1])
    parts = _open(turn.question)
    if rng.random() < 0.15:
        parts += _failed(LOOK, "retrieve", query, rng)
    else:
        parts.append((f"{LOOK}\n{call('retrieve', query)}{END}", True))
    if rng.random() < 0.1:
        parts.append((f"{TOOL}Observation: nothing found.{END}{ASSISTANT}", False))
        parts.append((f"{EMPTY}\nFinal: {DONT_KNOW}{END}", True))
        return parts
    parts.append((f"{TOOL}Observation: {render(item.chunk, 1)}{END}{ASSISTANT}", False))
    parts.append((f"{READ}\nFinal: {turn.answer}{END}", True))
    return parts


def calculation(rng: random.Random, held_out: bool) -> Parts:
    """Answer a sum with the calculator, at times after a failed call."""
    made = problem(rng, held_out) if held_out else easy(rng)
    parts = _open(made.question)
    if rng.random() < 0.15:
        parts += _failed(SUM, "calculator", made.expression, rng)
    else:
        parts.append((f"{SUM}\n{call('calculator', made.expression)}{END}", True))
    parts.append((f"{TOOL}Observation: {made.answer}{END}{ASSISTANT}", False))
    parts.append((f"{READ}\nFinal: The answer is {made.answer}.{END}", True))
    return parts


def traces(units: Sequence[Unit], count: int, seed: int, held_out: bool = False) -> Iterator[Parts]:
    """Yield traces of both kinds."""
    rng = random.Random(f"traces-{seed}")
    made = 0
    while made < count:
        if rng.random() < 0.35:
            made += 1
            yield calculation(rng, held_out)
            continue
        unit = rng.choice(units)
        name = unit.name if rng.random() < 0.5 else unit.chunk.symbol
        item = Shown(unit, cut(unit.chunk, [0], rng.randint(60, 150)), 1, name)
        asked = turns(item, rng, held_out)
        if asked:
            made += 1
            yield lookup(rng.choice(asked), item, rng)


def _words(description: str) -> str:
    """Return the first words of a description, enough to search by."""
    return " ".join(re.findall(r"[\w.-]+", description)[:5])


def _open(question: str) -> Parts:
    """Begin a trace with the tools and the question."""
    return [(f"{SYSTEM}{TOOLS}{END}{USER}{question}{END}{ASSISTANT}", False)]


def _failed(thought: str, tool: str, argument: str, rng: random.Random) -> Parts:
    """Write a call that fails, and the call again."""
    return [
        (f"{thought}\n{call(tool, argument)}{END}", True),
        (f"{TOOL}Observation: {rng.choice(FAILURES)}{END}{ASSISTANT}", False),
        (f"{RETRY}\n{call(tool, argument)}{END}", True),
    ]
