"""What a run's worker asks its owner: searches as Chat has them, files, and patience."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.documents import Chunk
from core.errors import NotFound, PlumblineError, Stopped
from core.records import Run
from core.settings import Settings, load
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from eval.asking import asking
from eval.link import Link, RemoteFiles, findings
from eval.service import Runs
from tests import hostile

TEXTS = {
    "bread.py": "def bake_bread(oven):\n    return oven.bake('bread')",
    "parcel.py": "def weigh_parcel(scale):\n    return scale.weigh('parcel')",
    "letter.py": "def stamp_letter(stamp):\n    return stamp.press('letter')",
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("link")
    store = Store.open(data)
    corpora = Corpora(store)
    corpora.create("small", "A small project", {"kind": "folder", "place": "x"}, {})
    generation = corpora.begin("small")
    files = []
    for path, text in TEXTS.items():
        name = text.split("(")[0].removeprefix("def ")
        chunk = Chunk(path, 1, 2, text, "function", name, language="python", id=path, span=(0, 9))
        files.append((FileRow(path, "h", 9), [chunk]))
    corpora.stage("small", generation, files)
    corpora.publish("small", generation)
    store.close()
    return load({"data_dir": str(data)}, env_file=None)


@pytest.fixture(scope="module")
def runs(settings: Settings) -> Iterator[Runs]:
    with asking(settings) as opened:
        assert isinstance(opened, Runs)
        yield opened


@pytest.fixture
def link(settings: Settings, runs: Runs) -> Link:
    return Link(settings.data_dir, lambda: False)


def over(runs: Runs, run: Run) -> Run:
    for _ in range(600):
        if runs.get(run.id).state not in ("queued", "running"):
            break
        time.sleep(0.1)
    return runs.get(run.id)


def test_evidence_comes_from_the_owner(link: Link):
    found = findings(link, "small").search("how is bread baked", 2, mode="lexical")
    assert found[0].chunk.path == "bread.py"
    assert found[0].found_by
    assert findings(link, "small").title("small") == "A small project"


def test_files_come_from_the_owner(link: Link):
    files = RemoteFiles(link, "small")
    assert sorted(files.paths()) == sorted(TEXTS)
    assert files.chunks("parcel.py")[0].symbol == "weigh_parcel"
    defined, _ = files.defining("stamp_letter")
    assert defined[0].path == "letter.py"
    _, near = files.defining("stamp_leter")
    assert "stamp_letter" in near


def test_what_the_owner_refuses_is_raised(link: Link):
    with pytest.raises(NotFound):
        link.ask("corpus", {"name": "none"})
    with pytest.raises(NotFound):
        link.ask("magic", {})


def test_an_owner_that_comes_late_is_waited_for(tmp_path: Path):
    late = load({"data_dir": str(tmp_path)}, env_file=None)
    told: list[dict] = []
    asker = Link(tmp_path, lambda: False)
    thread = threading.Thread(target=lambda: told.append(asker.ask("cached", {"groups": [["a"]]})))
    thread.start()
    time.sleep(0.3)
    assert not told
    with asking(late):
        thread.join(30)
    assert told == [{"samples": {}, "run": ""}]


def test_a_wish_to_end_ends_the_waiting(tmp_path: Path):
    with pytest.raises(Stopped):
        Link(tmp_path, lambda: True).ask("cached", {"groups": []})


def test_another_search_than_was_asked_for_is_none(link: Link):
    body = {"text": "bread", "corpus": "small", "mode": "hybrid", "top_k": 1}
    with pytest.raises(PlumblineError, match="cannot be searched by hybrid"):
        link.ask("search", body)


@pytest.mark.slow
def test_a_run_searches_or_takes_the_passages_that_come_along(runs: Runs, tmp_path: Path):
    file = tmp_path / "code.jsonl"
    rows = [
        {"id": "b", "question": "How is bread baked?", "references": ["oven"]},
        {"id": "c", "question": "Which?", "contexts": ["First.", "Second."]},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with hostile.running() as server:
        given = {
            "suite": str(file),
            "method": "rag",
            "corpus": "small",
            "retrieval": "lexical",
            "top_k": 1,
            "model": {"url": server.url("good"), "name": "m"},
        }
        run = over(runs, runs.submit(given))
    searched, brought = runs.walk(run.id)
    assert searched.sample.evidence[0].chunk.path == "bread.py"
    assert [each.chunk.text for each in brought.sample.evidence] == ["First."]
    assert run.provenance["corpus"]["generation"] == 1
