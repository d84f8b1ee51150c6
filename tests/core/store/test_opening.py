"""Files that are damaged, foreign, newer, open elsewhere, or in a folder that refuses."""

import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest

from core.errors import Corrupt, OwnedElsewhere, PlumblineError, StateError, Unwritable
from core.store import opening
from core.store.chats import Chats
from core.store.connection import Store

FILE = "plumbline.duckdb"
BLOCK = 262_144
READ_MESSAGES = "SELECT sum(length(content)) FROM messages"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> bytes:
    folder = tmp_path_factory.mktemp("filled")
    store = Store.open(folder)
    chats = Chats(store)
    chat = chats.create("o", "kept")
    for number in range(60):
        chats.append("o", chat.id, "user", os.urandom(5000).hex() + str(number))
    store.close()
    return (folder / FILE).read_bytes()


def flipped(data: bytes, *places: int) -> bytes:
    changed = bytearray(data)
    for place in places:
        changed[place] ^= 0xFF
    return bytes(changed)


def a_block_of_messages(folder: Path, data: bytes) -> int:
    """Return a place whose damage shows only when messages are read, not at the opening."""
    scratch = folder / "scratch.duckdb"
    for place in range(12288 + 99, len(data), BLOCK):
        scratch.write_bytes(flipped(data, place))
        try:
            with duckdb.connect(scratch) as connection:
                connection.execute("SELECT * FROM chats").fetchall()
                with pytest.raises(duckdb.Error):
                    connection.execute(READ_MESSAGES).fetchall()
        except (duckdb.Error, pytest.fail.Exception):
            continue
        finally:
            scratch.unlink()
        return place
    raise AssertionError("no block holds messages alone")


