"""Sums are right, their steps are right, and expressions are evaluated safely."""

import random
import re

import pytest

from core.bundled.arithmetic import LEVELS, WAYS, Problem, problem, solved, steps, turns, value_of
from core.bundled.evaluate import LONGEST_STEPS
from core.bundled.splits import load_splits


def test_every_written_step_is_true() -> None:
    rng = random.Random(0)
    for _ in range(300):
        for line in steps(problem(rng, held_out=False)).splitlines():
            for step in line.rsplit(": ", 1)[-1].split(", "):
                first, second = step.split(" = ")
                assert value_of(first) == int(second), line


def test_a_step_needs_one_digit_only() -> None:
    rng = random.Random(2)
    for _ in range(300):
        for step in re.findall(r"\d+ [-+*] (\d+) = ", steps(problem(rng, held_out=False))):
            assert len(step.rstrip("0")) <= 1, step


def test_sums_and_products_are_worked_by_place_value() -> None:
    assert steps(Problem("", 128, (("+", 57),))) == "128 + 57: 128 + 50 = 178, 178 + 7 = 185"
    assert steps(Problem("", 30, (("-", 8),))) == "30 - 8 = 22"
    assert steps(Problem("", 25, (("*", 3),))) == "25 * 3: 20 * 3 = 60, 5 * 3 = 15, " + (
        "60 + 10 = 70, 70 + 5 = 75"
    )


def test_a_level_bounds_numbers_and_operations() -> None:
    rng = random.Random(4)
    for largest, most in LEVELS:
        for _ in range(100):
            made = problem(rng, False, (largest, most))
            assert max(made.operands) <= largest
            assert len(made.operations) <= most


def test_steps_fit_into_what_the_evaluation_reads() -> None:
    rng = random.Random(6)
    longest = max((steps(problem(rng, held_out=True)) for _ in range(2000)), key=len)
    assert len(longest) < LONGEST_STEPS


def test_expression_steps_and_answer_agree() -> None:
    rng = random.Random(1)
    for _ in range(300):
        made = problem(rng, held_out=False)
        assert value_of(made.expression) == made.answer
        assert steps(made).endswith(f"= {made.answer}")


def test_brackets_stand_only_where_they_change_something() -> None:
    assert Problem("", 2, (("+", 3), ("*", 4), ("-", 1))).expression == "(2 + 3) * 4 - 1"
    assert Problem("", 2, (("*", 3), ("*", 4))).expression == "2 * 3 * 4"


@pytest.mark.parametrize("way", WAYS)
def test_each_way_ends_in_the_answer(way: str) -> None:
    made = problem(random.Random(3), held_out=False)
    last, spoken = turns(made, way)[-1]
    assert spoken
    assert str(made.answer) in re.findall(r"\d+", last)


def test_held_out_numbers_are_operands_of_held_out_problems_only() -> None:
    splits, rng = load_splits(), random.Random(5)
    for _ in range(200):
        assert not any(map(splits.operand_held_out, problem(rng, held_out=False).operands))
        assert any(map(splits.operand_held_out, problem(rng, held_out=True).operands))


def test_training_is_seeded() -> None:
    assert list(solved(5, 1)) == list(solved(5, 1)) != list(solved(5, 2))


@pytest.mark.parametrize(
    "bad", ["9**9**9", "__import__('os')", "a + 1", "1 +", "1 / 2", "", "True + 1", "1+" * 60 + "1"]
)
def test_only_small_whole_sums_are_evaluated(bad: str) -> None:
    assert value_of(bad) is None


def test_problems_after_each_other_have_their_tools_named_once() -> None:
    several = 0
    for parts in solved(200, 3):
        text = "".join(piece for piece, _ in parts)
        assert text.count("<|system|>") == ("Use the calculator." in text)
        several += text.count("How") > 1
        assert parts[-1][1]
        assert text.endswith("<|end|>")
    assert several > 20
