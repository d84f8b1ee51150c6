"""Files become cut files in parts; what is known or done already is left alone."""

import dataclasses
import hashlib

import pytest

from core.documents import Chunk
from ingest import legible, parts, pipeline
from ingest.chunk import cutting
from ingest.found import Caps, Found, Skipped, Tree
from ingest.pipeline import Parts, identified, read
from ingest.walk import Walk

CODE = cutting("code")


def tree(root) -> Tree:
    return Tree("r1", files=lambda: Walk(root, Caps()).entries())


def quiet(*_) -> None:
    """Say nothing."""


@pytest.fixture
def out(tmp_path):
    """Return what makes parts in one folder, as attempt after attempt does."""
    folder = tmp_path / "job"
    folder.mkdir()

    def made(emitted: list) -> Parts:
        return Parts(folder, emitted.append)

    made.folder = folder
    return made


def written(out, emitted) -> dict[str, list[Chunk]]:
    """Return the chunks by path that the parts named in order leave behind."""
    found = {}
    for record in emitted:
        for each in parts.read_cut(out.folder / record["part"]):
            found[each.file.path] = each.chunks
    return found


def test_every_file_is_cut_once_and_named_by_its_hash(project, out):
    emitted = []
    tally = read(tree(project), {}, CODE, out(emitted), quiet)
    found = written(out, emitted)
    assert sorted(found) == sorted(tally.paths) == ["README.md", "shop/basket.py", "shop/mail.py"]
    assert [chunk.symbol for chunk in found["shop/basket.py"]] == ["add_item", "total_price"]
    assert (tally.seen, tally.cut) == (3, 3)
    hashes = parts.hashes(out.folder / emitted[0]["part"])
    raw = (project / "README.md").read_bytes()
    assert hashes["README.md"] == hashlib.sha256(raw).hexdigest()
    assert tally.size == sum(path.stat().st_size for path in project.rglob("*.*"))


def test_what_is_known_is_not_cut_again(project, out):
    first = []
    read(tree(project), {}, CODE, out(first), quiet)
    known = parts.hashes(out.folder / first[0]["part"])
    (project / "shop" / "mail.py").write_text("def changed(): ...\n")
    second = []
    for path in out.folder.iterdir():
        path.unlink()
    tally = read(tree(project), known, CODE, out(second), quiet)
    assert list(written(out, second)) == ["shop/mail.py"]
    assert (tally.cut, len(tally.paths)) == (1, 3)


def test_an_attempt_goes_on_where_the_last_one_died(project, out, monkeypatch):
    monkeypatch.setattr(pipeline, "PART_BYTES", 1)
    first = []

    def dies(_fraction, text):
        if "file 3" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(tree(project), {}, CODE, out(first), dies)
    second = []
    tally = read(tree(project), {}, CODE, out(second), quiet)
    assert second[: len(first)] == first
    assert tally.cut == 1
    assert sorted(written(out, second)) == sorted(tally.paths)


def test_a_file_changed_between_attempts_is_cut_again(project, out):
    read(tree(project), {}, CODE, out([]), quiet)
    (project / "README.md").write_text("# Other\n")
    second = []
    assert read(tree(project), {}, CODE, out(second), quiet).cut == 1
    assert written(out, second)["README.md"][0].text == "# Other\n"


def test_a_file_that_went_back_to_what_is_served_is_written_again(project, out):
    """What an unfinished attempt staged of it must not win."""
    known = {"README.md": hashlib.sha256((project / "README.md").read_bytes()).hexdigest()}
    original = (project / "README.md").read_text()
    (project / "README.md").write_text("# Other\n")
    read(tree(project), known, CODE, out([]), quiet)
    (project / "README.md").write_text(original)
    second = []
    read(tree(project), known, CODE, out(second), quiet)
    assert written(out, second)["README.md"][0].text == original


def test_what_is_left_out_is_counted_and_what_failed_is_named(project, out):
    (project / "picture.png").write_bytes(b"\x89PNG\x00\x00")
    (project / "empty.py").touch()

    def unreadable() -> bytes:
        raise PermissionError("no")

    def files():
        yield from Walk(project, Caps()).entries()
        yield Found("secret.py", 10, unreadable, 100)
        yield Skipped("node_modules/", "dependencies")

    tally = read(Tree("", files=files), {}, CODE, out([]), quiet)
    told = tally.summary()
    assert told["failed"] == [{"path": "secret.py", "why": legible.UNREADABLE}]
    assert told["failures"] == 1
    assert told["folders"] == {"dependencies": 1}
    assert told["skipped"]["empty"] == 1
    assert told["seen"] == told["indexed"] + sum(told["skipped"].values()) + told["failures"] == 6


def test_ids_say_where_and_what():
    chunk = Chunk("a.py", 1, 2, "x = 1\n", span=(0, 6))
    assert identified(chunk).id == identified(chunk).id
    for change in ({"path": "b.py"}, {"text": "x = 2\n"}, {"span": (1, 7)}):
        assert identified(dataclasses.replace(chunk, **change)).id != identified(chunk).id
    # Lines may move without a new id only where bytes stay: a line is where a byte is.
    assert len(identified(chunk).id) == 20


def test_ready_chunks_keep_their_ids_and_are_kept_together_by_path(out):
    given = [
        Chunk("a", 1, 1, "one", id="1"),
        Chunk("b", 1, 1, "two", id="2"),
        Chunk("a", 1, 1, "three", id="3"),
    ]

    def chunks():
        yield from given
        yield Skipped("line 4", "not JSON")

    source = Tree("", chunks=chunks, is_chunks=True)
    first = []
    tally = read(source, {}, CODE, out(first), quiet)
    found = written(out, first)
    assert {path: [chunk.id for chunk in each] for path, each in found.items()} == {
        "a": ["1", "3"],
        "b": ["2"],
    }
    assert (tally.seen, dict(tally.skipped)) == (4, {"not JSON": 1})
    known = parts.hashes(out.folder / first[0]["part"])
    for path in out.folder.iterdir():
        path.unlink()
    assert read(source, known, CODE, out([]), quiet).cut == 0


def test_a_stream_of_rows_has_no_total(project, out):
    said = []
    stream = dataclasses.replace(tree(project), is_stream=True)
    read(stream, {}, CODE, out([]), lambda fraction, text: said.append((fraction, text)))
    assert said[0] == (None, "Reading file 1.")
