"""What is said in each turn of a scenario: questions over pieces of code, and the fact in between.

The code is that of an installed package, cut into functions; the same scenario, package version
and tokenizer give the same turns. It knows no model.
"""

import ast
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from core.documents import Chunk, cut, prompt
from core.errors import StateError
from eval.stress.scenario import Scenario

PACKAGE = "transformers"
FILES = ("utils/generic.py", "utils/hub.py", "generation/utils.py", "cache_utils.py", "trainer.py")
QUESTIONS = (
    "What does `{name}` return?",
    "Where is `{name}` defined?",
    "Which parameters does `{name}` take?",
    "What does `{name}` do?",
)
# The needle is judged by what is said, so there must be room to say it.
NEEDLE_TOKENS = 24
MOST_CHARS = 8_000
Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Step:
    """One turn: whose it is, what is said, how long the answer may be."""

    session: int
    turn: int
    text: str
    answer: int
    is_needle: bool = False
    is_alone: bool = False


def steps(scenario: Scenario, count: Count) -> Iterator[Step]:
    """Yield the turns of every session in the order they are asked."""
    if scenario.kind == "sweep":
        yield from _sweep(scenario, count)
    elif scenario.kind == "trace":
        yield from _trace(scenario, count)
    else:
        yield from _session(scenario, count)


def _session(scenario: Scenario, count: Count) -> Iterator[Step]:
    writers = [Writer(scenario.seed + n, count) for n in range(scenario.sessions)]
    needle = scenario.needle
    for turn in range(1, scenario.turns + 1):
        for session, writer in enumerate(writers):
            if needle and turn == 1:
                yield Step(session, turn, needle.tell, scenario.answer_tokens)
            elif needle and turn in needle.at:
                answer = max(NEEDLE_TOKENS, scenario.answer_tokens)
                yield Step(session, turn, needle.ask, answer, is_needle=True)
            else:
                text = writer.ask(scenario.tokens)
                yield Step(session, turn, text, scenario.answer_tokens)


def _sweep(scenario: Scenario, count: Count) -> Iterator[Step]:
    needle, beside = scenario.needle, scenario.sessions
    writers = [Writer(scenario.seed + n, count) for n in range(beside)]
    for turn, length in enumerate(scenario.lengths, 1):
        for n, writer in enumerate(writers):
            text = writer.fill(length.tokens)
            if needle:
                text = f"{needle.tell}\n\n{text}\n\n{needle.ask}"
            # The conversations of one length are kept side by side, then forgotten together.
            session, last = (turn - 1) * beside + n, n == beside - 1
            yield Step(session, turn, text, length.answer, bool(needle), is_alone=last)


def _trace(scenario: Scenario, count: Count) -> Iterator[Step]:
    writers: dict[int, Writer] = {}
    turns: dict[int, int] = {}
    for length in scenario.lengths:
        writer = writers.setdefault(length.session, Writer(scenario.seed + length.session, count))
        turns[length.session] = turns.get(length.session, 0) + 1
        yield Step(length.session, turns[length.session], writer.fill(length.tokens), length.answer)


class Writer:
    """Asks about one piece of code after the other, in an order of its own."""

    def __init__(self, seed: int, count: Count) -> None:
        self._random, self._count = random.Random(f"stress-{seed}"), count
        self._pieces = [*pieces()]
        self._random.shuffle(self._pieces)
        self._at = 0

    def ask(self, tokens: int) -> str:
        """Return a question over one piece of code, in about so many tokens."""
        chunk = self._next()
        name = chunk.symbol.rpartition(".")[2]
        question = self._random.choice(QUESTIONS).format(name=name)
        room = max(8, tokens - self._count(prompt(question, ())))
        return prompt(question, (cut(chunk, budget=room, count=self._count),))

    def fill(self, tokens: int) -> str:
        """Return code of so many tokens, as near as lines allow, and never more."""
        lines: list[str] = []
        left = tokens
        while left > 0:
            for line in self._next().text.splitlines():
                cost = self._count(f"{line}\n")
                if cost > left:
                    return "\n".join(lines) or line[: max(1, left)]
                lines.append(line)
                left -= cost
        return "\n".join(lines)

    def _next(self) -> Chunk:
        chunk = self._pieces[self._at % len(self._pieces)]
        self._at += 1
        return chunk


@lru_cache(maxsize=1)
def pieces() -> tuple[Chunk, ...]:
    """Return the functions of some files of the installed package."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StateError(f"The package {PACKAGE} is not installed.", "Run `make setup`.")
    root = Path(spec.origin).parent
    found = [piece for name in FILES for piece in _functions(root, name)]
    return tuple(found)


def _functions(root: Path, name: str) -> Iterator[Chunk]:
    file = root / name
    if not file.is_file():
        return
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno:
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            names = tuple(argument.arg for argument in node.args.args)
            place = (f"{PACKAGE}/{name}", node.lineno, node.end_lineno)
            if len(text) <= MOST_CHARS:
                yield Chunk(*place, text, "function", node.name, names, "python")
