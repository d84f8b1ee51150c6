"""Arithmetic for an agent: an expression is read into a tree and worked out node by node.

It knows numbers, signs and a few functions, and how large any of them may grow. It never runs
text as code, and it knows no variables.
"""

import ast
import math
import operator
import re
import time
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from core.assistant.tools.tool import Result
from core.errors import BadInput, Stopped
from core.messages import Stop

LONGEST = 400
DEEPEST = 100
DIGITS = 1_000
PLACES = 30
SECONDS = 1.0
_HINT = "Write numbers, + - * / // % ** and brackets, such as (3 + 4) * 12."
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("×✕✖⋅·∙", "*"),
        **dict.fromkeys("÷∕⁄", "/"),
        **dict.fromkeys("−–—﹣－", "-"),
        "＋": "+",
        "^": "**",
        "π": "pi",
        **{sign: f"**{number}" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    }
)
_THOUSANDS = re.compile(r"(?<![\d.,(])(\d{1,3}(?:,\d{3})+)(?![\d,])")

Number = int | float
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Number]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "ceil": math.ceil,
    "cos": math.cos,
    "degrees": math.degrees,
    "exp": math.exp,
    "floor": math.floor,
    "gcd": math.gcd,
    "ln": math.log,
    "log": math.log,
    "log10": math.log10,
    "log2": math.log2,
    "max": max,
    "min": min,
    "radians": math.radians,
    "round": lambda value, places=0: _rounded(value, places),
    "sin": math.sin,
    "sqrt": math.sqrt,
    "sum": lambda *values: sum(values),
    "tan": math.tan,
    "trunc": math.trunc,
}
_CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}


class Calculator:
    """Works out one expression."""

    name = "calculator"
    description = (
        "Works out an arithmetic expression exactly: + - * / // % **, brackets, and "
        "sqrt, abs, round, min, max, floor, ceil, log, exp, sin, cos, tan."
    )
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"expression": {"type": "string", "description": "such as (3 + 4) * 12"}},
        "required": ["expression"],
    }

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Return the value of the expression."""
        return Result(written(evaluate(str(given.get("expression", "")), stop)))


def evaluate(expression: str, stop: Stop | None = None) -> Number:
    """Return the value of an expression; what cannot be worked out is raised in words."""
    text = _read(expression)
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise BadInput(f"{_short(expression)} is no expression.", _HINT) from error
    work = _Work(time.monotonic() + SECONDS, stop)
    try:
        return work.value(tree.body, 0)
    except ZeroDivisionError as error:
        raise BadInput(f"{_short(expression)} divides by zero.", "Change the divisor.") from error
    except (ValueError, OverflowError, TypeError) as error:
        raise BadInput(f"{_short(expression)} has no value: {error}.", _HINT) from error


def written(value: Number) -> str:
    """Return a value as it is read: whole numbers whole, others with at most 12 digits."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return str(value) if isinstance(value, int) else f"{value:.12g}"


class _Work:
    """One evaluation, with its deadline."""

    def __init__(self, deadline: float, stop: Stop | None) -> None:
        self._deadline = deadline
        self._stop = stop

    def value(self, node: ast.expr, depth: int) -> Number:
        """Return the value of a node."""
        self._go_on(depth)
        if isinstance(node, ast.Constant):
            return _sized(_number(node.value))
        if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
            return _UNARY[type(node.op)](self.value(node.operand, depth + 1))
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left, depth + 1), self.value(node.right, depth + 1)
            return _sized(_joined(node.op, left, right))
        if isinstance(node, ast.Name):
            return _constant(node.id)
        if isinstance(node, ast.Call):
            return _sized(self._called(node, depth))
        raise BadInput(f"The calculator does not know {ast.unparse(node)[:40]!r}.", _HINT)

    def _called(self, node: ast.Call, depth: int) -> Number:
        name = ast.unparse(node.func).removeprefix("math.")
        if name not in _FUNCTIONS or node.keywords:
            known = ", ".join(sorted(_FUNCTIONS))
            raise BadInput(f"The calculator does not know {name[:40]!r}.", f"It knows {known}.")
        return _FUNCTIONS[name](*(self.value(each, depth + 1) for each in node.args))

    def _go_on(self, depth: int) -> None:
        if depth > DEEPEST:
            raise BadInput(f"The expression is nested more than {DEEPEST} deep.", "Split it.")
        if self._stop is not None and self._stop.is_set():
            raise Stopped("The calculation was stopped.")
        if time.monotonic() > self._deadline:
            raise BadInput(f"The calculation took more than {SECONDS:g} s.", "Split it.")


def _read(expression: str) -> str:
    """Return the expression in plain signs; one that is empty or too long is refused."""
    if len(expression) > LONGEST:
        raise BadInput(
            f"The expression has {len(expression):,} characters; at most {LONGEST} are read.",
            "Split it.",
        )
    # A raised sign is written out before normalising, which would make it a plain digit.
    text = unicodedata.normalize("NFKC", expression.translate(_SIGNS)).translate(_SIGNS)
    text = _THOUSANDS.sub(lambda found: found[1].replace(",", ""), text)
    text = " ".join(text.strip("=? \t\n").split())
    if not text:
        raise BadInput("The expression is empty.", _HINT)
    return text


def _joined(sign: ast.operator, left: Number, right: Number) -> Number:
    if isinstance(sign, ast.Pow):
        return _power(left, right)
    if isinstance(sign, ast.Div):
        exact = isinstance(left, int) and isinstance(right, int) and right and left % right == 0
        return left // right if exact else left / right
    if type(sign) not in _BINARY:
        raise BadInput("The calculator does not know that sign.", _HINT)
    return _BINARY[type(sign)](left, right)


def _power(base: Number, exponent: Number) -> Number:
    """Return a power; its size is known before it is worked out."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if base.bit_length() * exponent > DIGITS * 4:
            raise _too_large()
        return base**exponent
    value = base**exponent
    if isinstance(value, complex):
        raise BadInput("A root of a negative number is no real number.", "Change the base.")
    return value


def _number(value: object) -> Number:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadInput(f"The calculator does not know {str(value)[:40]!r}.", _HINT)
    return value


def _constant(name: str) -> float:
    if name not in _CONSTANTS:
        raise BadInput(f"The calculator does not know {name[:40]!r}.", "It knows pi, e and tau.")
    return _CONSTANTS[name]


def _rounded(value: Number, places: Number) -> Number:
    # Rounding a whole number to many places before the point would work out a huge power.
    if abs(places) > PLACES:
        raise BadInput(f"A number is rounded to at most {PLACES} places.", "Use fewer.")
    return round(value, int(places)) if places else round(value)


def _sized(value: Number) -> Number:
    """Return the value if it is a number that can be written down."""
    if isinstance(value, int) and value.bit_length() > DIGITS * 4:
        raise _too_large()
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput("The result is no finite number.", "Use smaller numbers.")
    return value


def _too_large() -> BadInput:
    return BadInput(
        f"The result would have more than {DIGITS:,} digits.", "Use smaller numbers or a logarithm."
    )


def _short(expression: str) -> str:
    return repr(expression if len(expression) <= 60 else f"{expression[:60]}…")
