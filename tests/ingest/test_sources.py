"""What a user may type, what it is taken for, and how each kind opens."""

import re
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from core.documents import Chunk
from core.errors import BadInput, Forbidden, NotFound, PlumblineError, Stopped, TooLarge
from core.settings import Settings
from ingest import git, legible, program, walk
from ingest.found import PUBLIC, Caps, Found, Skipped, Text
from ingest.sources import DEFAULT, REPOSITORY, Source, opened, parse, revision
from tests.source import ROOT


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with a little of everything in it."""
    (tmp_path / "code" / "inner").mkdir(parents=True)
    (tmp_path / "code" / "a.py").write_text("x = 1\n")
    (tmp_path / "bm25s").mkdir()
    (tmp_path / "notes.txt").write_text("notes\n")
    (tmp_path / "rows.jsonl").write_text('{"id": "1", "path": "p", "text": "Some text."}\nbad\n')
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as out:
        out.writestr("code-main/src/a.py", "x = 1\n")
        out.writestr("code-main/.gitignore", "*.log\n")
        out.writestr("code-main/b.log", "log\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_what_is_typed_is_taken_for_what_it_names(here: Path):
    taken = {
        "transformers": ("package", "transformers"),
        "  json  ": ("package", "json"),
        "bm25s": ("package", "bm25s"),
        "./bm25s": ("folder", f"{here}/bm25s"),
        "code": ("folder", f"{here}/code"),
        "code/inner": ("folder", f"{here}/code/inner"),
        ".": ("folder", str(here)),
        str(here): ("folder", str(here)),
        "code.zip": ("archive", f"{here}/code.zip"),
        "rows.jsonl": ("hub", f"{here}/rows.jsonl"),
        "owner/name": ("git", "https://github.com/owner/name"),
        "https://github.com/owner/name.git": ("git", "https://github.com/owner/name.git"),
        "git@github.com:owner/name.git": ("git", "git@github.com:owner/name.git"),
        "hub:wikimedia/wikipedia": ("hub", "wikimedia/wikipedia"),
    }
    assert {text: (parse(text).kind, parse(text).place) for text in taken} == taken
    assert parse("hub:wikimedia/wikipedia:20231101.simple").part == "20231101.simple"
    assert parse("rows.jsonl", corpus=True) == Source("corpus", f"{here}/rows.jsonl")


def test_the_named_defaults_are_sources():
    assert parse(DEFAULT).kind == "package"
    assert parse(REPOSITORY).place == "https://github.com/huggingface/transformers"


HOSTILE = [
    "--upload-pack=touch",
    "-oProxyCommand=touch",
    "--help",
    "ext::sh -c touch",
    "file:///etc",
    "user@-host:x",
    "http://2130706433/",
    "http://[::ffff:127.0.0.1]/",
    "https://127.0.0.1/o/r",
    "https://github.com/o/r\n--x",
    "hub:../../etc",
    "transformers\x00",
    "x" * 5000,
    "a" * 300,
    "",
    "   ",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("public", [False, True])
def test_hostile_words_start_nothing(text: str, public: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(program, "run", lambda *args: pytest.fail("a program was started"))
    with pytest.raises((BadInput, Forbidden, NotFound)) as caught:
        parse(text, public=public)
    assert caught.value.hint


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_a_source_that_was_written_down_is_checked_again(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(git.program, "run", lambda *args: pytest.fail("a program was started"))
    source = Source.read({"kind": "git", "place": text})
    with pytest.raises(PlumblineError), opened(source, tmp_path):
        pass


@pytest.mark.parametrize(
    "text, error, words",
    [
        ("nothing-of-that-name", NotFound, "no package, folder or file"),
        ("./nowhere", NotFound, "no file or folder"),
        ("nowhere.zip", NotFound, "no file or folder"),
        ("notes.txt", BadInput, "is a file, not a folder"),
        ("./notes.txt", BadInput, "is a file, not a folder"),
    ],
)
def test_what_is_not_there_is_said(here: Path, text: str, error: type[PlumblineError], words: str):
    with pytest.raises(error, match=words) as caught:
        parse(text)
    assert "notes.txt" in caught.value.hint or caught.value.hint


def test_archives_of_other_kinds_are_named(here: Path):
    (here / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(BadInput, match=r"a\.rar is not a zip or tar"):
        parse("a.rar")


@pytest.mark.parametrize(
    "text",
    [
        "/etc",
        "./code",
        "code/inner",
        "code.zip",
        "owner/name",
        "git@github.com:o/r",
        "hub:a/b",
        "~",
    ],
)
def test_strangers_may_name_installed_packages_alone(here: Path, text: str):
    """And learn nothing of which folders there are: the refusal is the same for all."""
    with pytest.raises(Forbidden) as caught:
        parse(text, public=True)
    with pytest.raises(Forbidden) as other:
        parse("./no-such-place", public=True)
    assert str(caught.value) == str(other.value)
    assert parse("transformers", public=True).kind == "package"


def test_strangers_may_upload(here: Path):
    found = parse(str(here / "code.zip"), public=True, uploaded=True)
    assert found.kind == "archive"


def test_globs_are_checked_with_the_source(here: Path):
    found = parse("code", include=["*.py"], exclude=["tests/"])
    assert (found.include, found.exclude) == (("*.py",), ("tests/",))
    with pytest.raises(BadInput, match="stars"):
        parse("code", exclude=["*a*a*a*a*a*b"])


def test_a_source_can_be_written_down_and_read_back(here: Path):
    for found in (parse("code", include=["*.py"]), parse("hub:a/b:c"), parse("transformers")):
        assert Source.read(found.spec()) == found


@pytest.mark.parametrize(
    "text, title, name",
    [
        ("transformers", "transformers", "transformers"),
        ("code.zip", "code.zip", "code"),
        ("owner/My.Repo", "github.com/owner/My.Repo", "my-repo"),
        ("git@github.com:o/r.git", "github.com/o/r", "r"),
        ("hub:wikimedia/wikipedia:20231101.simple", "wikimedia/wikipedia 20231101.simple",
         "wikipedia-20231101-simple"),
        ("rows.jsonl", "rows.jsonl", "rows"),
    ],
)  # fmt: skip
def test_sources_have_a_title_and_a_name(here: Path, text: str, title: str, name: str):
    found = parse(text)
    assert (found.title, found.name) == (title, name)


def test_a_name_is_never_empty_or_long():
    assert Source("folder", "/").name == "corpus"
    assert Source("folder", "/日本").name == "corpus"
    assert Source("folder", "/" + "a-" * 50).name == "a-" * 19 + "a"


def texts(source: Source, folder: Path, caps: Caps | None = None) -> dict[str, str]:
    """Return the text, or the reason, of every entry."""
    with opened(source, folder, caps) as tree:
        entries = [each.text() if isinstance(each, Found) else each for each in tree.files()]
    return {each.path: each.text if isinstance(each, Text) else each.reason for each in entries}


def test_a_folder_opens(here: Path, tmp_path: Path):
    assert texts(parse("code"), tmp_path / "work") == {"a.py": "x = 1\n"}
    assert texts(parse("./bm25s"), tmp_path / "work") == {}


def test_a_package_opens_under_its_name_and_version(tmp_path: Path):
    source = parse("typing_extensions")
    with opened(source, tmp_path) as tree:
        assert tree.revision == revision(source) == version("typing_extensions")
        assert [each.path for each in tree.files()] == ["typing_extensions.py"]
    with opened(parse("bm25s", exclude=["tests/"]), tmp_path) as tree:
        paths = [each.path for each in tree.files() if isinstance(each, Found)]
    assert "bm25s/__init__.py" in paths


def test_an_archive_opens_without_its_only_folder_and_leaves_nothing(here: Path, tmp_path: Path):
    work = tmp_path / "work"
    (work / "source").mkdir(parents=True)
    (work / "source" / "left.py").write_text("of a killed attempt\n")
    assert texts(parse("code.zip"), work) == {
        ".gitignore": "hidden",
        "b.log": "ignored by .gitignore",
        "src/a.py": "x = 1\n",
    }
    assert list(work.iterdir()) == []


def test_what_an_archive_leaves_out_is_counted(here: Path, tmp_path: Path):
    found = texts(parse("code.zip"), tmp_path / "work", Caps(file_bytes=5))
    assert found["code-main/src/a.py"] == "too large"


def test_a_failed_archive_leaves_nothing(here: Path, tmp_path: Path):
    with pytest.raises(TooLarge):
        texts(parse("code.zip"), tmp_path / "work", Caps(files=1))
    assert not (tmp_path / "work" / "source").exists()


def test_ready_chunks_open(here: Path, tmp_path: Path):
    with opened(parse("rows.jsonl", corpus=True), tmp_path) as tree:
        assert tree.is_chunks
        assert list(tree.files()) == []
        chunk, bad = tree.chunks()
    assert isinstance(chunk, Chunk)
    assert chunk.id == "1"
    assert bad == Skipped("line 2", "not JSON")


def test_a_stop_before_anything_opens_nothing(here: Path, tmp_path: Path):
    with pytest.raises(Stopped), opened(parse("code.zip"), tmp_path / "work", stop=lambda: True):
        pass
    assert not (tmp_path / "work" / "source").exists()


def test_a_source_that_has_gone_is_not_found(here: Path, tmp_path: Path):
    source = parse("code")
    (here / "code").rename("moved")
    with pytest.raises(NotFound, match="no folder"):
        texts(source, tmp_path / "work")


def test_only_packages_tell_their_revision_unfetched(here: Path):
    assert revision(parse("transformers")) == version("transformers")
    assert revision(parse("code")) == revision(parse("owner/name")) == ""
    assert revision(Source("package", "gone")) == ""


def test_caps_come_from_the_settings_and_shrink_where_strangers_come():
    chosen = Settings.model_construct(
        ingest_max_file_mb=3, ingest_max_total_mb=20, ingest_max_rows=7, public=False
    )
    assert Caps.of(chosen) == Caps(3_000_000, 20_000_000, rows=7)
    public = Caps.of(chosen.model_copy(update={"public": True}))
    assert public == Caps(PUBLIC.file_bytes, 20_000_000, PUBLIC.files, 7, PUBLIC.seconds)
    assert Caps.of(Settings.model_construct()) == Caps()


def test_every_reason_and_cap_is_documented():
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|`]+) \|", page, re.MULTILINE)
    documented = {reason for row in rows for reason in row.strip().split(", ")}
    reasons = [
        value
        for module in (legible, walk)
        for name, value in vars(module).items()
        if name.isupper() and name[0] != "_" and isinstance(value, str)
    ]
    assert set(reasons) <= documented
    for cap in (Caps().files, PUBLIC.files, Caps().rows, PUBLIC.rows):
        assert f"{cap:,}" in page


def test_the_example_in_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    names: dict[str, object] = {}
    exec(code, names)
    assert isinstance(names["text"], Text)
    assert names["text"].path.startswith("transformers/models/llama/")
