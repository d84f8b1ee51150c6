"""Questions are answered by what is shown, and refused where nothing shown answers."""

import random

import pytest

from core.bundled.corpus import Unit, units_in
from core.bundled.grounded import LEVELS, Composer
from core.bundled.questions import (
    DONT_KNOW,
    Shown,
    blur,
    follow_up,
    hops,
    phrasings,
    quote,
    raises,
    reword,
    turns,
    unanswerable,
)
from core.bundled.splits import load_splits
from core.documents import Chunk, render

SOURCE = '''
class Base:
    """The root of all things here."""


class Child(Base):
    """A thing that follows its root."""

    def get(self, url: str, timeout: float = 30) -> bytes:
        """Fetch the bytes behind an address."""
        raise ValueError(url)
'''


@pytest.fixture
def units() -> dict[str, Unit]:
    return {unit.chunk.symbol: unit for unit in units_in("demo", "demo/api.py", SOURCE)}


def _shown(unit: Unit, n: int = 1) -> Shown:
    return Shown(unit, unit.chunk, n, unit.chunk.symbol)


def _by_kind(unit: Unit, n: int = 1) -> dict[str, str]:
    return {turn.kind: turn.answer for turn in turns(_shown(unit, n), random.Random(2))}


def test_answers_of_a_method(units: dict[str, Unit]) -> None:
    answers = _by_kind(units["Child.get"], 2)
    assert answers["where"] == "`Child.get` is in demo/api.py:9-11 [2]."
    assert answers["params"] == "`Child.get` takes `(self, url, timeout)` [2]."
    assert answers["default"] == "`Child.get` [2] has `timeout: float = 30`."
    assert answers["returns"] == "`Child.get() -> bytes` [2]."
    assert answers["raises"] == "`Child.get` [2] can `raise ValueError`."
    assert answers["what"] == "`Child.get` [2]: Fetch the bytes behind an address."
    assert answers["which"] == "That is `Child.get` [2]."


def test_answers_of_a_class(units: dict[str, Unit]) -> None:
    answers = _by_kind(units["Child"])
    assert answers["bases"] == "`Child` inherits from `Base` [1]."
    assert "params" not in answers
    assert "bases" not in _by_kind(units["Base"])


def test_what_is_cut_away_is_not_asked(units: dict[str, Unit]) -> None:
    from dataclasses import replace

    item = _shown(units["Child.get"])
    hidden = replace(item, chunk=replace(item.chunk, text="…"))
    kinds = {turn.kind for turn in turns(hidden, random.Random(0))}
    assert kinds == {"where", "params"}


def test_two_hops_cite_both_chunks(units: dict[str, Unit]) -> None:
    asked = hops(_shown(units["Child"], 2), _shown(units["Base"], 1), random.Random(0), False)
    lead = "`Child` inherits from `Base` [2]. `Base`"
    assert asked[0].answer == f"{lead} is in demo/api.py:2-3 [1]."
    assert asked[0].cites == (2, 1)
    assert asked[1].answer == f"{lead} [1]: The root of all things here."


def test_a_follow_up_names_no_subject(units: dict[str, Unit]) -> None:
    rng = random.Random(1)
    item = _shown(units["Child.get"])
    second = follow_up(turns(item, rng)[0], item, rng, False)
    assert second is not None
    assert "Child" not in second.question
    assert "`Child.get`" in second.answer


def test_a_sentence_is_quoted_with_its_line_breaks() -> None:
    text = 'def f():\n    """Do a thing and\n    then another: more."""'
    chunk = Chunk("a.py", 1, 3, text, "function", "f")
    assert quote("Do a thing and then another.", chunk) == "Do a thing and\n    then another."
    assert quote("Do a thing that is not said.", chunk) == ""


def test_exceptions_are_listed_as_they_follow_each_other() -> None:
    text = "def f(x):\n    if x:\n        raise KeyError(x)\n    raise TypeError"
    unit = Unit(
        "demo", Chunk("a.py", 1, 4, text, "function", "f"), raises=("TypeError", "KeyError")
    )
    assert raises(_shown(unit)) == ["KeyError", "TypeError"]
    answers = {turn.kind: turn.answer for turn in turns(_shown(unit), random.Random(0))}
    assert answers["raises"] == "`f` [1] can `raise KeyError` or `raise TypeError`."


def test_refusals_ask_for_what_is_not_shown(units: dict[str, Unit]) -> None:
    rng = random.Random(0)
    for _ in range(60):
        turn = unanswerable(units["Child.get"], [_shown(units["Base"])], rng)
        assert turn is not None
        assert turn.answer == DONT_KNOW
        assert turn.cites == ()
    assert all(
        turn is None or "get" not in turn.question.split()
        for turn in (
            unanswerable(units["Child.get"], [_shown(units["Child.get"])], rng) for _ in range(60)
        )
    )


def test_a_blurred_description_keeps_most_words() -> None:
    doc = "Fetch the bytes behind an address and close the connection afterwards."
    for seed in range(30):
        words = blur(doc, random.Random(seed)).lower().split()
        assert len(words) >= 5
        assert set(words) <= set(doc.lower().rstrip(".").split())


def test_expected_answers_stand_in_the_evidence(units: dict[str, Unit]) -> None:
    composer = Composer(list(units.values()) * 3, 4)
    for item in filter(None, (composer.one(LEVELS["middle"]) for _ in range(40))):
        text = " ".join(" ".join(render(s.chunk, s.n) for s in item.shown).split())
        for turn in (turn for branch in item.branches for turn in branch):
            if turn.kind != "talk" and turn.expected not in (DONT_KNOW, "no default"):
                assert turn.expected.rstrip(".") in text


def test_every_kind_is_asked_in_many_ways() -> None:
    for kind, templates in phrasings().items():
        assert len({template.lower() for template in templates}) == len(templates), kind
        assert len(templates) >= 20 + load_splits().phrasings_held_out, kind


def test_earlier_turns_are_bare_and_what_follows_is_about_them(units: dict[str, Unit]) -> None:
    composer = Composer(list(units.values()) * 3, 4)
    made = [item for item in (composer.one(LEVELS["middle"]) for _ in range(400)) if item]
    asked_on = [item for item in made if item.history and item.history[0].kind != "talk"]
    assert 10 < len(asked_on) < 80
    for item in asked_on:
        head, evidence = item.prefix.rsplit("<|user|>", 1)
        assert head.endswith(f"{item.history[0].answer}<|end|>")
        assert evidence.startswith("[1] ")
        assert any(turn.kind == "follow" for branch in item.branches for turn in branch)


def test_small_talk_is_answered_over_evidence_too_but_never_measured_as_grounded(
    units: dict[str, Unit],
) -> None:
    def kinds(held_out: bool) -> set[str]:
        composer = Composer(list(units.values()) * 3, 4, held_out)
        items = filter(None, (composer.one(LEVELS["middle"]) for _ in range(100)))
        return {turn.kind for item in items for branch in item.branches for turn in branch}

    assert "talk" in kinds(False)
    assert "talk" not in kinds(True)


def test_rewording_changes_words_and_never_leads_to_a_held_out_question() -> None:
    rng = random.Random(0)
    made = {reword("What is the default value of {p} in {f}?", "default", rng) for _ in range(60)}
    assert "What is the standard value of {p} in {f}?" in made
    back = load_splits().phrasings_held_out
    for kind, templates in phrasings().items():
        held = {template.lower() for template in templates[-back:]}
        for template in templates[:-back]:
            assert not {reword(template, kind, rng).lower() for _ in range(40)} & held
