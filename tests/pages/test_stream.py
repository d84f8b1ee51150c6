"""Running answers: gathered in time, stopped at once, told apart by page."""

import threading
from collections.abc import Iterator

from core.assistant.sessions import Event
from core.errors import Busy
from core.messages import Delta, PageStop, Stop
from pages._stream import Batch, Running


def words(batches: list[Batch]) -> str:
    return "".join(e.text for b in batches for e in b.events if isinstance(e, Delta))


def test_everything_arrives_in_order_and_the_last_batch_is_done():
    def ask(stop: Stop) -> Iterator[Event]:
        yield from (Delta(str(n)) for n in range(50))

    batches = list(Running().run("page", ask))
    assert words(batches) == "".join(map(str, range(50)))
    assert [batch.done for batch in batches][-1] is True
    assert len(batches) < 50


def test_a_silent_model_does_not_hold_the_page():
    release = threading.Event()

    def ask(stop: Stop) -> Iterator[Event]:
        release.wait(10)
        yield Delta("late")

    batches = Running().run("page", ask)
    first = next(batches)
    assert (first.events, first.done) == ([], False)
    release.set()
    assert words(list(batches)) == "late"


def test_stop_reaches_the_model_of_that_page_alone():
    running = Running()
    started = threading.Barrier(3)
    stops: dict[str, Stop] = {}

    def asking(name: str):
        def ask(stop: Stop) -> Iterator[Event]:
            stops[name] = stop
            started.wait(10)
            stop.wait(10)
            yield Delta("end")

        return ask

    runs = {name: running.run(name, asking(name)) for name in ("a", "b")}
    threads = [threading.Thread(target=list, args=(run,)) for run in runs.values()]
    for thread in threads:
        thread.start()
    started.wait(10)
    running.stop("a")
    threads[0].join(10)
    assert stops["a"].is_set()
    assert not stops["b"].is_set()
    assert running.busy("b")
    running.stop("b")
    threads[1].join(10)
    assert not running.busy("b")


def test_a_page_that_is_closed_stops_its_model():
    seen: list[Stop] = []

    def ask(stop: Stop) -> Iterator[Event]:
        seen.append(stop)
        yield Delta("x")
        stop.wait(10)

    run = Running().run("page", ask)
    next(run)
    run.close()
    assert seen[0].is_set()


def test_a_page_that_moves_on_hears_no_more_of_its_answer():
    seen: list[Stop] = []
    running = Running()

    def ask(stop: Stop) -> Iterator[Event]:
        seen.append(stop)
        yield Delta("x")
        stop.wait(10)
        yield Delta("late")

    run = running.run("page", ask)
    batches = [next(run)]
    running.leave("page")
    assert not running.busy("page")
    batches += run
    assert words(batches) == "x"
    assert not batches[-1].done
    assert isinstance(seen[0], PageStop) and seen[0].left


def test_pressing_stop_is_not_leaving():
    seen: list[Stop] = []
    running = Running()

    def ask(stop: Stop) -> Iterator[Event]:
        seen.append(stop)
        yield Delta("x")
        stop.wait(10)

    run = running.run("page", ask)
    next(run)
    running.stop("page")
    running.leave("page")
    list(run)
    assert isinstance(seen[0], PageStop) and not seen[0].left


def test_errors_arrive_in_words_the_unexpected_ones_too():
    def busy(stop: Stop) -> Iterator[Event]:
        yield Delta("x")
        raise Busy("Full.", "Wait.")

    def broken(stop: Stop) -> Iterator[Event]:
        raise RuntimeError("/secret/path")
        yield

    assert next(b.error for b in Running().run("p", busy) if b.error).message == "Full."
    error = next(b.error for b in Running().run("p", broken) if b.error)
    assert "secret" not in f"{error.message}{error.hint}"


def test_stopping_a_page_that_writes_nothing_is_no_error():
    running = Running()
    running.stop("nobody")
    assert not running.busy("nobody")
