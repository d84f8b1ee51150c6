"""Corpora: a generation is written beside the served one and takes its place in one go."""

import random
from dataclasses import replace

import pytest

from core.documents import Chunk
from core.errors import BadInput, NotFound, StateError
from core.store.corpora import Corpora, FileRow
from core.store.embeddings import Embeddings
from tests.core.store import corpus_kills as kills


def chunk(path: str, n: int = 0, text: str = "", **more) -> Chunk:
    return Chunk(
        path=path,
        start=n * 10 + 1,
        end=n * 10 + 9,
        text=text or f"text {n} of {path}",
        id=f"{path}/{n}",
        span=(n * 100, n * 100 + 99),
        **more,
    )


def file(path: str, *chunks: Chunk, hash: str = "h") -> tuple[FileRow, list[Chunk]]:
    return FileRow(path, hash, 100, "python"), list(chunks or [chunk(path, 0), chunk(path, 1)])


@pytest.fixture
def corpora(store):
    return Corpora(store)


def created(corpora: Corpora, name: str = "lib") -> int:
    corpora.create(name, "A library", {"kind": "folder"}, {"cutting": "code"})
    return corpora.begin(name)


def published(corpora: Corpora, *files, name: str = "lib") -> int:
    generation = created(corpora, name)
    corpora.stage(name, generation, files)
    corpora.publish(name, generation)
    return generation


def ids(corpora: Corpora, generation: int | None = None, **filters) -> list[str]:
    return corpora.live("lib", generation, **filters).column("id").to_pylist()


def test_a_new_corpus_serves_nothing(corpora):
    corpus = corpora.create("lib", "A library", {"kind": "folder"}, {"cutting": "code"}, "job")
    assert (corpus.state, corpus.generation, corpus.job_id) == ("building", 0, "job")
    assert (corpus.title, corpus.source) == ("A library", {"kind": "folder"})
    assert corpora.list() == [corpus]
    assert corpora.files("lib") == {}
    assert ids(corpora) == []
    assert corpora.size("lib") == (0, 0)


def test_a_chunk_comes_back_as_it_was(corpora):
    whole = Chunk(
        path="a/ü b.py",
        start=3,
        end=9,
        text="\tdef f(*a, **k):\r\n        return 'ünï ✓'\n\n",
        kind="method",
        symbol="C.f",
        names=("*a", "**k"),
        language="python",
        source="pkg 1.0",
        id="0123#'\"",
        span=(17, 2**40),
        context="class C(Base):",
    )
    plain = chunk("a/ü b.py", 1)
    published(corpora, file("a/ü b.py", whole, plain))
    assert corpora.chunks("lib", ["0123#'\"", "unknown", plain.id]) == [whole, plain]
    assert corpora.chunks("lib", [plain.id, "0123#'\""]) == [plain, whole]
    row = corpora.live("lib").to_pylist()[0]
    assert (row["span_start"], row["span_end"], row["names"]) == (17, 2**40, ["*a", "**k"])
    assert row["text"] == whole.text


def test_staged_files_are_seen_only_once_published(corpora):
    first = published(corpora, file("a.py"), file("b.py"))
    second = corpora.begin("lib")
    corpora.stage("lib", second, [file("a.py", chunk("a.py", 7), hash="new")])
    corpora.drop("lib", second, ["b.py", "never-there.py"])
    assert corpora.files("lib") == {"a.py": "h", "b.py": "h"}
    assert ids(corpora) == ["a.py/0", "a.py/1", "b.py/0", "b.py/1"]
    assert ids(corpora, second) == ["a.py/7"]
    assert corpora.staged("lib") == second
    corpus = corpora.publish("lib", second, "lexical", {"files": 1})
    assert (corpus.generation, corpus.state, corpus.report) == (second, "lexical", {"files": 1})
    assert corpora.staged("lib") is None
    assert corpora.files("lib") == {"a.py": "new"}
    assert ids(corpora) == ["a.py/7"]
    assert ids(corpora, first) == ["a.py/0", "a.py/1", "b.py/0", "b.py/1"]
    assert corpora.size("lib") == (1, 1)


