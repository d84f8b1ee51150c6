"""The calculator is exact, knows its limits, and never runs what it is given."""

import math
import operator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.assistant.tools.calculator import Calculator, evaluate, written
from core.assistant.tools.tool import call
from core.errors import BadInput
from core.messages import Stop

_SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(3 + 4) * 12", "84"),
        ("3 × 4 − 1", "11"),
        ("10 ÷ 4", "2.5"),
        ("6 / 3", "2"),
        ("7 // 2", "3"),
        ("100 % 7", "2"),
        ("5²", "25"),
        ("2^10", "1024"),
        ("2**-1", "0.5"),
        ("1,234 + 1", "1235"),
        ("max(1,234)", "234"),
        ("sqrt(2)", "1.41421356237"),
        ("math.floor(2.9)", "2"),
        ("round(2.567, 2)", "2.57"),
        ("-(-3)", "3"),
        ("0.1 + 0.2", "0.3"),
        ("12345678901234567890 * 3", "37037036703703703670"),
        ("2 * pi", "6.28318530718"),
        (" 1 + 1 = ?", "2"),
        ("+".join(["1"] * 90), "90"),
    ],
)
def test_it_works_out(expression, value):
    assert written(evaluate(expression)) == value


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("9**9**9", "digits"),
        ("9**9**9**9", "digits"),
        ("10**999 * 10**999", "digits"),
        ("(" * 60 + "10**900" + ")**2" * 60, "digits"),
        ("exp(10000)", "no value"),
        ("1e308 * 10", "finite"),
        ("round(5, -10**900)", "places"),
        ("1 / 0", "divides by zero"),
        ("5 % 0", "divides by zero"),
        ("(-8) ** 0.5", "no real number"),
        ("sqrt(-1)", "no value"),
        ("", "empty"),
        ("   = ", "empty"),
        ("1 +", "no expression"),
        ("12 apples", "no expression"),
        ("(" * 300 + ")" * 300, "characters"),
        ("--" * 150 + "1", "nested"),
        ("x + 1", "does not know 'x'"),
        ("True + 1", "does not know"),
        ("'a' * 9", "does not know"),
        ("1 << 9", "sign"),
        ("[1, 2]", "does not know"),
        ("factorial(9)", "does not know 'factorial'"),
        ("max(key=1)", "does not know"),
        ("sqrt()", "no value"),
    ],
)
def test_it_refuses_in_words(expression, why):
    with pytest.raises(BadInput, match=why):
        evaluate(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "(lambda: 1)()",
        "[x for x in (1,)]",
        "open('/etc/passwd')",
        "abs.__self__",
        "f'{1}'",
        "1 if 1 else 2",
        "(a := 3)",
    ],
)
def test_no_text_runs_as_code(expression):
    with pytest.raises(BadInput):
        evaluate(expression)


@given(st.lists(st.tuples(st.sampled_from("+-*"), st.integers(0, 10**9)), max_size=8))
@settings(max_examples=60, deadline=None)
def test_whole_numbers_stay_exact(operations):
    value, text = 7, "7"
    for sign, number in operations:
        value, text = _SIGNS[sign](value, number), f"({text} {sign} {number})"
    assert evaluate(text) == value


@given(st.text(alphabet="0123456789.+-*/%()e, ^×÷sqrtmaxpi'_[]", max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_number_or_a_refusal(text):
    with suppress(BadInput):
        value = evaluate(text)
        assert isinstance(value, int) or math.isfinite(value)


def test_an_error_is_an_observation():
    told = call(Calculator(), {"expression": "1/0"}, Stop())
    assert not told.ok and told.text.startswith("Error: '1/0' divides by zero.")
    assert call(Calculator(), {"expression": "6 * 7"}, Stop()).text == "42"
    assert not call(Calculator(), {}, Stop()).ok
