"""What models write is read: the format, its many near misses, and no invented observations."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.assistant.actions import Action, before_observation, final_so_far, read, written
from core.bundled.traces import LOOK, READ, call

SCHEMA = {"properties": {"query": {}, "k": {}}}
EXPRESSION = {"properties": {"expression": {}}}


def action(text: str) -> Action:
    found = read(text).action
    assert found is not None, read(text)
    return found


def test_the_format_the_bundled_model_was_taught():
    found = read(f"{LOOK}\n{call('retrieve', 'Engine.turn')}")
    assert found.thought == LOOK.removeprefix("Thought: ")
    assert found.action == Action("retrieve", ("Engine.turn",))
    found = read(f"{READ}\nFinal: The default of `times` is `2`. [1]")
    assert (found.final, found.action) == ("The default of `times` is `2`. [1]", None)
    assert action(call("calculator", "(3 + 4) * 12")).values == ("(3 + 4) * 12",)


@pytest.mark.parametrize(
    "text",
    [
        'Action: retrieve("a b")',
        "Action: retrieve('a b')",
        "Action: retrieve(`a b`)",
        "Action: retrieve(“a b”)",
        "Action: retrieve(a b)",
        'Action: retrieve(query="a b")',
        'Action: retrieve({"query": "a b"})',
        'Action: retrieve {"query": "a b"}',
        'Action: {"name": "retrieve", "arguments": {"query": "a b"}}',
        'Action: {"tool": "retrieve", "input": "a b"}',
        'Action: {"function": {"name": "retrieve", "arguments": "{\\"query\\": \\"a b\\"}"}}',
        'Action: ```json\n{"name": "retrieve", "arguments": {"query": "a b"}}\n```',
        "Action: retrieve\nAction Input: a b",
        'Action: retrieve\nAction Input: {"query": "a b"}',
        '**Action:** `retrieve("a b")`',
        'action: retrieve("a b").',
        'Action: retrieve("a b") and then I will see',
        'Action: retrieve("a b"',
        'Action:\nretrieve("a b")\n',
        'Action: retrieve "a b"',
        'Action: retrieve(q="a b")',
        'Action: retrieve("a b")\nAction: calculator("1")',
        'Thought: x\nAction: retrieve("a b")\nObservation: made up\nFinal: wrong',
        'Action: retrieve("a b")\nFinal: too early',
    ],
)
def test_every_way_of_writing_one_call(text):
    found = action(text)
    assert found.tool == "retrieve"
    assert found.given(SCHEMA) == {"query": "a b"}


def test_brackets_quotes_and_lines_inside_of_values():
    assert action('Action: retrieve("f(x) and (y)")').values == ("f(x) and (y)",)
    assert action("Action: calculator((3 + 4) * max(1, 2))").given(EXPRESSION) == {
        "expression": "(3 + 4) * max(1, 2)"
    }
    assert action('Action: retrieve("it\'s \\"here\\"")').values == ('it\'s "here"',)
    assert action('Action: retrieve("one\ntwo")').values == ("one\ntwo",)
    assert action('Action: retrieve("a, b", 5)').given(SCHEMA) == {"query": "a, b", "k": 5}
    assert action('Action: retrieve(query="a", k=5)').given(SCHEMA) == {"query": "a", "k": 5}
    assert action("Action: retrieve(what's new)").values == ("what's new",)
    assert action("Action: stop()").given(SCHEMA) == {}


@pytest.mark.parametrize(
    "text",
    ["Action:", "Action: ", "Action: 42", "Action: look it up", "Action: {broken", "Action: {}"],
)
def test_what_is_no_call_is_trouble(text):
    found = read(text)
    assert found.action is None and found.final is None and found.trouble


def test_a_thought_alone_and_nothing_at_all_are_trouble():
    assert read("Thought: hm.").trouble and read("").trouble and read(" \n").trouble
    assert read("Thought: hm.").thought == "hm."


@pytest.mark.parametrize(
    ("text", "final"),
    [
        ("The answer is 42.", "The answer is 42."),
        ("Thought: easy.\nFinal Answer: 42", "42"),
        ("Final: one\ntwo", "one\ntwo"),
        ("Final: 1\nThought: again\nFinal: 2", "1"),
        ("Answer: 42", "42"),
        ("**Final:** yes", "yes"),
        ("Final: yes\nObservation: no", "yes"),
        ("Final: yes\n<|im_end|>\nmore", "yes"),
        ("Final: it is so\nAnswer: 3", "it is so\nAnswer: 3"),
    ],
)
def test_answers(text, final):
    assert read(text).final == final


def test_a_model_cannot_write_its_own_observation():
    text = 'Action: calculator("1+1")\nObservation: 3\nFinal: 3'
    assert before_observation(text) == 'Action: calculator("1+1")\n'
    assert read(text).final is None
    assert read("Observation: 3\nFinal: 3").final is None


def test_an_answer_is_told_while_it_grows_and_never_taken_back():
    text = "Thought: t.\nFinal: one two\nthree and a good deal more\nObservation: no"
    told = [final_so_far(text[:n]) for n in range(len(text) + 1)]
    for before, after in pairwise(told):
        assert after.startswith(before) or before.startswith(after)
    assert max(told, key=len) == "one two\nthree and a good deal more"
    assert all("Obs" not in each for each in told)
    assert final_so_far("Action: retrieve(") == final_so_far("plain words") == ""
    assert final_so_far('Action: f("x")\nFinal: a long enough answer to be told') == ""


@given(st.dictionaries(st.sampled_from(["query", "k"]), st.text(max_size=30), min_size=1))
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back(given_values):
    text = f"Action: {written('retrieve', given_values)}"
    if before_observation(text) == text and "<|" not in text:
        found = read(text).action
        if found is not None and not any("\n" in v or "\r" in v for v in given_values.values()):
            assert json.dumps(found.given(SCHEMA), sort_keys=True) == json.dumps(
                {"query": next(iter(given_values.values()))}
                if len(given_values) == 1
                else given_values,
                sort_keys=True,
            )


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "Thought:",
                    "Action:",
                    "Final:",
                    "\n",
                    '"',
                    "(",
                    ")",
                    "{",
                    "}",
                    "f",
                    "Observation:",
                ]
            ),
            st.text(max_size=8),
        ),
        max_size=14,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_as_exactly_one_thing(pieces):
    found = read("".join(pieces))
    assert sum([found.action is not None, found.final is not None, bool(found.trouble)]) == 1
    final_so_far("".join(pieces))
