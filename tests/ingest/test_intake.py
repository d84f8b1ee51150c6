"""An ingest from both ends: what is served afterwards, and after a death at any moment."""

import json
import random
import resource
import shutil

import pytest

from core.errors import PlumblineError, StateError, Unwritable
from core.jobs import journal
from core.retrieval.columns import Columns
from core.retrieval.found import Query
from core.retrieval.lexical import LexicalIndex
from ingest import pipeline
from ingest.exchange import asked
from ingest.intake import Intake
from ingest.work import LEXICAL
from tests.ingest.conftest import Bench, Died


def hits(bench: Bench, text: str, mode="lexical", name="mine") -> list[str]:
    found = bench.library.search(Query(text, name, mode, 5))
    return [hit.chunk.symbol or hit.chunk.path for hit in found.hits + found.misses]


def served(bench: Bench, name="mine") -> dict:
    """Return all that a served generation says, without its number and its times."""
    corpus = bench.corpora.get(name)
    report = {k: corpus.report[k] for k in ("files", "chunks", "tokens", "canaries", "bytes")}
    report["files"].pop("changed")
    index = LexicalIndex.open(bench.library.words(name, corpus.generation))
    rows = Columns(bench.corpora.live(name))
    return {
        "state": corpus.state,
        "files": bench.corpora.files(name),
        "rows": {column: list(values) for column, values in rows.items()},
        "report": report,
        "ranks": index.updated(rows).rank("deliver the basket", 10),
    }


def test_what_was_read_is_served_and_told(bench, project):
    (project / "logo.png").write_bytes(b"\x00\x01")
    report = bench.run(project)
    corpus = bench.corpora.get("mine")
    assert (corpus.state, corpus.generation, corpus.error) == ("lexical", 1, None)
    assert hits(bench, "total price")[0] == "total_price"
    assert report["files"] == {"seen": 4, "indexed": 3, "changed": 3, "skipped": 1, "failed": 0}
    assert sum(report["skipped"].values()) == 1
    assert report["chunks"] == sum(report["languages"].values()) == sum(report["kinds"].values())
    assert report["chunks"] == len(bench.corpora.live("mine"))
    assert report["index_bytes"] > 0
    assert {"find", "read", "cut", "lexical", "total"} <= set(report["seconds"])
    assert report["freshness"]["stale"] is False
    assert {song["stage"] for song in report["canaries"]} == {"words"}
    assert all(song["passed"] for song in report["canaries"])


def test_nothing_is_done_where_nothing_changed(bench, project):
    before = bench.run(project)
    job = bench.job(project)
    records = []
    bench.follow(job, bench.start(job, records.append))
    assert [record.get("ask") for record in records] == ["known", "read"]
    corpus = bench.corpora.get("mine")
    assert corpus.generation == 1
    assert corpus.report["files"]["changed"] == 0
    assert corpus.report["chunks"] == before["chunks"]


def test_an_edited_file_alone_is_cut_again(bench, project):
    bench.run(project)
    kept = set(bench.corpora.live("mine")["id"].to_pylist())
    (project / "shop" / "mail.py").write_text("def carry_letter(): ...\n")
    assert bench.run(project)["files"]["changed"] == 1
    assert hits(bench, "carry letter")[0] == "carry_letter"
    assert "deliver_parcel" not in " ".join(hits(bench, "deliver parcel"))
    now = set(bench.corpora.live("mine")["id"].to_pylist())
    assert {row for row in kept if row in now} == {
        row["id"] for row in bench.corpora.live("mine").to_pylist() if "mail" not in row["path"]
    }


def test_a_file_that_is_gone_is_gone_from_everything(bench, project):
    bench.run(project)
    (project / "shop" / "basket.py").unlink()
    bench.run(project)
    assert sorted(bench.corpora.files("mine")) == ["README.md", "shop/mail.py"]
    assert "add_item" not in hits(bench, "add item basket")
    index = LexicalIndex.open(bench.library.words("mine", 2)).updated(
        Columns(bench.corpora.live("mine"))
    )
    assert "shop/basket.py" not in {chunk.path for chunk in bench.corpora.chunks("mine", index.ids)}


def test_another_way_of_cutting_cuts_everything_again(bench, project):
    bench.run(project)
    report = bench.run(project, cutting="window-256")
    assert report["files"]["changed"] == 3
    assert bench.corpora.get("mine").settings["cutting"] == "window-256"
    assert bench.run(project, cutting="window-256")["files"]["changed"] == 0


def test_a_source_without_text_is_refused(bench, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.png").write_bytes(b"\x00")
    with pytest.raises(PlumblineError, match="no text to index in empty"):
        bench.run(tmp_path / "empty")
    assert bench.corpora.get("mine").generation == 0


def test_a_folder_that_lost_all_its_text_leaves_the_old_index(bench, project):
    bench.run(project)
    for path in project.rglob("*.*"):
        path.write_bytes(b"")
    with pytest.raises(PlumblineError, match="no text to index"):
        bench.run(project)
    assert hits(bench, "total price")[0] == "total_price"


def test_ready_chunks_are_found_by_the_ids_they_came_with(bench, tmp_path):
    rows = [{"id": f"doc {n}", "path": "x", "text": f"The colour of {n} is {w}."} for n, w in
            enumerate(("crimson", "azure", "olive"))]  # fmt: skip
    path = tmp_path / "chunks.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\nnot json\n")
    report = bench.run(path, corpus=True)
    found = bench.library.search(Query("azure", "mine", "lexical", 1))
    assert [(hit.chunk.id, hit.chunk.text) for hit in found.hits + found.misses][:1] == [
        ("doc 1", "The colour of 1 is azure.")
    ]
    assert report["skipped"] == {"not JSON": 1}


