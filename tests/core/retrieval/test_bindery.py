"""Writing an index: only what changed, whole or not at all, and never into what serves."""

from pathlib import Path

import pytest

from core.errors import Unwritable
from core.retrieval import indexing
from tests.core.retrieval.keeping import EMBEDDER, NAME, Bench, finds, many, vector


def test_what_was_written_is_found_also_by_the_next_start(each):
    generation = each.publish(many())
    written = each.write()
    assert (written.count, written.added, written.rebuilt) == (48, 48, True)
    assert each.keeper.last(NAME) == written
    for _ in range(2):
        opened = each.open()
        assert (opened.notice, opened.generation) == ("", generation)
        assert finds(opened, "two7") == "7.py/0#1"
        opened.close()
        each.keeper.close()
        each.keep(each.keeper._bindery._backend)


def test_a_second_writing_does_nothing(each):
    each.publish(many())
    each.write()
    before = each.manifest()
    written = each.write()
    assert (written.added, written.removed, written.rebuilt) == (0, 0, False)
    assert each.manifest() == before


def test_one_edited_and_one_deleted_file_change_only_themselves(each):
    each.publish(many())
    each.write()
    first = each.manifest()
    texts = {**many(), "7.py": "one7 changed"}
    del texts["3.py"]
    generation = each.publish(texts)
    written = each.write()
    assert (written.added, written.removed, written.rebuilt) == (1, 2, False)
    opened = each.open()
    assert (opened.generation, opened.notice) == (generation, "")
    assert finds(opened, "changed") == "7.py/0#1"
    assert finds(opened, "one7") == "7.py/0#0"
    assert {finds(opened, word) for word in ("two7", "one3", "two3")} == {""}
    assert len(opened.index.query(vector("x"), 1000)) == 46
    opened.close()
    assert each.manifest().changed == 3
    assert each.folders() == [each.manifest().folder] != [first.folder]


def test_a_generation_with_the_same_chunks_needs_no_new_index(bench):
    bench.publish(many())
    bench.write()
    folder = bench.manifest().folder
    generation = bench.publish(many())
    assert bench.open().notice == ""
    assert not bench.write().rebuilt
    assert (bench.manifest().folder, bench.manifest().generation) == (folder, generation)


def test_a_large_change_is_written_in_one_go(bench):
    bench.publish(many(20))
    bench.write()
    bench.publish(many(60))
    assert bench.write().rebuilt
    for turn in range(3):
        bench.publish({**many(60), **{f"{n}.py": f"again{turn}" for n in range(10)}})
        written = bench.write()
        changed = bench.manifest().changed
    assert changed <= 0.5 * written.count


@pytest.mark.parametrize("backend", ["faiss", "chroma"])
def test_damage_to_any_file_is_mended(tmp_path, backend):
    bench = Bench(tmp_path, backend)
    bench.publish(many())
    bench.write()
    names = [path.name for path in files_of(bench)]
    assert "ids.arrow" in names
    for name, damage in [*((name, cut) for name in names), *DAMAGE[backend]]:
        bench.keeper.close()
        damage(next(path for path in files_of(bench) if path.name == name))
        bench.keep(backend)
        opened = bench.open()
        assert opened.index is None, (name, damage)
        opened = bench.mended()
        assert opened.notice == "", (name, damage)
        assert finds(opened, "two19") == "19.py/0#1"
        opened.close()
        assert len(bench.folders()) == 1
    bench.keeper.close()
    bench.store.close()


def files_of(bench: Bench) -> list[Path]:
    """Return the files of the index that serves, the empty ones left out."""
    folder = bench.home / bench.manifest().folder
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.stat().st_size)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turned(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 0xFF
    path.write_bytes(bytes(body))


# Half of a file is enough to see; these would end the process if the library were to read them.
DAMAGE = {
    "faiss": [("index.faiss", turned), ("index.faiss", Path.unlink)],
    "chroma": [
        ("data_level0.bin", turned),
        ("header.bin", turned),
        ("chroma.sqlite3", Path.unlink),
    ],
}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"corpus": "lib"}'])
def test_a_manifest_nobody_can_read_is_written_anew(bench, text):
    bench.publish(many())
    bench.write()
    (bench.home / "manifest.json").write_text(text)
    assert bench.open().index is None
    assert finds(bench.mended(), "one1") == "1.py/0#0"
    assert len(bench.folders()) == 1


def test_another_embedder_or_backend_gets_an_index_of_its_own(bench):
    bench.publish(many())
    bench.write()
    bench.keeper.close()
    bench.keep("faiss-hnsw")
    assert bench.open().index is None
    opened = bench.mended()
    assert (finds(opened, "one1"), bench.manifest().backend) == ("1.py/0#0", "faiss-hnsw")
    assert bench.keeper.open(NAME, "other").notice.startswith("0 of")
    opened.close()
    assert len(bench.folders()) == 1


def test_leftovers_of_a_crash_are_swept(bench):
    bench.publish(many())
    bench.write()
    stray = bench.home / "vectors-9-dead"
    stray.mkdir()
    (stray / "half").write_text("x")
    other = bench.home / "lexical-1"
    other.mkdir()
    bench.write()
    assert bench.folders() == [bench.manifest().folder]
    assert other.is_dir()


def test_a_full_disk_is_said_and_what_served_still_does(bench, monkeypatch):
    bench.publish(many())
    bench.write()
    first = bench.manifest()
    bench.publish({**many(), "7.py": "brand new"})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.retrieval.manifest.Rows.save", full)
    with pytest.raises(Unwritable, match="No space left"):
        bench.write()
    assert bench.folders() == [first.folder]
    opened = bench.open()
    assert finds(opened, "one1") == "1.py/0#0"
    opened.close()


def test_progress_of_a_writing_is_told(bench, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 30)
    bench.publish(many())
    told: list[tuple[float, str]] = []
    bench.keeper.write(NAME, EMBEDDER, lambda share, text: told.append((share, text)))
    assert [share for share, _ in told] == [30 / 48, 1.0]
    assert told[0][1] == "Wrote 30 of 48 vectors to the index"
