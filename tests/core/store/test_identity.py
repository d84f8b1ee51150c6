"""A process is its number and its birth, not its number alone."""

import os
import signal
import subprocess
import sys

from core.store.identity import ProcessId


def sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def test_this_process_is_alive_and_always_the_same():
    assert ProcessId.own().alive()
    assert ProcessId.own() == ProcessId.of(os.getpid())


def test_no_process_is_nobody():
    for pid in (-1, 2**22 + 1, 2**40):
        assert ProcessId.of(pid) is None
        assert not ProcessId(pid, 1.0).alive()


def test_a_signal_reaches_only_the_process_that_was_meant():
    child = sleeper()
    process = ProcessId.of(child.pid)
    assert process is not None
    stranger = ProcessId(process.pid, process.born - 5)
    assert not stranger.alive()
    assert not stranger.send(signal.SIGKILL)
    assert not stranger.send_group(signal.SIGKILL)
    assert child.poll() is None
    assert process.send(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not process.send(signal.SIGKILL)


def test_a_dead_process_nobody_waited_for_is_not_alive():
    child = sleeper()
    process = ProcessId.of(child.pid)
    child.send_signal(signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process is not None
    assert not process.alive()
    child.wait()
