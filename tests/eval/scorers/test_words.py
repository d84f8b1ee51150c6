"""How answers are folded before they are compared."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.scorers.words import holds, is_refusal, normalised


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("a  cat,\nan owl", "cat owl"),
        ("`limits` is `DEFAULT_LIMITS` [1][2].", "limits is defaultlimits"),
        ("```python\nx = 1\n```", "x 1"),
        ("theory", "theory"),
    ],
)
def test_texts_are_normalised_as_in_squad(text: str, expected: str):
    assert normalised(text) == expected


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("`f` is in httpx/_client.py:10-20 [1].", "httpx/_client.py"),
        ("`f` is in httpx/_client.py:10-20 [1].", "httpx/_client.py:10-20"),
        ("It is 0.5.", "0.5"),
        ('It is `"auto"` by default.', "auto"),
        ("base_rate = 0.5 [1]", "base_rate = 0.5"),
        ("It returns a  STR.", "str"),
        ("Path.__init__", "Path"),
    ],
)
def test_a_reference_is_found_as_whole_words(answer: str, reference: str):
    assert holds(answer, reference)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ("a string", "str"),
        ("100", "10"),
        ("10.5", "0.5"),
        ("0.55", "0.5"),
        ("10.5", "10"),
        ("1,000", "1"),
        ("It is -5.", "5"),
        ("AsyncClient", "Client"),
        ("limits_of", "limits"),
        ("anything", ""),
    ],
)
def test_a_part_of_a_word_or_number_is_not(answer: str, reference: str):
    assert not holds(answer, reference)


@pytest.mark.parametrize(
    "answer",
    [
        "The retrieved context does not say.",
        "I don’t know.",
        "I cannot answer that from the passages.",
        "The provided context does not mention this parameter.",
        "This is not specified in the given text.",
        "unanswerable",
    ],
)
def test_refusals(answer: str):
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer", ["", "It does not return.", "The default is None.", "x " * 200 + "I don't know"]
)
def test_no_refusals(answer: str):
    assert not is_refusal(answer)


@given(st.text(max_size=80))
@settings(max_examples=80, deadline=None)
def test_normalising_twice_changes_nothing(text: str):
    once = normalised(text)
    assert normalised(once) == once
