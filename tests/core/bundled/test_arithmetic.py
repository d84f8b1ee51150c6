"""Sums are right, their steps are right, and expressions are evaluated safely."""

import random
import re

import pytest

from core.bundled.arithmetic import WAYS, Problem, problem, solved, steps, turns, value_of
from core.bundled.splits import load_splits


def test_every_written_step_is_true() -> None:
    rng = random.Random(0)
    for _ in range(300):
        for line in steps(problem(rng, held_out=False)).splitlines():
            first, *rest = line.split(" = ")
            assert all(value_of(part) == value_of(first) for part in rest), line


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
