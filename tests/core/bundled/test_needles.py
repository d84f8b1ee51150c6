"""Long conversations: every answer is right, what is asked was told before, nothing leaks."""

import itertools
import random
from pathlib import Path

import pytest

from core.bundled.config import Config
from core.bundled.corpus import units_of
from core.bundled.grounded import Composer
from core.bundled.needles import Teller, ask, invent, say, tell, written
from core.bundled.prepare import NEEDLES
from core.bundled.shards import ANSWER, Shard
from core.bundled.tokenizer import load_tokenizer

LENGTH = 1200


@pytest.fixture(scope="module")
def composers() -> list[Composer]:
    return [Composer(list(units_of("itsdangerous")), 1)]


def _turns(parts: list[tuple[str, bool]]) -> list[tuple[str, str]]:
    """Return the questions and answers of a conversation, without marks."""
    text = "".join(piece for piece, _ in parts)
    spoken = [turn.split("<|assistant|>") for turn in text.split("<|user|>")[1:]]
    return [(q.removesuffix("<|end|>"), a.removesuffix("<|end|>")) for q, a in spoken]


def _facts() -> dict[str, tuple[str, str]]:
    """Return kind and subject of every possible question and way of telling, by its text."""
    known = {}
    for kind, item in written()["facts"].items():
        framed = [
            asking.replace("{n}", noun)
            for asking, noun in itertools.product(written()["asking"], item["noun"])
        ]
        for about, way in itertools.product(item["about"], [*item["ask"], *framed]):
            question = way.format(k=about).lower().rstrip("?.")
            known[question] = (kind, about)
    return known


def test_what_is_asked_was_told_and_is_answered_with_it(composers: list[Composer]) -> None:
    known, recalled, refused = _facts(), 0, 0
    for parts in itertools.islice(Teller(composers, 3, LENGTH).conversations(), 40):
        said: list[str] = []
        for question, answer in _turns(parts):
            asked = known.get(question.lower().rstrip("?."))
            if asked and answer == written()["unknown"]:
                refused += 1
                assert not any(f" {asked[1]} " in f" {text.rstrip('.,')} " for text in said)
            elif asked:
                recalled += 1
                way = written()["facts"][asked[0]]["say"].format(k=asked[1], v="\n")
                value = answer
                for part in way[0].upper() + way[1:], way:
                    before, after = part.split("\n")
                    value = value.removeprefix(before).removesuffix(after)
                assert any(value in text and asked[1] in text.lower() for text in said), question
            elif answer in written()["noted"]:
                said.append(question)
    assert recalled > 80
    assert refused > 3


def test_conversations_are_long_seeded_and_end_in_an_old_fact(composers: list[Composer]) -> None:
    def first(seed: int) -> list[tuple[str, bool]]:
        fresh = [Composer(composers[0].units, 1)]
        return next(Teller(fresh, seed, LENGTH).conversations())

    assert first(1) == first(1) != first(2)
    assert _turns(first(1))[-1][0].lower().rstrip("?.") in _facts()


def test_a_needle_lies_as_far_back_as_it_should(composers: list[Composer]) -> None:
    for distance in (100, 2000):
        opening, fact = Teller(composers, 1, distance, held_out=True).haystack(distance)
        head, question = opening.split(fact.value, 1)
        assert len(head) < 80
        assert 3 * distance < len(question) < 6 * distance + 3000
        assert question.endswith("<|end|><|assistant|>")
        assert fact.about in question.rsplit("<|user|>", 1)[1].lower()


@pytest.mark.parametrize("kind", list(written()["facts"]))
def test_held_out_wordings_and_values_are_kept_apart(kind: str) -> None:
    rng = random.Random(0)

    def some(held_out: bool) -> list:
        made = (invent(rng, held_out) for _ in range(2000))
        return [fact for fact in made if fact.kind == kind]

    for way in (tell, ask):
        train = {way(f, rng).lower().rstrip("?.") for f in some(False)}
        held = {way(f, rng, True).lower().rstrip("?.") for f in some(False)}
        assert held
        assert not train & held
    assert not {f.value for f in some(False)} & {"Gorzin", "Zingor"}
    if written()["facts"][kind]["value"] in ("names", "places"):
        words = (invent(rng, False, ["gor", "zin"]) for _ in range(2000))
        assert {"Gorzin", "Zingor"} < {f.value for f in words if f.kind == kind}
        assert not {f.value for f in some(False)} & {f.value for f in some(True)}
    assert all(f.value in say(f) for f in some(False))


def test_prepared_rows_are_no_longer_than_their_kind(work: Path, smoke: Config) -> None:
    shard = Shard(work / "shards", "needle-1k", 0)
    assert sum(map(shard.size, range(len(shard)))) >= smoke.prepare["needle-1k"]
    assert max(map(shard.size, range(len(shard)))) <= NEEDLES["needle-1k"]
    start, end = int(shard.offsets[0]), int(shard.offsets[1])
    learned = shard.tokens[start:end][(shard.meta[start:end] & 3) == ANSWER]
    text = load_tokenizer(work / "tokenizer").decode(learned.tolist(), skip_special_tokens=False)
    assert "<|user|>" not in text
    assert text.endswith("<|end|>")
