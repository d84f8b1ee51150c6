"""A tool that hangs, fails or says too much does not hurt who called it."""

import threading
import time

from core.assistant.tools.running import run, shortened
from core.assistant.tools.tool import Result
from core.documents import approximate_tokens
from core.errors import NotFound
from core.messages import Stop


class Does:
    """A tool that does what it is given."""

    name, description, schema = "does", "", {}

    def __init__(self, what):
        self.what = what

    def execute(self, given, stop):
        return self.what(stop)


def test_a_result_comes_with_its_time():
    told = run(Does(lambda stop: Result("done")), {}, Stop())
    assert (told.text, told.ok) == ("done", True) and told.seconds >= 0


def test_a_tool_that_hangs_is_told_to_end_and_left():
    ended = threading.Event()

    def hang(stop):
        stop.wait(20)
        ended.set()
        return Result("late")

    began = time.monotonic()
    told = run(Does(hang), {}, Stop(), 0.1)
    assert not told.ok and "took more than 0.1 s" in told.text
    assert time.monotonic() - began < 10
    assert ended.wait(10)


def test_a_stop_ends_the_wait():
    stop = Stop()
    stop.set()
    told = run(Does(lambda inner: (inner.wait(20), Result(""))[1]), {}, stop, 20)
    assert not told.ok and "stopped" in told.text


def test_an_error_and_a_bug_are_both_observations(monkeypatch):
    def missing(stop):
        raise NotFound("There is no such file.", "Look for another.")

    told = run(Does(missing), {}, Stop())
    assert (told.ok, told.text) == (False, "Error: There is no such file. Look for another.")
    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    told = run(Does(lambda stop: 1 / 0), {}, Stop())
    assert not told.ok and "its log says why" in told.text
    assert seen[0].exc_type is ZeroDivisionError


def test_ten_megabytes_are_cut_at_a_line_and_marked():
    long = "one line of a long result\n" * 400_000
    told = shortened(long, 200)
    assert approximate_tokens(told) < 230
    assert told.endswith(f"of {len(long):,} characters are shown)")
    assert told.splitlines()[-2] == "one line of a long result"


def test_one_endless_word_is_cut_too_and_short_text_is_left_alone():
    assert len(shortened("x1" * 5_000_000, 100)) < 2_000
    assert shortened("short", 100) == "short"
