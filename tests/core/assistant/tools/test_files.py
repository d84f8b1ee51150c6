"""Only what was ingested can be read, line for line; everything else is an observation."""

from dataclasses import replace

import pytest

from core.assistant.toolbox import Ingested, tools
from core.assistant.tools.files import FindSymbol, ReadFile, lines_of
from core.assistant.tools.tool import call
from core.documents import Chunk, Document
from core.messages import Stop
from core.store.connection import Store
from core.store.corpora import Corpora, FileRow
from ingest.chunk import cut
from ingest.chunk.cutting import cutting

SOURCE = '''"""A module."""

import os


class Engine(Base):
    """Turns."""

    speed = 3

    def turn(self, times: int = 2) -> int:
        """Turn it."""
        return times * self.speed


def stop() -> None:
    """Stop it."""
'''


def chunks(path: str, text: str) -> list[Chunk]:
    found = cut(Document("lib", path, text, "python"), cutting("code"))
    return [replace(chunk, id=f"{path}-{n}") for n, chunk in enumerate(found)]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    store = Store.open(tmp_path_factory.mktemp("files"))
    corpora = Corpora(store)
    corpora.create("lib", "A library", {}, {})
    generation = corpora.begin("lib")
    files = {"lib/engine.py": SOURCE, "lib/a[1]/x.py": "a = 1\n", "lib/b/x.py": "b = 1\n"}
    corpora.stage(
        "lib",
        generation,
        [
            (FileRow(path, "h", len(text), "python"), chunks(path, text))
            for path, text in files.items()
        ],
    )
    corpora.publish("lib", generation)
    yield Ingested(corpora, "lib")
    store.close()


def read(sources, path, lines=""):
    return call(ReadFile(sources), {"path": path, "lines": lines}, Stop())


def test_a_file_is_read_back_line_for_line(sources):
    told = read(sources, "lib/engine.py")
    (shown,) = told.evidence
    assert told.ok and shown.chunk.text.rstrip("\n") == SOURCE.rstrip("\n")
    assert (shown.chunk.start, shown.chunk.end) == (1, len(SOURCE.splitlines()))


@pytest.mark.parametrize("lines", ["9-11", "9 to 11", "L9:L11", "11-9", "9..11"])
def test_lines_are_read_as_they_are_written(sources, lines):
    (shown,) = read(sources, "lib/engine.py", lines).evidence
    assert shown.chunk.text == "\n".join(SOURCE.splitlines()[8:11])
    assert (shown.chunk.start, shown.chunk.end) == (9, 11)


def test_the_end_of_a_path_will_do_where_it_is_the_only_one(sources):
    assert read(sources, "engine.py").ok and read(sources, "./lib/engine.py").ok
    told = read(sources, "x.py")
    assert not told.ok and "Similar: lib/a[1]/x.py, lib/b/x.py." in told.text
    assert read(sources, "lib/a[1]/x.py").evidence[0].chunk.text == "a = 1"


@pytest.mark.parametrize(
    "path",
    ["../engine.py", "lib/../../x", "/etc/passwd", "C:\\x.py", "C:/x.py", "..\\..\\x", "~/x", ""],
)
def test_nothing_outside_can_be_named(sources, path):
    told = read(sources, path)
    assert not told.ok and told.evidence == ()


def test_a_misspelt_path_is_told_what_is_near(sources):
    assert "Similar: lib/engine.py." in read(sources, "lib/engin.py").text


@pytest.mark.parametrize("lines", ["all", "1-2-3", "-5", "1e3", "400-410"])
def test_lines_that_are_none_are_an_observation(sources, lines):
    assert not read(sources, "lib/engine.py", lines).ok


def test_a_definition_is_found_by_its_name_or_the_end_of_it(sources):
    find = FindSymbol(sources)
    for name in ("Engine.turn", "turn", "turn()", "`turn`"):
        told = call(find, {"name": name}, Stop())
        assert [e.chunk.symbol for e in told.evidence] == ["Engine.turn"], name
    told = call(find, {"name": "Engine.tunr"}, Stop())
    assert not told.ok and "Similar: Engine.turn" in told.text
    assert not call(find, {"name": " "}, Stop()).ok
    assert not call(find, {"name": "zzz"}, Stop()).ok


def test_lines_shared_by_windows_are_kept_once_and_cut_lines_are_joined():
    windows = [
        Chunk("a", 1, 2, "one\ntwo\n", span=(0, 8)),
        Chunk("a", 2, 3, "two\nthree\n", span=(4, 14)),
    ]
    assert lines_of(windows) == {1: "one", 2: "two", 3: "three"}
    halves = [Chunk("a", 1, 1, "abc", span=(0, 3)), Chunk("a", 1, 1, "def\n", span=(3, 7))]
    assert lines_of(halves) == {1: "abcdef"}


def test_the_box_holds_what_can_be_had(sources):
    assert set(tools()) == {"calculator"}
    assert set(tools(lambda q, k: [], sources)) == {
        "calculator",
        "retrieve",
        "read_file",
        "find_symbol",
    }
