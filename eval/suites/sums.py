"""The suite arith: little stories with numbers that training did not see, and worked steps.

It knows how many steps make a story hard. It does not know how an answer is read.
"""

import random

from core.bundled import arithmetic
from core.bundled.arithmetic import PEOPLE, Problem
from core.records import Item

LEVELS = {"easy": (99, 1), "medium": (199, 2), "hard": (199, 3)}


def items(wanted: dict[str, int], rng: random.Random) -> list[Item]:
    """Return so many stories of each difficulty: one, two and three operations."""
    made: list[Item] = []
    seen: set[str] = set()
    for kind, count in wanted.items():
        numbered = 0
        while numbered < count:
            problem = arithmetic.problem(rng, held_out=True, level=LEVELS[kind])
            if _fits(problem, kind) and problem.question not in seen:
                seen.add(problem.question)
                numbered += 1
                made.append(_item(f"{kind}-{numbered:03}", kind, problem))
    return made


def _fits(problem: Problem, kind: str) -> bool:
    """Say whether it is a story, and with as many operations as its difficulty has."""
    is_story = problem.question.split()[0] in PEOPLE
    return is_story and len(problem.operations) == LEVELS[kind][1]


def _item(id: str, kind: str, problem: Problem) -> Item:
    return Item(
        id=id,
        question=problem.question,
        references=(str(problem.answer),),
        kind=kind,
        details={"expression": problem.expression, "steps": arithmetic.steps(problem)},
    )
