"""Walks over folders that hold everything a folder may hold."""

import inspect
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound, Stopped, TooLarge
from ingest.found import Caps, Found, Skipped, Watch
from ingest.walk import Walk, folder_at, read


def made(root: Path, *paths: str, text: str = "text\n") -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def found(root: Path, caps: Caps | None = None, **options: object) -> list[str]:
    walk = Walk(root, caps or Caps(), **options)
    return [each.path for each in walk.entries() if isinstance(each, Found)]


def skipped(root: Path, caps: Caps | None = None, **options: object) -> dict[str, str]:
    walk = Walk(root, caps or Caps(), **options)
    return {each.path: each.reason for each in walk.entries() if isinstance(each, Skipped)}


def test_an_empty_folder_has_nothing(tmp_path: Path):
    assert list(Walk(tmp_path, Caps()).entries()) == []


def test_files_come_in_the_same_order_whatever_the_disk_says(tmp_path: Path):
    made(tmp_path, "b.py", "a/z.py", "a/b/c.py", "a.py", "B.py", "a-b/x.py")
    wanted = ["B.py", "a.py", "b.py", "a/z.py", "a/b/c.py", "a-b/x.py"]
    assert found(tmp_path) == wanted == found(tmp_path)


def test_a_file_is_read_when_its_text_is_asked_for(tmp_path: Path):
    made(tmp_path, "a.py", text="x = 1\n")
    (entry,) = Walk(tmp_path, Caps()).entries()
    assert isinstance(entry, Found)
    text = entry.text()
    assert (entry.path, entry.size, text.text) == ("a.py", 6, "x = 1\n")
    assert entry.mtime_ns == (tmp_path / "a.py").stat().st_mtime_ns
    assert entry.read() == b"x = 1\n"


def test_every_skip_has_its_reason(tmp_path: Path):
    made(tmp_path, ".git/config", ".env", "node_modules/m/index.js", "__pycache__/a.pyc")
    made(tmp_path, "venv/pyvenv.cfg", "venv/lib/x.py", "yarn.lock", "a.log", "b.tmp", "ok.py")
    made(tmp_path, ".gitignore", text="*.log\n")
    (tmp_path / "empty.py").touch()
    (tmp_path / "large.py").write_text("x" * 101)
    (tmp_path / "new\nline.py").write_text("x")
    (tmp_path / os.fsdecode(b"latin\xe9.py")).write_text("x")
    (tmp_path / "link.py").symlink_to("ok.py")
    os.mkfifo(tmp_path / "pipe.py")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "socket.py"))
    assert skipped(tmp_path, Caps(file_bytes=100), exclude=("*.tmp",)) == {
        ".env": "hidden",
        ".git/": "hidden",
        ".gitignore": "hidden",
        "__pycache__/": "generated",
        "a.log": "ignored by .gitignore",
        "b.tmp": "excluded",
        "empty.py": "empty",
        "large.py": "too large",
        "latin?.py": "unusable name",
        "link.py": "link",
        "new?line.py": "unusable name",
        "node_modules/": "dependencies",
        "pipe.py": "not a file",
        "socket.py": "not a file",
        "venv/": "dependencies",
        "yarn.lock": "generated",
    }
    assert found(tmp_path, Caps(file_bytes=100), exclude=("*.tmp",)) == ["ok.py"]


def test_links_lead_neither_out_nor_round(tmp_path: Path):
    root = made(tmp_path / "root", "a/b.py")
    made(tmp_path, "secret.py")
    (root / "up").symlink_to("..")
    (root / "a" / "loop").symlink_to(root)
    (root / "self").symlink_to("self")
    (root / "out.py").symlink_to(tmp_path / "secret.py")
    (root / "dangling").symlink_to("nowhere")
    assert found(root) == ["a/b.py"]
    assert set(skipped(root).values()) == {"link"}


def test_a_link_put_in_a_files_place_is_not_followed(tmp_path: Path):
    made(tmp_path, "a.py", "secret.txt")
    (entry,) = (each for each in Walk(tmp_path, Caps()).entries() if each.path == "a.py")
    (tmp_path / "a.py").unlink()
    (tmp_path / "a.py").symlink_to("secret.txt")
    assert entry.text() == Skipped("a.py", "not readable")


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        read(str(tmp_path / "pipe"), 10)


