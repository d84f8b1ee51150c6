"""Text, JSON and times on their way in and out."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput, TooLarge
from core.store import values

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner),
    max_leaves=8,
)


@given(ANY_TEXT)
def test_clean_text_can_be_encoded_and_is_stable(text):
    cleaned = values.clean(text)
    assert cleaned.encode("utf-8").count(0) == 0
    assert values.clean(cleaned) == cleaned


@given(ANY_TEXT, st.integers(1, 50))
def test_a_line_is_one_line_within_its_limit(text, limit):
    line = values.line(text, limit)
    assert len(line) <= limit
    assert not any(ord(letter) < 32 for letter in line)
    assert line.splitlines() in ([], [line])


@given(ANY_JSON)
def test_any_plain_value_becomes_json_that_can_be_encoded(value):
    text = values.to_json({"value": value})
    text.encode("utf-8")
    assert values.to_json(values.from_json(text)) == text


def test_json_refuses_what_it_cannot_say(monkeypatch):
    endless: list = []
    endless.append(endless)
    for bad in (object(), b"bytes", {"a": {1, 2}}, endless):
        with pytest.raises(BadInput):
            values.to_json(bad)
    monkeypatch.setattr(values, "JSON_LIMIT", 20)
    with pytest.raises(TooLarge):
        values.to_json("x" * 30)


def test_moments_go_through_a_column_unchanged():
    moment = datetime(2026, 5, 4, 3, 2, 1, 9, tzinfo=UTC)
    column = values.stored(moment)
    assert column is not None
    assert column.tzinfo is None
    assert values.aware(column) == moment
    assert values.maybe_aware(None) is None
    assert values.stored(None) is None