@pytest.fixture
def whole(bench, project, monkeypatch):
    """Return an edit with a deletion, and what an uninterrupted ingest serves after it."""
    monkeypatch.setattr(pipeline, "PART_BYTES", 1)

    def edit():
        (project / "shop" / "mail.py").write_text("def carry_letter(): ...\n")
        (project / "shop" / "new.py").write_text("def weigh_parcel(): ...\n")
        (project / "shop" / "basket.py").unlink()

    bench.run(project)
    edit()
    bench.run(project)
    expected = served(bench)
    bench.close()
    shutil.rmtree(bench.folder)
    return edit, expected


def before_edit(bench: Bench, project) -> Bench:
    """Return a fresh folder with the index as it was before the edit."""
    fresh = Bench(bench.folder)
    (project / "shop" / "new.py").unlink()
    (project / "shop" / "mail.py").write_text("class Courier: ...\n")
    (project / "shop" / "basket.py").write_text("def add_item(basket, item): ...\n")
    fresh.run(project)
    return fresh


@pytest.mark.parametrize("after", range(1, 7))
def test_a_worker_that_dies_after_any_record_is_made_up_for(bench, project, whole, after):
    edit, expected = whole
    bench = before_edit(bench, project)
    try:
        edit()
        job = bench.job(project)
        count = 0

        def dies(_record):
            nonlocal count
            count += 1
            if count == after:
                raise Died

        run = bench.start(job, dies)
        bench.follow(job, run)
        assert isinstance(run.error, Died) or count < after
        if bench.corpora.get("mine").generation == 1:
            assert hits(bench, "add item")[0] == "add_item"
        job = bench.again(job)
        bench.follow(job, bench.start(job))
        assert served(bench) == expected
    finally:
        bench.close()


@pytest.mark.parametrize("after", range(6))
def test_an_owner_that_dies_after_any_record_is_followed_by_another(bench, project, whole, after):
    edit, expected = whole
    bench = before_edit(bench, project)
    try:
        edit()
        job = bench.job(project)
        run = bench.start(job)
        folder = bench.folder_of(job)
        first, taken = Intake(job, folder, bench.library), []
        while len(taken) < after and run.is_alive():
            found = [r for r in journal.read(job.id, folder, 0).records if r.kind == "result"]
            taken = found[:after]
            first.take(taken)
        bench = bench.reopened()
        bench.follow(job, run)
        assert run.error is None
        assert served(bench) == expected
    finally:
        bench.close()


def many(root, count=40) -> None:
    """Write files of which no two share a word."""
    root.mkdir(exist_ok=True)
    for n in range(count):
        word = "".join(chr(ord("a") + (n * 7 + k * (n + 3)) % 26) for k in range(12))
        (root / f"{n}.py").write_text(f"def {word}():\n    return '{word[::-1]}'\n")


def test_a_word_index_that_finds_the_wrong_things_does_not_serve(bench, tmp_path):
    root = tmp_path / "many"
    many(root)
    bench.run(root)
    before = served(bench)
    (root / "more.py").write_text("def another_thing(): ...\n")
    job = bench.job(root)

    def spoil(record):
        question = asked(record)
        if question and question.name == "indexed":
            live = bench.corpora.live("mine", bench.corpora.staged("mine"))
            rows = {column: list(values) for column, values in Columns(live).items()}
            for column in ("text", "symbol"):
                rows[column] = rows[column][7:] + rows[column][:7]
            shutil.rmtree(bench.folder_of(job) / LEXICAL)
            LexicalIndex.build(rows).save(bench.folder_of(job) / LEXICAL)

    run = bench.start(job, emitting=spoil)
    bench.follow(job, run)
    assert isinstance(run.error, StateError)
    assert "canary queries and does not serve" in run.error.message
    corpus = bench.corpora.get("mine")
    assert corpus.generation == 1
    refused = corpus.report["refused"]["canaries"]
    assert sum(not song["passed"] for song in refused) > len(refused) / 4
    assert served(bench)["ranks"] == before["ranks"]
    bench.run(root)
    assert bench.corpora.get("mine").generation == 3
    assert "refused" not in bench.corpora.get("mine").report


def test_a_part_that_cannot_be_taken_in_ends_the_ingest_in_words(bench, project):
    job = bench.job(project)

    def spoil(record):
        if "part" in record:
            (bench.folder_of(job) / record["part"]).unlink()

    run = bench.start(job, emitting=spoil)
    bench.follow(job, run)
    assert isinstance(run.error, StateError)
    assert "could not be written" in run.error.message or "No such file" in str(run.error)
    assert bench.corpora.get("mine").generation == 0


def test_a_corpus_deleted_meanwhile_ends_the_ingest(bench, project):
    job = bench.job(project)

    def delete(record):
        if record.get("ask") == "read":
            bench.library.delete("mine")

    run = bench.start(job, emitting=delete)
    bench.follow(job, run)
    assert "There is no corpus 'mine'" in str(run.error)


def test_a_full_disk_is_said_and_the_old_index_serves_until_there_is_room(bench, project):
    bench.run(project)
    dice = random.Random(0)
    noise = "\n".join(f"x_{n} = '{dice.randbytes(40).hex()}'" for n in range(2000))
    (project / "big.py").write_text(noise)
    job = bench.job(project)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, hard))
    try:
        run = bench.start(job)
        bench.follow(job, run)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(run.error, Unwritable)
    assert "Free some space" in run.error.hint
    assert list(bench.folder_of(job).glob("*.new")) == []
    assert bench.corpora.get("mine").generation == 1
    assert hits(bench, "total price")[0] == "total_price"
    job = bench.again(job)
    bench.follow(job, bench.start(job))
    assert "big.py" in bench.corpora.files("mine")
