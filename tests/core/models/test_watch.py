"""One thread looks for as long as there is something to wait for."""

import threading

from core.models.watch import Watch
from tests.core.models.asking import wait_until


def test_it_looks_until_there_is_nothing_left_and_can_begin_again():
    looks: list[str] = []
    watch = Watch(lambda: looks.append(threading.current_thread().name) or len(looks) < 3, 0.001)
    watch.start()
    watch.start()
    wait_until(lambda: watch._thread is None)
    assert len(looks) == 3
    watch.start()
    wait_until(lambda: watch._thread is None)
    assert looks == ["plumbline-watch"] * 4


def test_nothing_is_looked_for_after_the_end():
    watch = Watch(lambda: 1 / 0 > 0, 0.001)
    watch.close()
    watch.start()
    assert watch.ended and watch._thread is None