def test_staging_a_part_again_changes_nothing(corpora):
    published(corpora, file("a.py"), file("b.py"))
    generation = corpora.begin("lib")
    part = [file("a.py", chunk("a.py", 5)), file("c.py")]
    for _ in range(3):
        corpora.stage("lib", generation, part)
    corpora.drop("lib", generation, ["b.py"])
    corpora.drop("lib", generation, ["b.py"])
    corpora.publish("lib", generation)
    corpora.publish("lib", generation)
    assert ids(corpora) == ["a.py/5", "c.py/0", "c.py/1"]
    assert corpora.files("lib") == {"a.py": "h", "c.py": "h"}


def test_a_file_staged_and_then_dropped_is_gone(corpora):
    generation = created(corpora)
    corpora.stage("lib", generation, [file("a.py"), file("b.py")])
    corpora.drop("lib", generation, ["a.py"])
    corpora.publish("lib", generation)
    assert corpora.files("lib") == {"b.py": "h"}
    assert ids(corpora) == ["b.py/0", "b.py/1"]


def test_an_unfinished_generation_is_thrown_away_by_the_next(corpora):
    published(corpora, file("a.py"), file("b.py"))
    dead = corpora.begin("lib")
    corpora.stage("lib", dead, [file("a.py", chunk("a.py", 9)), file("x.py")])
    corpora.drop("lib", dead, ["b.py"])
    fresh = corpora.begin("lib")
    assert fresh > dead
    for act in (
        lambda: corpora.stage("lib", dead, [file("y.py")]),
        lambda: corpora.drop("lib", dead, ["a.py"]),
        lambda: corpora.publish("lib", dead),
    ):
        with pytest.raises(StateError, match=f"Generation {dead}"):
            act()
    corpora.stage("lib", fresh, [file("c.py")])
    corpora.publish("lib", fresh)
    assert list(corpora.files("lib")) == ["a.py", "b.py", "c.py"]
    assert ids(corpora, paths=["a.py"]) == ["a.py/0", "a.py/1"]


def test_pruning_deletes_what_nobody_sees_and_nothing_else(corpora, store):
    published(corpora, file("a.py"), file("b.py"))
    second = corpora.begin("lib")
    corpora.stage("lib", second, [file("a.py", chunk("a.py", 7))])
    assert corpora.prune("lib") == 0
    corpora.publish("lib", second)
    third = corpora.begin("lib")
    corpora.drop("lib", third, ["b.py"])
    assert corpora.prune("lib") == 3
    assert ids(corpora) == ["a.py/7", "b.py/0", "b.py/1"]
    assert store.rows("SELECT count(*) FROM chunks") == [(3,)]
    corpora.begin("lib")
    assert ids(corpora) == ["a.py/7", "b.py/0", "b.py/1"]


def test_deleting_one_corpus_leaves_the_others(corpora, store):
    published(corpora, file("a.py"), name="lib")
    published(corpora, file("a.py"), name="other")
    Embeddings(store).keep_pieces("lib", 1, "m", [("a.py/0", 0, "x")])
    Embeddings(store).keep_pieces("other", 1, "m", [("a.py/0", 0, "x")])
    corpora.delete("lib")
    assert [corpus.name for corpus in corpora.list()] == ["other"]
    assert corpora.size("other") == (1, 2)
    left = store.rows("SELECT (SELECT count(*) FROM chunks), (SELECT count(*) FROM pieces)")
    assert left == [(2, 1)]
    published(corpora, file("z.py"), name="lib")
    assert list(corpora.files("lib")) == ["z.py"]


@pytest.mark.parametrize("call", ["get", "delete", "begin", "staged", "files", "live", "prune"])
def test_an_unknown_corpus_is_said_with_its_name(corpora, call):
    with pytest.raises(NotFound, match="'nowhere'") as caught:
        getattr(corpora, call)("nowhere")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("", "63"),
        ("../up", "'up'"),
        ("a/b", "'a-b'"),
        (".hidden", "'hidden'"),
        ("ends.", "'ends'"),
        ("two words", "'two-words'"),
        ("a\nb", "'a-b'"),
        ("n" * 64, "63"),
    ],
)
def test_a_name_that_could_be_a_path_is_refused_with_a_better_one(corpora, name, hint):
    with pytest.raises(BadInput, match="cannot be the name") as caught:
        corpora.create(name, "t", {}, {})
    assert hint in caught.value.hint
    assert corpora.list() == []


@pytest.mark.parametrize("name", ["a", "A1", "x" * 63, "transformers-5.23.0", "my_repo.v2"])
def test_a_plain_name_is_taken(corpora, name):
    assert corpora.create(name, "t", {}, {}).name == name


