"""One at a time, in order, and no more waiting than allowed."""

import threading

import pytest

from core.errors import Busy
from core.messages import Stop
from core.models.gate import Gate
from tests.core.models.asking import wait_until


def stopped() -> Stop:
    """Return a stop that is set, so that a caller who is let in does not wait for ever."""
    stop = Stop()
    stop.set()
    return stop


def test_lets_one_through_at_a_time_in_order_of_arrival() -> None:
    gate, order, inside = Gate(10), [], []

    def visit(name: int) -> None:
        with gate.turn():
            inside.append(name)
            assert len(inside) == 1
            order.append(name)
            inside.remove(name)

    with gate.turn():
        threads = [threading.Thread(target=visit, args=(name,)) for name in range(5)]
        for waiting, thread in enumerate(threads, 1):
            thread.start()
            wait_until(lambda waiting=waiting: gate.waiting == waiting)
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == [0, 1, 2, 3, 4]


def test_refuses_beyond_its_length_and_says_when_to_come_back() -> None:
    gate = Gate(1)

    def visit() -> None:
        with gate.turn():
            pass

    with gate.turn():
        waiter = threading.Thread(target=visit)
        waiter.start()
        wait_until(lambda: gate.waiting == 1)
        with pytest.raises(Busy, match="1 requests already wait") as caught, gate.turn(stopped()):
            pass
        assert caught.value.retry_after
    waiter.join(10)


def test_with_no_line_the_second_is_refused() -> None:
    gate = Gate(0)
    with gate.turn(), pytest.raises(Busy), gate.turn(stopped()):
        pass
    with gate.turn() as mine:
        assert mine


def test_a_stopped_waiter_leaves_the_line() -> None:
    gate, stop, got = Gate(5), Stop(), []

    def visit() -> None:
        with gate.turn(stop) as mine:
            got.append(mine)

    with gate.turn():
        thread = threading.Thread(target=visit)
        thread.start()
        wait_until(lambda: gate.waiting == 1)
        stop.set()
        thread.join(10)
        assert got == [False] and gate.waiting == 0
    with gate.turn() as mine:
        assert mine


def test_a_patient_caller_is_never_refused() -> None:
    gate, done = Gate(0), threading.Event()

    def visit() -> None:
        with gate.turn(patient=True):
            done.set()

    with gate.turn():
        thread = threading.Thread(target=visit)
        thread.start()
        wait_until(lambda: gate.waiting == 1)
        assert not done.is_set()
    assert done.wait(10)
    thread.join()


def test_a_failure_inside_frees_the_place() -> None:
    gate = Gate(0)
    with pytest.raises(ZeroDivisionError), gate.turn():
        raise ZeroDivisionError
    with gate.turn() as mine:
        assert mine
