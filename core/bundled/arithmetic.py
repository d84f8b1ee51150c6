"""Small sums: expressions and word problems, answered directly, in steps, or with the
calculator. It knows how problems are made and written; it deliberately does not evaluate text.
"""

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass

from core.bundled.splits import load_splits
from core.bundled.tokenizer import ASSISTANT, END, SYSTEM, TOOL, USER

WAYS = ("direct", "steps", "calculator")
HINTS = {
    "direct": "Answer with the number only.",
    "steps": "Think step by step.",
    "calculator": "Use the calculator.",
}
TOOLS = "You can use tools. Write Action: calculator(expression) or Action: retrieve(query)."
PEOPLE = "Ada Ben Cara Dev Emil Fay Gus Hana Ivo Jun Kim Lea Max Noor Otto Pia".split()
THINGS = "files tests tokens chunks notes books apples cables cards keys boxes lamps".split()


@dataclass(frozen=True, slots=True)
class Problem:
    """A question with the operations that solve it, in order."""

    question: str
    start: int
    operations: tuple[tuple[str, int], ...]

    @property
    def expression(self) -> str:
        """Return the operations as one expression that is read from left to right."""
        text, rank = str(self.start), 2
        for sign, number in self.operations:
            if sign == "*" and rank == 1:
                text = f"({text})"
            text, rank = f"{text} {sign} {number}", 2 if sign == "*" else 1
        return text

    @property
    def answer(self) -> int:
        """Return the result."""
        return list(_values(self))[-1]

    @property
    def operands(self) -> tuple[int, ...]:
        """Return every number of the problem."""
        return (self.start, *(number for _, number in self.operations))

    @property
    def held_out(self) -> bool:
        """Tell whether a number of the problem is held out."""
        return any(map(load_splits().operand_held_out, self.operands))


def problem(rng: random.Random, held_out: bool) -> Problem:
    """Make a problem with, or without, a held-out operand."""
    while True:
        made = _word_problem(rng) if rng.random() < 0.5 else _expression(rng)
        values = list(_values(made))
        if made.held_out == held_out and min(values) >= 0 and max(values) < 10_000:
            return made


def turns(made: Problem, way: str) -> list[tuple[str, bool]]:
    """Write a problem answered one way, as texts with whether they are the assistant's."""
    asked = f"{USER}{made.question} {HINTS[way]}{END}{ASSISTANT}"
    last = f"The answer is {made.answer}.{END}"
    if way == "direct":
        return [(asked, False), (f"{made.answer}{END}", True)]
    if way == "steps":
        return [(asked, False), (f"{steps(made)}\n{last}", True)]
    opening = f"{SYSTEM}{TOOLS}{END}{asked}"
    call = f'Action: calculator("{made.expression}"){END}'
    seen = f"{TOOL}Observation: {made.answer}{END}{ASSISTANT}"
    return [(opening, False), (call, True), (seen, False), (last, True)]


def steps(made: Problem) -> str:
    """Write each operation on a line of its own, sums by place value."""
    lines, value = [], made.start
    for sign, number in made.operations:
        result = _apply(value, sign, number)
        lines.append(f"{value} {sign} {number} = {_worked(value, sign, number)}{result}")
        value = result
    return "\n".join(lines)


def solved(count: int, seed: int) -> Iterator[list[tuple[str, bool]]]:
    """Yield training problems, each answered one way."""
    rng = random.Random(f"arithmetic-{seed}")
    for _ in range(count):
        yield turns(problem(rng, held_out=False), rng.choice(WAYS))


def _worked(value: int, sign: str, number: int) -> str:
    """Split an operation into easier ones where that helps."""
    tens, ones = number // 10 * 10, number % 10
    if not (tens and ones):
        return ""
    if sign == "*":
        return f"{value} * {tens} + {value} * {ones} = {value * tens} + {value * ones} = "
    return f"{_apply(value, sign, tens)} {sign} {ones} = "


def _apply(value: int, sign: str, number: int) -> int:
    """Apply one operation."""
    return {"+": value + number, "-": value - number, "*": value * number}[sign]


def _values(made: Problem) -> Iterator[int]:
    """Yield the value after every operation."""
    value = made.start
    for sign, number in made.operations:
        value = _apply(value, sign, number)
        yield value


def _operation(rng: random.Random) -> tuple[str, int]:
    """Choose an operation with a number of a size that suits it."""
    sign = rng.choice("++--*")
    return sign, rng.randint(2, 12) if sign == "*" else rng.randint(2, 199)


def _expression(rng: random.Random) -> Problem:
    """Make a bare expression."""
    operations = tuple(_operation(rng) for _ in range(rng.choice((1, 1, 2, 2, 3))))
    made = Problem("", rng.randint(2, 199), operations)
    form = rng.choice(("What is {e}?", "Calculate {e}.", "How much is {e}?", "Work out {e}."))
    return Problem(form.format(e=made.expression), made.start, operations)


def _word_problem(rng: random.Random) -> Problem:
    """Make a little story of one to three steps."""
    who, thing, start = rng.choice(PEOPLE), rng.choice(THINGS), rng.randint(2, 199)
    story, operations = [f"{who} has {start} {thing}."], []
    for _ in range(rng.choice((1, 2, 2, 3))):
        sign, number = _operation(rng)
        story.append(_sentence(rng, who, sign, number))
        operations.append((sign, number))
    story.append(f"How many {thing} does {who} have now?")
    return Problem(" ".join(story), start, tuple(operations))


def _sentence(rng: random.Random, who: str, sign: str, number: int) -> str:
    """Tell one operation."""
    other = rng.choice(PEOPLE)
    forms = {
        "+": ("{w} gets {n} more.", "{o} gives {w} {n} more.", "{w} finds {n}.", "{w} buys {n}."),
        "-": ("{w} loses {n}.", "{w} gives {n} to {o}.", "{w} sells {n}.", "{o} takes {n} away."),
        "*": ("Then there are {n} times as many.", "The number grows {n} times."),
    }
    return rng.choice(forms[sign]).format(w=who, o=other, n=number)


def value_of(expression: str) -> int | None:
    """Return the value of an expression of whole numbers with + - * and brackets, if it is one."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _value(tree.body) if len(expression) <= 80 else None


def _value(node: ast.expr) -> int | None:
    """Evaluate one node of the few kinds that are allowed."""
    if isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 10**6:
        return node.value
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
    if not isinstance(node, ast.BinOp) or type(node.op) not in signs:
        return None
    left, right = _value(node.left), _value(node.right)
    return None if left is None or right is None else _apply(left, signs[type(node.op)], right)
