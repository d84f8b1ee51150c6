"""Data sets: rows become named texts; a local file and the hub are read by the same code."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput, NotFound, Stopped
from ingest import hub
from ingest.found import Caps, Found, Skipped, Text, Watch
from tests import source
from tests.ingest import datahub

ARTICLES = [
    {
        "id": str(number),
        "url": f"https://simple.wikipedia.org/wiki/{title}",
        "title": title,
        "text": f"{title} is a thing.\n\nHistory\n\nLong ago there was no {title}, they say.",
    }
    for number, title in enumerate(["April", "AC/DC", "Node.js", "April"], 1)
]


def parquet(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file


def jsonl(file: Path, rows: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def rows(file: Path, caps: Caps | None = None, watch: Watch | None = None) -> list[Any]:
    reader = hub.Rows(file.name, hub.local(file), caps or Caps(), watch or Watch())
    return list(reader.entries())


@pytest.mark.parametrize("write", [parquet, jsonl])
def test_rows_are_texts_with_title_section_and_address(tmp_path: Path, write: Any):
    suffix = "jsonl" if write is jsonl else "parquet"
    found = rows(write(tmp_path / f"articles.{suffix}", ARTICLES))
    assert [each.path for each in found] == ["April", "AC/DC", "Node.js", "April (4)"]
    text = found[0].text()
    assert isinstance(text, Text)
    assert text.text == (
        "# April\n\nApril is a thing.\n\n## History\n\nLong ago there was no April, they say.\n"
    )
    assert (text.url, text.language) == ("https://simple.wikipedia.org/wiki/April", "markdown")


def test_rows_that_are_sections_are_named_by_both(tmp_path: Path):
    row = {"title": "April", "section": "Poetry", "content": "Poets use April.", "link": "x"}
    (found,) = rows(jsonl(tmp_path / "a.jsonl", [row]))
    assert (found.path, found.url) == ("April/Poetry", "")
    assert found.text().text == "# April\n\n## Poetry\n\nPoets use April.\n"


def test_rows_without_title_or_text_are_named_or_skipped(tmp_path: Path):
    found = rows(jsonl(tmp_path / "a.jsonl", [{"text": "One."}, {"text": " "}, {"text": None}]))
    assert isinstance(found[0], Found)
    assert found[0].path == "row 1"
    assert found[1:] == [Skipped("row 2", "empty"), Skipped("row 3", "empty")]


def test_titles_cannot_break_a_line(tmp_path: Path):
    (found,) = rows(jsonl(tmp_path / "a.jsonl", [{"title": " a\n\x00b\u202e " * 99, "text": "T."}]))
    assert found.path.isprintable()
    assert len(found.path) <= 200


def test_no_more_rows_and_bytes_than_the_caps(tmp_path: Path):
    file = jsonl(tmp_path / "a.jsonl", [{"text": "x" * 99, "id": n} for n in range(50)])
    said: list[str] = []
    assert len(rows(file, Caps(rows=7))) == 7
    assert len(rows(file, Caps(total_bytes=1000), Watch(said.append))) == 10
    assert said == ["Took the first 10 rows of a.jsonl."]
    (first, *_) = rows(file, Caps(file_bytes=50))
    assert first.text() == Skipped("0", "too large")


def test_a_stop_is_heard_between_rows(tmp_path: Path):
    answers = iter([False, False, True])
    file = jsonl(tmp_path / "a.jsonl", ARTICLES)
    with pytest.raises(Stopped):
        rows(file, watch=Watch(stop=lambda: next(answers)))


@pytest.mark.parametrize(
    "name, data",
    [
        ("a.parquet", b"PAR1 and then nothing"),
        ("a.parquet", b""),
        ("a.jsonl", b'{"text": "fine"}\n{broken\n'),
        ("a.jsonl", b"\xff\xfe\x00"),
    ],
)
def test_damage_is_told_as_such(tmp_path: Path, name: str, data: bytes):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput, match=f"{name} cannot be read as a data set"):
        rows(tmp_path / name)


def test_a_data_set_without_texts_names_its_columns(tmp_path: Path):
    with pytest.raises(BadInput, match="it has image, label") as caught:
        rows(jsonl(tmp_path / "a.jsonl", [{"label": 1, "image": "x"}]))
    assert "text" in caught.value.hint
    with pytest.raises(BadInput, match=r"a\.jsonl has no rows"):
        rows(jsonl(tmp_path / "a.jsonl", []))
    with pytest.raises(NotFound):
        rows(tmp_path / "none.jsonl")


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("wikimedia/wikipedia:20231101.simple", ("wikimedia/wikipedia", "20231101.simple")),
        ("owner/name", ("owner/name", "")),
    ],
)
def test_a_data_set_is_named_by_owner_name_and_configuration(text: str, wanted: tuple[str, str]):
    assert hub.parse(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "name", "a/b/c", "../b", "a/..", "/a/b", "a/b:../c", "a/b:c/d", "a/b:", "a b/c"]
)
def test_other_words_name_none(text: str):
    if text == "a/b:":
        assert hub.parse(text) == ("a/b", "")
        return
    with pytest.raises(BadInput, match="names no data set"):
        hub.parse(text)


def test_the_files_of_a_configuration_are_chosen():
    paths = [
        "README.md",
        "de/train-0.parquet",
        "en/test-0.parquet",
        "en/train-0.parquet",
        "x.jsonl",
    ]
    assert hub.chosen(paths, "en") == ["en/train-0.parquet"]
    assert hub.chosen(paths, "") == ["de/train-0.parquet", "en/train-0.parquet"]
    assert hub.chosen(["train/a.parquet", "train/b.parquet"], "a") == ["train/a.parquet"]
    assert hub.chosen(["b.jsonl", "a.jsonl"], "") == ["a.jsonl", "b.jsonl"]
    assert hub.chosen(paths, "fr") == []


# What the real client does against a hub, in a process of its own: it reads HF_ENDPOINT once.
ASK = """
import json, sys
from pathlib import Path
from core.errors import PlumblineError
from ingest.found import Caps, Found
from ingest.sources import opened, parse
for text in sys.argv[1:]:
    try:
        with opened(parse(text), Path("work"), Caps(rows=3)) as tree:
            told = [tree.revision, tree.is_stream, [each.path for each in tree.files()]]
    except PlumblineError as error:
        told = [type(error).__name__, error.message]
    print(json.dumps(told))