DAMAGE = {
    "empty": lambda data: b"",
    "text": lambda data: b"these are not the records you look for\n" * 500,
    "zeros": lambda data: bytes(len(data)),
    "cut to its headers": lambda data: data[:8192],
    "cut in half": lambda data: data[: len(data) // 2],
    "main header flipped": lambda data: flipped(data, 20),
    "both database headers flipped": lambda data: flipped(data, 4196, 8292),
    "a block of rows flipped": lambda data: flipped(data, *range(12288 + 99, len(data), BLOCK)),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_file_is_moved_aside_and_said(tmp_path, filled, name):
    bad = DAMAGE[name](filled)
    (tmp_path / FILE).write_bytes(bad)
    store = Store.open(tmp_path)
    moved = [path for path in tmp_path.iterdir() if ".damaged-" in path.name]
    assert [path.read_bytes() for path in moved] == [bad]
    assert re.fullmatch(r"plumbline\.duckdb\.damaged-\d{8}T\d{6}Z", moved[0].name)
    assert len(store.notices) == 1
    assert moved[0].name in store.notices[0]
    assert Chats(store).create("o").title == "New chat"
    store.close()
    again = Store.open(tmp_path)
    assert again.notices == ()
    assert len(Chats(again).list("o")) == 1
    again.close()


def test_the_log_beside_a_damaged_file_is_moved_with_it(tmp_path):
    (tmp_path / FILE).write_bytes(b"nonsense" * 1000)
    (tmp_path / f"{FILE}.wal").write_bytes(b"the log")
    store = Store.open(tmp_path)
    store.close()
    moved = sorted(path.name for path in tmp_path.iterdir() if ".damaged-" in path.name)
    assert len(moved) == 2
    assert moved[1] == f"{moved[0]}.wal"
    assert (tmp_path / moved[1]).read_bytes() == b"the log"


def test_a_log_of_another_file_is_moved_and_the_records_stay(tmp_path, filled):
    (tmp_path / FILE).write_bytes(filled)
    code = (
        "import sys, os; from pathlib import Path; from core.store.connection import Store;"
        "from core.store.chats import Chats; store = Store.open(Path(sys.argv[1]));"
        "Chats(store).create('o');"
        "os._exit(0)"
    )
    other = tmp_path / "other"
    subprocess.run([sys.executable, "-c", code, str(other)], cwd=ROOT, check=True)
    (other / f"{FILE}.wal").rename(tmp_path / f"{FILE}.wal")
    store = Store.open(tmp_path)
    assert [chat.title for chat in Chats(store).list("o")] == ["kept"]
    assert len(store.notices) == 1
    assert "last changes" in store.notices[0]
    store.close()
    moved = [path.name for path in tmp_path.iterdir() if ".damaged-" in path.name]
    assert len(moved) == 1
    assert moved[0].endswith(".wal")


def test_damage_in_a_large_file_is_found_when_read_and_moved_aside_at_the_next_start(
    tmp_path, filled, monkeypatch
):
    monkeypatch.setattr(opening, "CHECKED_WHOLE", 0)
    (tmp_path / FILE).write_bytes(flipped(filled, a_block_of_messages(tmp_path, filled)))
    store = Store.open(tmp_path)
    assert store.notices == ()
    with pytest.raises(Corrupt) as caught:
        store.rows(READ_MESSAGES)
    assert "next start" in caught.value.hint
    with suppress(PlumblineError):
        store.close()
    again = Store.open(tmp_path)
    assert len(again.notices) == 1
    again.close()
    names = {path.name for path in tmp_path.iterdir()}
    assert f"{FILE}.check" not in names
    assert any(".damaged-" in name for name in names)


def test_two_damaged_files_in_one_second_do_not_overwrite_each_other(tmp_path):
    for number in range(3):
        (tmp_path / FILE).write_bytes(b"nonsense %d" % number * 1000)
        Store.open(tmp_path).close()
    moved = [path.read_bytes()[:10] for path in tmp_path.iterdir() if ".damaged-" in path.name]
    assert sorted(moved) == [b"nonsense 0", b"nonsense 1", b"nonsense 2"]


def test_a_log_without_its_file_is_kept_and_said(tmp_path):
    (tmp_path / f"{FILE}.wal").write_bytes(b"the log")
    store = Store.open(tmp_path)
    assert "no record file beside it" in store.notices[0]
    store.close()
    assert [p.read_bytes() for p in tmp_path.iterdir() if "damaged" in p.name] == [b"the log"]


def test_a_creation_that_was_cut_short_leaves_no_damage(tmp_path):
    (tmp_path / f"{FILE}.new").write_bytes(b"half a file")
    store = Store.open(tmp_path)
    assert store.notices == ()
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_file_of_a_newer_database_version_is_refused_and_left_alone(tmp_path, filled):
    newer = bytearray(filled)
    # The version stands behind the checksum and the magic word.
    newer[12:20] = (9999).to_bytes(8, "little")
    (tmp_path / FILE).write_bytes(newer)
    # The header carries a checksum; the library says which one it expected.
    with pytest.raises(duckdb.Error, match="computed checksum") as caught:
        duckdb.connect(tmp_path / FILE)
    computed = re.search(r"computed checksum (\d+)", str(caught.value))
    assert computed
    newer[0:8] = int(computed[1]).to_bytes(8, "little")
    (tmp_path / FILE).write_bytes(newer)
    with pytest.raises(StateError, match="newer DuckDB"):
        Store.open(tmp_path)
    assert (tmp_path / FILE).read_bytes() == newer


def test_a_file_open_in_another_process_is_refused_and_left_alone(tmp_path, filled):
    (tmp_path / FILE).write_bytes(filled)
    code = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / FILE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(OwnedElsewhere):
            Store.open(tmp_path)
    finally:
        other.communicate()
    assert (tmp_path / FILE).read_bytes() == filled
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written_is_said_with_a_hint(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    for folder in (blocked, blocked / "data", Path("/dev/null/data")):
        with pytest.raises(Unwritable) as caught:
            Store.open(folder)
        assert "DATA_DIR" in caught.value.message
        assert "DATA_DIR" in caught.value.hint


def test_a_record_file_that_is_a_folder_is_refused(tmp_path):
    (tmp_path / FILE).mkdir()
    with pytest.raises(StateError):
        Store.open(tmp_path)
    assert (tmp_path / FILE).is_dir()


def test_threads_and_memory_are_set_for_a_small_machine():
    chosen = opening.options("100MB")
    assert chosen["memory_limit"] == "100MB"
    assert 1 <= int(str(chosen["threads"])) <= 4
