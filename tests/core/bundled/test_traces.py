"""Tool traces: every action can be parsed, failures are recovered from."""

import pytest

from core.bundled.corpus import units_of
from core.bundled.evaluate import valid_action
from core.bundled.questions import DONT_KNOW
from core.bundled.traces import traces


@pytest.fixture(scope="module")
def made() -> list:
    return list(traces(list(units_of("requests")), 150, seed=1))


def test_every_call_is_valid(made: list) -> None:
    calls = [text for parts in made for text, spoken in parts if spoken and "Action:" in text]
    assert len(calls) >= len(made)
    assert all(valid_action(text.removesuffix("<|end|>")) for text in calls)


def test_a_failed_call_is_made_again(made: list) -> None:
    failed = [
        (parts[i - 1][0].splitlines()[-1], parts[i + 1][0].splitlines()[-1])
        for parts in made
        for i, (text, _) in enumerate(parts)
        if "Observation: Error" in text
    ]
    assert len(failed) > 5
    assert all(first == second for first, second in failed)


def test_traces_end_in_a_final_answer_and_nothing_found_is_admitted(made: list) -> None:
    assert all("Final: " in parts[-1][0] for parts in made)
    empty = [parts for parts in made if "nothing found" in "".join(text for text, _ in parts)]
    assert empty
    assert all(DONT_KNOW in parts[-1][0] for parts in empty)


@pytest.mark.parametrize(
    "reply",
    [
        "Thought: hm.",
        'Action: shell("rm")',
        'Action: calculator("os.system")',
        'Action: retrieve("")',
        'Action: retrieve("a")\nAction: retrieve("b")',
        'Action: retrieve("a") and more',
    ],
)
def test_other_actions_are_not_valid(reply: str) -> None:
    assert not valid_action(reply)
