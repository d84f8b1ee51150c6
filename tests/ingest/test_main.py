"""`python -m ingest`: alone and beside a running app, it says and does the same."""

import json
import threading
from pathlib import Path

import pytest

from core.documents import Chunk
from core.server import logs
from core.store.chunks import FileRow
from core.store.connection import Store
from core.store.corpora import Corpora
from core.store.lock import Lock, owner_of
from ingest import __main__ as command
from ingest import terminal
from tests import parts

REPORT = {
    "chunks": 2,
    "tokens": 20,
    "bytes": 40,
    "revision": "1.0",
    "files": {"seen": 2, "indexed": 1, "changed": 1, "skipped": 1, "failed": 0},
    "skipped": {"empty": 1},
    "failed": [],
    "seconds": {"read": 0.5, "total": 2.0},
    "canaries": [{"stage": "words", "query": "q", "passed": False, "said": "a.py:1-1 is lost."}],
    "freshness": {"said": "It is fresh.", "stale": False},
}


def fill(store: Store) -> None:
    """Write a small index as an ingest leaves it."""
    corpora = Corpora(store)
    spec = {"kind": "package", "place": "limits", "part": "", "include": [], "exclude": []}
    corpora.create("lib", "A library", spec, {"cutting": "code"})
    texts = {"1": "def weigh_parcel(): return 1", "2": "def send_letter(): return 2"}
    chunks = [
        Chunk("a.py", n, n, text, "function", text[4:].split("(")[0], id=id, language="python")
        for n, (id, text) in enumerate(texts.items(), 1)
    ]
    corpora.stage("lib", corpora.begin("lib"), [(FileRow("a.py", "h", 9, "python"), chunks)])
    corpora.publish("lib", 1, "lexical", REPORT)


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a DATA_DIR that nobody owns."""
    store = Store.open(tmp_path / "data")
    fill(store)
    store.close()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


@pytest.fixture
def owned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a running app that owns its DATA_DIR."""
    logs.configure("warning")
    with parts.live(tmp_path / "data") as running:
        fill(running.services.store)
        lock = Lock.acquire(tmp_path / "data", running.url)
        parts.let_in(running, lock.owner.token)
        monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
        monkeypatch.chdir(tmp_path)
        yield running
        lock.release()


@pytest.fixture(params=["alone", "owned"])
def either(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert command.main(list(words)) == code
    told = capsys.readouterr()
    return told.out + told.err


def test_it_lists_reports_and_searches(either, capsys):
    assert said(capsys, "list").split() == ["lib", "lexical", "2", "chunks", "A", "library"]
    text = said(capsys, "report").replace("\xa0", " ")
    for part in ("2 seen, 1 indexed", "1 file empty", "0 of 1 queries", "freshness"):
        assert part in text
    assert json.loads(said(capsys, "report", "lib", "--json"))["chunks"] == 2
    words = ("query", "weigh parcel", "--index", "lib", "--mode", "lexical")
    assert "a.py:1-1  weigh_parcel  (lexical 1)" in said(capsys, *words)
    found = json.loads(said(capsys, *words, "--json", "--k", "1"))
    assert [hit["symbol"] for hit in found["hits"] or found["misses"]] == ["weigh_parcel"]


def test_it_deletes(either, capsys):
    assert "is deleted" in said(capsys, "delete", "lib")
    assert said(capsys, "list") == "Nothing is indexed yet.\n"


def test_what_is_wrong_is_said_in_words(either, capsys):
    assert "There is no corpus 'none'" in said(capsys, "delete", "none", code=1)
    assert "There is no corpus 'none'" in said(capsys, "query", "x", "--index", "none", code=1)
    assert "nowhere" in said(capsys, "./nowhere", code=1)
    assert "not a way to cut" in said(capsys, "limits", "--cutting", "x", code=1)
    assert "hint" not in said(capsys, "query", " ", code=1)


def test_alone_it_owns_the_folder_only_meanwhile(alone, capsys):
    said(capsys, "list")
    assert owner_of(alone) is None


def test_alone_it_brings_a_folder_in_and_takes_it_up_again(alone, project, capsys):
    text = said(capsys, str(project), "--name", "mine", "--no-embed")
    assert "3 seen, 3 indexed (3 new or changed)" in text
    assert "searchable  by words" in text
    assert "(0 new or changed)" in said(capsys, str(project), "--name", "mine", "--no-embed")
    assert "total_price" in said(capsys, "query", "total price", "--index", "mine")


def test_a_source_that_cannot_be_used_is_said_in_words(alone, tmp_path, capsys):
    (tmp_path / "bare").mkdir()
    told = said(capsys, str(tmp_path / "bare"), "--no-embed", code=1)
    assert "\nThere is no text to index in bare: 0 files were seen." in f"\n{told}"
    assert "StateError" not in told


def test_beside_an_app_the_app_does_it(owned, project, capsys):
    owned.services.jobs.start()
    owned.services.ingests.start()
    text = said(capsys, str(project), "--name", "mine", "--no-embed")
    assert "3 seen, 3 indexed" in text
    assert owned.services.library.get("mine").state == "lexical"
    (job,) = owned.services.jobs.list()
    assert job.args["settings"]["public"] == "0"


def test_ctrl_c_cancels_and_says_how_to_go_on(owned, project, capsys, monkeypatch):
    owned.services.jobs.start()
    looks = []

    class Impatient(terminal.Bar):
        def _draw(self, text: str) -> None:
            looks.append(text)
            if len(looks) == 2:
                raise KeyboardInterrupt

    monkeypatch.setattr(command, "Bar", Impatient)
    text = said(capsys, str(project), "--name", "mine", "--no-embed", code=command.CANCELLED)
    assert "the same command goes on from there" in text
    (job,) = owned.services.jobs.list()
    assert job.state == "cancelled"


def test_two_commands_at_once_share_one_owner(alone, project, capsys):
    codes = []

    def other() -> None:
        codes.append(command.main(["list"]))

    lock = Lock.acquire(alone, "")
    thread = threading.Thread(target=other)
    thread.start()
    thread.join(20)
    lock.release()
    assert codes == [1]
    assert "which is another command" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        ({}, "lib: Starting."),
        ({"said": "Reading file 1."}, "lib: Reading file 1."),
        (
            {"fraction": 0.5, "said": "Embedded 1 of 2 pieces.", "seconds_left": 71.4},
            f"lib [{'#' * 15}{'-' * 15}]  50% Embedded 1 of 2 pieces. About 1 min 11 s left.",
        ),
    ],
)
def test_the_bar(progress, text):
    assert terminal.line("lib", progress).replace("\u2009", " ") == text


def test_no_hits_are_told_as_such():
    told = {
        "notice": "By words alone.",
        "hits": [],
        "misses": [],
        "used": "lexical",
        "corpus": "lib",
        "seconds": {},
    }
    text = terminal.found(told)
    assert text.startswith("By words alone.\nNo relevant context found.")
