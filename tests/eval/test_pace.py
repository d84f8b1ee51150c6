"""As many calls at once as a server copes with."""

import threading

import pytest

from core.errors import Stopped
from core.messages import Stop
from eval.boundary import Trouble
from eval.pace import Throttle


def test_it_starts_slowly_doubles_and_halves_at_the_first_trouble():
    throttle = Throttle(16, Stop())
    assert throttle.limit == 1
    for _ in range(7):
        throttle.heard(None)
    assert throttle.limit == 8
    throttle.heard(Trouble("overloaded", "429", retryable=True))
    assert throttle.limit == 4
    throttle.heard(Trouble("bad_reply", "500", retryable=True))
    assert throttle.limit == 2
    throttle.limit = 4
    for _ in range(4):
        throttle.heard(None)
    assert 4.5 < throttle.limit < 5.1
    for _ in range(500):
        throttle.heard(None)
    assert throttle.limit == 16


def test_what_is_no_crowding_changes_nothing():
    throttle = Throttle(16, Stop())
    throttle.heard(None)
    throttle.heard(Trouble("bad_input", "no"))
    assert throttle.limit == 2


def test_no_more_than_the_limit_are_under_way():
    throttle = Throttle(4, Stop())
    inside, most, lock = [0], [0], threading.Lock()

    def call() -> None:
        for _ in range(20):
            with throttle.turn():
                with lock:
                    inside[0] += 1
                    most[0] = max(most[0], inside[0])
                with lock:
                    inside[0] -= 1
            throttle.heard(None)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most[0] <= 4


def test_a_wish_to_stop_ends_the_waiting():
    stop = Stop()
    throttle = Throttle(1, stop)
    throttle.heard(Trouble("overloaded", "429", retry_after=60, retryable=True))
    stop.set()
    with pytest.raises(Stopped), throttle.turn():
        pass