"""


def asked(folder: Path, endpoint: str, *texts: str) -> list[Any]:
    home = {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(folder / "home"),
        "PYTHONPATH": str(source.ROOT),
    }
    ended = subprocess.run(
        [sys.executable, "-c", ASK, *texts],
        env={**os.environ, **home},
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_the_hub_is_read_through_its_real_client(tmp_path: Path):
    """The data set's own page names a file of this machine, which is not followed."""
    secret = jsonl(tmp_path / "secret.jsonl", [{"text": "secret", "title": "secret"}])
    data = tmp_path / "data"
    parquet(data / "en" / "train-00000.parquet", ARTICLES)
    parquet(data / "de" / "train-00000.parquet", [{"title": "Berg", "text": "Ein Berg."}])
    card = f"---\nconfigs:\n- config_name: en\n  data_files: {secret}\n---\n"
    (data / "README.md").write_text(card)
    with datahub.running(data) as server:
        found = asked(
            tmp_path,
            server.url,
            "hub:some/texts:en",
            "hub:some/texts:fr",
            "hub:no/such",
            "hub:shy/texts",
        )
    assert found == [
        [datahub.COMMIT, True, ["April", "AC/DC", "Node.js"]],
        ["NotFound", "some/texts has no parquet or JSON lines files in fr."],
        ["NotFound", "The hub has no data set no/such, or it is private."],
        ["Unauthorized", "The hub lets only approved accounts read shy/texts."],
    ]
    assert not any("README" in path for path in server.asked)


def test_without_a_network_the_message_says_so(tmp_path: Path):
    (found,) = asked(tmp_path, "http://127.0.0.1:9", "hub:some/texts")
    assert found == ["SourceError", "some/texts cannot be fetched: the hub cannot be reached."]
