"""One owner per DATA_DIR, with real processes that start at once and die without a word."""

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import OwnedElsewhere, Unwritable
from core.store import lock as locks
from core.store.flock import HeldFile, is_held
from core.store.identity import ProcessId
from core.store.lock import Lock, owner_of

ROOT = Path(__file__).resolve().parents[3]
URL = "http://127.0.0.1:7860"


def starter(folder: Path, number: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.core.store.owner", str(folder), f"{URL}/{number}"]
    child = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert heard(child) == "ready"
    return child


def heard(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline().strip()


def go(*children: subprocess.Popen[str]) -> None:
    for child in children:
        assert child.stdin
        child.stdin.write("go\n")
        child.stdin.flush()


def end(*children: subprocess.Popen[str]) -> None:
    for child in children:
        child.communicate()


def test_the_file_names_its_owner_to_its_user_alone(tmp_path):
    lock = Lock.acquire(tmp_path / "new" / "data", URL)
    folder = tmp_path / "new" / "data"
    owner = owner_of(folder)
    assert owner == lock.owner
    assert owner is not None
    assert (owner.pid, owner.host, owner.port, owner.url) == (os.getpid(), "127.0.0.1", 7860, URL)
    assert datetime.now(UTC) - owner.started < timedelta(minutes=5)
    assert len(owner.token) >= 32
    assert stat.S_IMODE((folder / locks.NAME).stat().st_mode) == 0o600
    lock.release()
    assert owner_of(folder) is None
    lock.release()


def test_an_old_file_anybody_could_read_is_closed_to_others(tmp_path):
    path = tmp_path / locks.NAME
    path.write_text("{}")
    path.chmod(0o666)
    lock = Lock.acquire(tmp_path, URL)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lock.release()


def test_the_address_can_be_told_later(tmp_path):
    lock = Lock.acquire(tmp_path, "http://127.0.0.1:0")
    before = owner_of(tmp_path)
    lock.announce("http://[::1]:41234/")
    owner = owner_of(tmp_path)
    lock.release()
    assert before is not None
    assert owner is not None
    assert (owner.host, owner.port) == ("::1", 41234)
    assert (owner.token, owner.started) == (before.token, before.started)


def test_a_second_start_is_told_who_owns_the_folder(tmp_path):
    child = starter(tmp_path)
    go(child)
    assert heard(child) == "won"
    with pytest.raises(OwnedElsewhere) as caught:
        Lock.acquire(tmp_path, URL)
    owner = owner_of(tmp_path)
    end(child)
    assert owner is not None
    message = caught.value.message
    assert f"process {child.pid}" in message
    assert f"{URL}/0" in message
    assert owner.started.strftime("%Y-%m-%d %H:%M:%S UTC") in message
    assert owner.token not in str(caught.value)
    assert caught.value.hint


def test_owning_twice_in_one_process_is_refused(tmp_path):
    lock = Lock.acquire(tmp_path, URL)
    with pytest.raises(OwnedElsewhere, match="this process"):
        Lock.acquire(tmp_path, URL)
    lock.release()
    Lock.acquire(tmp_path, URL).release()


def test_an_owner_that_was_killed_leaves_nothing_in_the_way(tmp_path):
    child = starter(tmp_path)
    go(child)
    assert heard(child) == "won"
    child.send_signal(signal.SIGKILL)
    end(child)
    assert (tmp_path / locks.NAME).read_bytes()
    assert owner_of(tmp_path) is None
    lock = Lock.acquire(tmp_path, URL)
    assert lock.owner.pid == os.getpid()
    lock.release()


def test_of_eight_simultaneous_starts_one_wins(tmp_path):
    children = [starter(tmp_path, number) for number in range(8)]
    for _ in range(2):
        go(*children)
        said = [heard(child) for child in children]
        winners = [child for child, word in zip(children, said, strict=True) if word == "won"]
        assert len(winners) == 1
        owner = owner_of(tmp_path)
        assert owner is not None
        assert owner.pid == winners[0].pid
        losers = [word for word in said if word != "won"]
        assert all(f"process {winners[0].pid} " in word for word in losers)
        winners[0].send_signal(signal.SIGKILL)
        end(*children)
        # Once more over the stale file the killed winner left.
        children = [starter(tmp_path, number) for number in range(4)]
    end(*children)


def test_a_reused_pid_is_not_the_owner(tmp_path):
    me = ProcessId.own()
    written = {
        "pid": me.pid,
        "born": me.born - 60,
        "started": datetime.now(UTC).isoformat(),
        "url": URL,
        "token": "t",
    }
    (tmp_path / locks.NAME).write_text(json.dumps(written))
    assert owner_of(tmp_path) is None
    lock = Lock.acquire(tmp_path, URL)
    assert owner_of(tmp_path) == lock.owner
    lock.release()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"pid": "x"}', '{"pid": 1}', "\x00\xff"])
def test_a_lock_file_that_makes_no_sense_is_nobodys(tmp_path, text):
    (tmp_path / locks.NAME).write_text(text)
    assert owner_of(tmp_path) is None
    Lock.acquire(tmp_path, URL).release()


def test_a_holder_that_cannot_be_seen_is_respected(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    held = HeldFile(tmp_path / locks.NAME)
    assert held.take()
    with pytest.raises(OwnedElsewhere, match="cannot be seen"):
        Lock.acquire(tmp_path, URL)
    held.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unwritable, match="cannot be created: Not a directory"):
        Lock.acquire(tmp_path / "file" / "data", URL)
    with pytest.raises(Unwritable, match="cannot be created: a file is in its place"):
        Lock.acquire(tmp_path / "file", URL)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / locks.NAME).symlink_to(tmp_path / "file")
    with pytest.raises(Unwritable, match="cannot be written: "):
        Lock.acquire(tmp_path / "link", URL)
    assert (tmp_path / "file").read_bytes() == b""


def test_a_forked_child_neither_keeps_nor_gives_up_its_parents_file(tmp_path):
    held = HeldFile(tmp_path / "held")
    assert held.take()
    code = (
        "import os, sys, time; from pathlib import Path; from core.store.flock import HeldFile;"
        "held = HeldFile(Path(sys.argv[1])); held.take(); child = os.fork();\n"
        "if child == 0: held.close(); print(os.getpid(), flush=True); time.sleep(600)\n"
        "sys.stdin.read()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "forked")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    grandchild = int(heard(parent))
    try:
        assert is_held(tmp_path / "forked")
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        assert not is_held(tmp_path / "forked")
        os.kill(grandchild, 0)
    finally:
        os.kill(grandchild, signal.SIGKILL)
        end(parent)
    assert is_held(tmp_path / "held")
    held.close()
    assert not is_held(tmp_path / "held")


def test_a_file_replaced_under_its_holder_is_not_taken(tmp_path):
    held = HeldFile(tmp_path / "held")
    (tmp_path / "held").unlink()
    assert not held.take()
    held.close()


def test_closing_twice_leaves_the_next_file_alone(tmp_path):
    first = HeldFile(tmp_path / "first")
    first.close()
    second = HeldFile(tmp_path / "second")
    assert second.descriptor == first.descriptor
    assert second.take()
    first.close()
    assert is_held(tmp_path / "second")
    second.close()