def test_a_file_that_is_gone_or_has_grown_is_skipped(tmp_path: Path):
    made(tmp_path, "gone.py", "grown.py")
    gone, grown = Walk(tmp_path, Caps(file_bytes=100)).entries()
    (tmp_path / "gone.py").unlink()
    (tmp_path / "grown.py").write_text("x" * 1000)
    assert gone.text() == Skipped("gone.py", "not readable")
    assert grown.text() == Skipped("grown.py", "too large")


@contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody without rights for a moment, also if root runs the tests."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


def test_what_may_not_be_read_is_skipped():
    with tempfile.TemporaryDirectory() as name:
        root = made(Path(name), "a.py", "locked/b.py", "secret.py")
        root.chmod(0o755)
        (root / "secret.py").chmod(0)
        (root / "locked").chmod(0)
        with without_rights():
            entries = list(Walk(root, Caps()).entries())
            texts = [each if isinstance(each, Skipped) else each.text() for each in entries]
        (root / "locked").chmod(0o700)
    reasons = {each.path: getattr(each, "reason", "") for each in texts}
    assert reasons == {"a.py": "", "locked/": "not readable", "secret.py": "not readable"}


def test_two_gigabytes_are_not_read(tmp_path: Path):
    with (tmp_path / "huge.py").open("wb") as file:
        file.truncate(2 << 30)
    assert skipped(tmp_path) == {"huge.py": "too large"}
    assert len(read(str(tmp_path / "huge.py"), 1000)) == 1001


def nested(root: Path, names: list[str]) -> None:
    """Make folders in one another, past what a single path may say."""
    here = os.open(root, os.O_RDONLY)
    for name in names:
        os.mkdir(name, dir_fd=here)
        inner = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def test_nesting_ends_where_the_disk_ends_it(tmp_path: Path):
    made(tmp_path, "a.py")
    nested(tmp_path, ["d" * 250] * 18)
    first, last = Walk(tmp_path, Caps()).entries()
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 250))], check=True)
    assert first.path == "a.py"
    assert getattr(last, "reason", "") == "not readable"


def test_nesting_costs_no_stack(tmp_path: Path):
    nested(tmp_path, ["d"] * 150)
    made(tmp_path, "d/" * 150 + "a.py")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        entries = list(Walk(tmp_path, Caps()).entries())
    finally:
        sys.setrecursionlimit(limit)
    assert [each.path for each in entries] == ["d/" * 150 + "a.py"]


def test_include_and_exclude_are_globs_of_the_shown_path(tmp_path: Path):
    made(tmp_path, "src/a.py", "src/b.js", "src/tests/t.py", "docs/x.md", "a.py")
    assert found(tmp_path, include=("*.py",)) == ["a.py", "src/a.py", "src/tests/t.py"]
    assert found(tmp_path, include=("/src/",), exclude=("tests/",)) == ["src/a.py", "src/b.js"]
    assert skipped(tmp_path, include=("*.md",))["a.py"] == "not included"
    assert skipped(tmp_path, exclude=("src/",)) == {"src/": "excluded"}
    assert found(tmp_path / "src", prefix="src/", include=("src/*.py",)) == ["src/a.py"]


def test_one_file_of_a_folder_can_be_all(tmp_path: Path):
    made(tmp_path, "one.py", "two.py", "sub/one.py")
    assert found(tmp_path, only="one.py") == ["one.py"]


def test_caps_end_a_walk(tmp_path: Path):
    made(tmp_path, "a.py", "b.py", "c.py")
    assert len(found(tmp_path, Caps(files=3, total_bytes=15))) == 3
    with pytest.raises(TooLarge, match="more than 2 files"):
        found(tmp_path, Caps(files=2))
    with pytest.raises(TooLarge, match="MB of files"):
        found(tmp_path, Caps(total_bytes=14))


def test_a_walk_ends_when_asked_to(tmp_path: Path):
    made(tmp_path, "a.py", "b.py", "c.py")
    answers = iter([False, False, True])
    with pytest.raises(Stopped):
        list(Walk(tmp_path, Caps(), Watch(stop=lambda: next(answers))).entries())


def test_a_folder_is_what_it_is_called(tmp_path: Path):
    made(tmp_path, "file.py")
    (tmp_path / "link").symlink_to(tmp_path)
    assert folder_at(str(tmp_path / "link")) == tmp_path.resolve()
    with pytest.raises(NotFound, match="no folder"):
        folder_at(str(tmp_path / "nowhere"))
    with pytest.raises(BadInput, match="is a file, not a folder"):
        folder_at(str(tmp_path / "file.py"))
    with pytest.raises(NotFound, match="cannot be read"):
        found(tmp_path / "nowhere")
