"""The log of model calls: what goes in comes out, unmeasured stays unmeasured."""

from datetime import UTC, datetime, timedelta

from core.records import Generation
from core.store.generations import Generations

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def call(number: int, **more) -> Generation:
    moment = START + timedelta(seconds=number)
    return Generation(f"g{number}", moment, "model", "hash", {"seed": number}, **more)


def test_a_call_comes_back_as_it_was(store):
    full = call(
        1,
        tokens_in=10,
        tokens_out=20,
        tokens_reused=0,
        first_token_s=0.25,
        total_s=1.5,
        gpu_bytes_before=1,
        gpu_bytes_after=2**40,
        finish="stop",
    )
    generations = Generations(store)
    generations.add(full)
    generations.add(call(2))
    assert generations.recent(10) == [call(2), full]
    assert generations.recent(1) == [call(2)]


def test_totals_count_calls_tokens_and_errors(store):
    generations = Generations(store)
    nothing = {"calls": 0, "tokens_in": 0, "tokens_out": 0, "errors": 0}
    assert generations.totals() == nothing
    generations.add(call(1, tokens_in=10, tokens_out=2))
    generations.add(call(2, tokens_in=5, finish="error", error="gone\ud800"))
    assert generations.totals() == {"calls": 2, "tokens_in": 15, "tokens_out": 2, "errors": 1}
    assert generations.recent(1)[0].error == "gone\ufffd"


def test_many_at_once_equal_one_by_one_and_go_in_once(store):
    generations = Generations(store)
    many = [call(n, tokens_in=n if n % 2 else None, total_s=n / 7) for n in range(500)]
    generations.add(many[0])
    generations.add_many(many)
    generations.add_many(many)
    assert generations.recent(1000) == many[::-1]


def test_times_with_another_zone_are_kept_as_utc(store):
    zone = datetime.fromisoformat("2026-01-02T08:49:05+05:45")
    Generations(store).add(Generation("z", zone, "m", "h", {}))
    kept = Generations(store).recent(1)[0].created
    assert kept == zone
    assert kept.tzinfo == UTC
