"""Text from tokens: whole characters, stop strings, loops, and the work being linear."""

import random
from collections.abc import Sequence

import pytest

from core.models.text import Detokenizer, LoopGuard, StopStrings, Writer


def from_bytes(tokens: Sequence[int]) -> str:
    return bytes(tokens).decode("utf-8", "replace")


def shown(tokens: Sequence[int]) -> list[str]:
    detokenizer = Detokenizer(from_bytes)
    return [*(detokenizer.push(token) for token in tokens), detokenizer.flush()]


@pytest.mark.parametrize(
    "text",
    ["plain", "héllo wörld", "日本語のテキスト", "👩‍👩‍👧‍👦 and 😀" * 9, "\ufffd real \ufffd", ""],
)
def test_the_pieces_make_the_text_and_none_holds_half_a_character(text: str) -> None:
    pieces = shown(text.encode())
    assert "".join(pieces) == text
    if "\ufffd" not in text:
        assert not any("\ufffd" in piece for piece in pieces)


def test_broken_bytes_come_out_as_the_decoder_shows_them() -> None:
    chance = random.Random(5)
    for _ in range(300):
        tokens = [chance.choice((65, 0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80)) for _ in range(40)]
        assert "".join(shown(tokens)) == from_bytes(tokens)


def test_a_character_is_shown_as_soon_as_it_is_whole() -> None:
    assert shown("a😀b".encode()) == ["a", "", "", "", "😀", "b", ""]


def test_the_work_grows_with_the_text_and_not_with_its_square() -> None:
    decoded = 0

    def counting(tokens: Sequence[int]) -> str:
        nonlocal decoded
        decoded += len(tokens)
        return from_bytes(tokens)

    for sample in (b"word " * 2000, b"\x80" * 10_000):
        decoded, detokenizer = 0, Detokenizer(counting)
        for token in sample:
            detokenizer.push(token)
        assert decoded < 70 * len(sample)


def test_a_real_tokenizer_streams_what_it_decodes(local) -> None:
    chance = random.Random(3)
    for _ in range(50):
        tokens = [chance.randrange(5, 512) for _ in range(60)]
        detokenizer = Detokenizer(local._decode)
        text = "".join(detokenizer.push(token) for token in tokens) + detokenizer.flush()
        assert text == local._decode(tokens)


def cut(stops: list[str], pieces: list[str]) -> tuple[str, bool]:
    cutter = StopStrings(stops)
    text = "".join(cutter.push(piece) for piece in pieces)
    return text + cutter.flush(), cutter.met


@pytest.mark.parametrize(
    ("stops", "pieces", "wanted", "met"),
    [
        (["END"], ["one EN", "D two"], "one ", True),
        (["END"], ["one EN", "Died"], "one ENDied".split("END")[0], True),
        (["END"], ["one EN"], "one EN", False),
        (["\n\n", "User:"], ["a\n", "b Us", "er", ": c"], "a\nb ", True),
        (["b", "ab"], ["x", "ab"], "x", True),
        ([], ["x", "y"], "xy", False),
        ([""], ["x", "y"], "xy", False),
        (["aab"], ["a", "a", "a", "b"], "a", True),
    ],
)
def test_stop_strings_are_found_across_pieces(
    stops: list[str], pieces: list[str], wanted: str, met: bool
) -> None:
    assert cut(stops, pieces) == (wanted, met)


def test_nothing_of_a_stop_string_is_shown_before_it_is_sure() -> None:
    cutter = StopStrings(["STOP"])
    assert [cutter.push(piece) for piece in ("a", "ST", "O", "x", "STOP", "b")] == [
        "a",
        "",
        "",
        "STOx",
        "",
        "",
    ]


@pytest.mark.parametrize("period", [1, 2, 7, 30, 64])
def test_loops_are_noticed(period: int) -> None:
    guard, chance = LoopGuard(), random.Random(1)
    run = [chance.randrange(1000) for _ in range(period)]
    start = [chance.randrange(1000) for _ in range(20)]
    tokens = start + run * (400 // period + 5)
    when = next((at for at, token in enumerate(tokens) if guard.push(token)), None)
    assert when is not None and when < 20 + max(48, 4 * period) + 2 * period + 10


def test_text_that_only_resembles_itself_is_no_loop() -> None:
    guard, chance = LoopGuard(), random.Random(2)
    row = [chance.randrange(1000) for _ in range(12)]
    table = [token for n in range(60) for token in (*row, 2000 + n)]
    assert not any(guard.push(token) for token in table)
    assert not any(LoopGuard().push(token) for token in [7] * 40), "a short run is a ruler"


def test_a_writer_knows_how_an_answer_ended() -> None:
    ended = Writer(from_bytes, {0}, ())
    assert [ended.push(token) for token in (65, 0)] == ["A", ""] and ended.finish == "stop"
    stopped = Writer(from_bytes, {0}, ("BC",))
    assert "".join(stopped.push(token) for token in b"ABC") == "A" and stopped.finish == "stop"
    looped = Writer(from_bytes, {0}, ())
    for token in [65] * 56:
        looped.push(token)
    assert looped.finish == "loop"
    free = Writer(from_bytes, {0}, (), guard=False)
    for token in [65] * 500:
        free.push(token)
    assert free.finish is None and len(free.tokens) == 500
