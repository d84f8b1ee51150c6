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
SHARES = (0.12, 0.43, 0.45)
LARGEST = 199
# How large the numbers of a problem may be and how many operations it may have.
LEVELS = ((20, 1), (99, 1), (LARGEST, 1), (LARGEST, 2), (LARGEST, 3))
LEVEL_SHARES = (0.15, 0.3, 0.2, 0.2, 0.15)
MEASURED = LEVELS[1:]  # numbers that are held out begin above twenty
HINTS = {
    "direct": "Answer with the number only.",
    "steps": "Think step by step.",
    "calculator": "Use the calculator.",
}
TOOLS = "You can use tools. Write Action: calculator(expression) or Action: retrieve(query)."
PEOPLE = "Ada Ben Cara Dev Emil Fay Gus Hana Ivo Jun Kim Lea Max Noor Otto Pia".split()
THINGS = "files tests tokens chunks notes books apples cables cards keys boxes lamps".split()

SENTENCES = {
    "+": ("{w} gets {n} more.", "{w} finds {n} more.", "{w} buys {n} more.", "{w} adds {n}."),
    "-": ("{w} loses {n}.", "{w} gives away {n}.", "{w} sells {n}.", "{w} removes {n}."),
    "*": ("Then there are {n} times as many.", "The number grows {n} times."),
}


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


def problem(rng: random.Random, held_out: bool, level: tuple[int, int] = LEVELS[-1]) -> Problem:
    """Make a problem with, or without, a held-out operand."""
    while True:
        made = _word_problem(rng, level) if rng.random() < 0.5 else _expression(rng, level)
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
    """Write each operation on a line of its own, sums and products by place value."""
    lines, value = [], made.start
    for sign, number in made.operations:
        small = list(_small(value, sign, number))
        opening = f"{value} {sign} {number}: " if len(small) > 1 else ""
        lines.append(opening + ", ".join(small))
        value = _apply(value, sign, number)
    return "\n".join(lines)


def solved(count: int, seed: int) -> Iterator[list[tuple[str, bool]]]:
    """Yield training problems of all levels, up to three after each other answered one way."""
    rng = random.Random(f"arithmetic-{seed}")
    for _ in range(count):
        way = rng.choices(WAYS, SHARES)[0]
        parts: list[tuple[str, bool]] = []
        for _ in range(rng.randint(1, 3)):
            (opening, _), *rest = turns(easy(rng), way)
            parts += [(opening[opening.index(USER) :] if parts else opening, False), *rest]
        yield parts


def easy(rng: random.Random) -> Problem:
    """Make a training problem of a level that is drawn."""
    return problem(rng, held_out=False, level=rng.choices(LEVELS, LEVEL_SHARES)[0])


def places(number: int) -> list[int]:
    """Return a number as the sum of its digits' values: 128 is 100, 20 and 8."""
    text = str(number)
    parts = [int(digit) * 10 ** (len(text) - 1 - i) for i, digit in enumerate(text)]
    return [part for part in parts if part] or [0]


def _small(value: int, sign: str, number: int) -> Iterator[str]:
    """Yield the steps of an operation, each with one digit that is not zero on the right."""
    if sign != "*":
        for part in places(number):
            after = _apply(value, sign, part)
            yield f"{value} {sign} {part} = {after}"
            value = after
        return
    parts = places(number)
    products = [(a, b) for b in parts for a in (places(value) if b < 10 else [value])]
    yield from (f"{a} * {b} = {a * b}" for a, b in products)
    total = products[0][0] * products[0][1]
    for a, b in products[1:]:
        yield from _small(total, "+", a * b)
        total += a * b


def _apply(value: int, sign: str, number: int) -> int:
    """Apply one operation."""
    return {"+": value + number, "-": value - number, "*": value * number}[sign]


def _values(made: Problem) -> Iterator[int]:
    """Yield the value after every operation."""
    value = made.start
    for sign, number in made.operations:
        value = _apply(value, sign, number)
        yield value


def _operation(rng: random.Random, largest: int, signs: str = "++--*") -> tuple[str, int]:
    """Choose an operation with a number of a size that suits it."""
    sign = rng.choice(signs)
    return sign, rng.randint(2, 12) if sign == "*" else rng.randint(2, largest)


def _expression(rng: random.Random, level: tuple[int, int]) -> Problem:
    """Make a bare expression."""
    largest, most = level
    count = min(most, rng.choice((1, 1, 2, 2, 3)))
    operations = tuple(_operation(rng, largest) for _ in range(count))
    made = Problem("", rng.randint(2, largest), operations)
    form = rng.choice(("What is {e}?", "Calculate {e}.", "How much is {e}?", "Work out {e}."))
    return Problem(form.format(e=made.expression), made.start, operations)


def _word_problem(rng: random.Random, level: tuple[int, int]) -> Problem:
    """Make a little story of one to three steps; only the first may multiply.

    So the expression can be written from left to right without looking ahead for brackets.
    """
    largest, most = level
    who, thing, start = rng.choice(PEOPLE), rng.choice(THINGS), rng.randint(2, largest)
    story, operations = [f"{who} has {start} {thing}."], []
    for place in range(min(most, rng.choice((1, 2, 2, 3)))):
        sign, number = _operation(rng, largest, "+-" if place else "++--*")
        story.append(rng.choice(SENTENCES[sign]).format(w=who, n=number))
        operations.append((sign, number))
    story.append(f"How many {thing} does {who} have now?")
    return Problem(" ".join(story), start, tuple(operations))


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
