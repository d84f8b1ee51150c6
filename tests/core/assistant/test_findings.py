"""Code is looked up in the corpus, the product in its documentation."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.assistant.condense import names_code
from core.assistant.findings import Findings
from core.documents import Chunk
from core.errors import NotFound
from core.records import Corpus
from core.retrieval.found import MAX_QUERY, Hit, Place, Query, Results
from core.retrieval.handbook import Handbook

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GET = Chunk("net.py", 1, 2, "def get(url): ...", "function", "get")


@dataclass
class Shelf:
    """Corpora in memory: one, or none, that finds `get` where a question says "get"."""

    default: str = "net"
    asked: list[Query] = field(default_factory=list)

    def get(self, name: str) -> Corpus:
        """Return it."""
        if name != "net":
            raise NotFound(name)
        return Corpus("net", "the net package", {}, {}, "ready", 1, NOW, NOW)

    def search(self, query: Query) -> Results:
        """Find it."""
        self.asked.append(query)
        hits = (Hit(GET, 0.9, (Place("lexical", 1, 3.0), Place("dense", 2, 0.5))),)
        if "get" in query.text:
            return Results(query, "hybrid", hits)
        return Results(query, "hybrid", (), hits)


@pytest.fixture
def handbook(tmp_path: Path) -> Handbook:
    (tmp_path / "README.md").write_text("# Ports\n\nThe port is set with PORT.\n")
    return Handbook(tmp_path)


def test_evidence_says_which_stages_found_it(handbook: Handbook) -> None:
    shelf = Shelf()
    findings = Findings(shelf, handbook)
    assert findings.name == "the net package"
    found = findings.search("how does get work", 3)
    assert [(e.chunk, e.score, e.found_by) for e in found] == [(GET, 0.9, ("lexical", "dense"))]
    assert (shelf.asked[0].corpus, shelf.asked[0].top_k) == ("net", 3)
    assert findings.search("hello", 3) == []
    findings.search("get " * 5000, 3)
    assert len(shelf.asked[-1].text) <= MAX_QUERY


def test_what_is_nearest_is_told_apart_from_what_is_relevant(handbook: Handbook) -> None:
    findings = Findings(Shelf(), handbook)
    assert [each.chunk for each in findings.nearest("hello", 3)] == [GET]
    assert findings.nearest("get", 3) == [] and Findings(Shelf(""), handbook).nearest("a", 3) == []


def test_without_a_corpus_nothing_is_searched(handbook: Handbook) -> None:
    shelf = Shelf("")
    findings = Findings(shelf, handbook)
    assert (findings.name, findings.search("get", 3), shelf.asked) == ("", [], [])
    assert findings.quotable("Which port is set?", 2)[0].chunk.path == "README.md"


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("Which port is set?", "README.md"),
        ("What does `get` do with the port?", "net.py"),
        ("please get the letters", "net.py"),
    ],
)
def test_what_is_quoted(handbook: Handbook, question: str, path: str) -> None:
    assert Findings(Shelf(), handbook).quotable(question, 2)[0].chunk.path == path


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("what is from_pretrained", True),
        ("explain AutoModel", True),
        ("what does generate() do", True),
        ("torch.nn in here", True),
        ("How do I start? Tell me.", False),
        ("What is the port?", False),
    ],
)
def test_names_from_code_are_noticed(question: str, code: bool) -> None:
    assert names_code(question) is code