def test_names_that_one_folder_could_not_tell_apart_are_refused(corpora):
    corpora.create("Lib", "t", {}, {})
    with pytest.raises(BadInput, match="'Lib' by case"):
        corpora.create("lib", "t", {}, {})


def test_settings_describe_what_is_served_until_the_new_is(corpora):
    published(corpora, file("a.py"))
    corpora.amend("lib", state="ready")
    again = corpora.create("lib", "New title", {"kind": "git"}, {"cutting": "window"}, "job-2")
    assert (again.state, again.title, again.job_id) == ("ready", "A library", "job-2")
    assert again.settings == {"cutting": "code"}
    generation = corpora.begin("lib")
    after = corpora.publish("lib", generation)
    assert (after.title, after.source) == ("New title", {"kind": "git"})
    assert after.settings == {"cutting": "window"}
    assert after.state == "lexical"


def test_a_corpus_that_never_served_takes_new_settings_at_once(corpora):
    corpora.create("lib", "t", {}, {"cutting": "code"})
    corpora.amend("lib", state="failed", error="The folder is gone.")
    again = corpora.create("lib", "t", {}, {"cutting": "window"})
    assert (again.state, again.error, again.settings) == ("building", None, {"cutting": "window"})


def test_amending_changes_only_what_is_given(corpora):
    published(corpora, file("a.py"))
    before = corpora.amend("lib", report={"files": 1}, error="odd")
    after = corpora.amend("lib", state="ready")
    assert (after.report, after.error, after.state) == ({"files": 1}, "odd", "ready")
    assert after.updated >= before.updated
    assert corpora.amend("lib", error="").error is None


def test_filters_narrow_by_path_language_and_kind(corpora):
    generation = created(corpora)
    corpora.stage(
        "lib",
        generation,
        [
            file("a/x.py", chunk("a/x.py", 0, language="python", kind="class")),
            file("a/b/y.py", chunk("a/b/y.py", 0, language="python", kind="function")),
            file("z.go", chunk("z.go", 0, language="go", kind="function")),
        ],
    )
    corpora.publish("lib", generation)
    assert ids(corpora, paths=["a/*"]) == ["a/b/y.py/0", "a/x.py/0"]
    assert ids(corpora, paths=["a/x.py", "*.go"]) == ["a/x.py/0", "z.go/0"]
    assert ids(corpora, languages=["go"]) == ["z.go/0"]
    assert ids(corpora, kinds=["function"], languages=["python"]) == ["a/b/y.py/0"]
    assert ids(corpora, paths=["' OR 1=1 --"]) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([file("a.py", replace(chunk("a.py"), id=""))], "no id"),
        ([file("a.py", chunk("b.py"))], "'b.py'"),
        ([file("a.py"), file("b.py"), file("a.py")], "2 times"),
    ],
)
def test_chunks_that_would_be_lost_are_refused(corpora, files, words):
    generation = created(corpora)
    with pytest.raises(BadInput, match=words):
        corpora.stage("lib", generation, files)
    assert ids(corpora, generation) == []


def test_one_id_for_two_chunks_is_refused_before_it_is_served(corpora):
    generation = created(corpora)
    corpora.stage("lib", generation, [file("a.py", chunk("a.py"))])
    corpora.stage("lib", generation, [file("b.py", replace(chunk("b.py"), id="a.py/0"))])
    with pytest.raises(BadInput, match=r"'a.py/0' names 2 chunks \(a.py, b.py\)"):
        corpora.publish("lib", generation)
    assert corpora.get("lib").generation == 0


def test_text_that_utf8_cannot_hold_is_kept_without_it(corpora):
    odd = chunk("a.py", 0, "nul \x00 and half \ud800", symbol="\udc80x")
    published(corpora, file("a.py", odd))
    (kept,) = corpora.chunks("lib", [odd.id])
    assert (kept.text, kept.symbol) == ("nul  and half \ufffd", "\ufffdx")


@pytest.mark.slow
def test_a_kill_between_stage_and_publish_leaves_one_whole_generation(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    published_at, wrong = kills.survive(tmp_path, 4, seed)
    assert wrong == [], f"seed {seed}"
    assert published_at > 0, f"seed {seed}: no writer lived to publish"
