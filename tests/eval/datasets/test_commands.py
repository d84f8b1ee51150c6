"""`python -m eval datasets` and `corpus`: alone and beside a running app, they do the same."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import BadInput, PlumblineError
from core.server import logs
from core.settings import load
from core.store.lock import Lock
from eval.datasets import commands, corpora
from tests import parts

GOOD = (
    '{"id": "a", "question": "Q?", "answer": "x"}\n{"id": "b", "question": "R?", "answer": "y"}\n'
)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    commands.register(parser.add_subparsers(dest="command"))
    asked = parser.parse_args(words)
    return asked.run(asked, load(env_file=None))


@pytest.fixture(params=["alone", "beside"])
def folder(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return a folder to work in, with an app that owns its DATA_DIR or without."""
    data = tmp_path / "data"
    monkeypatch.setenv("DATA_DIR", str(data))
    if request.param == "alone":
        yield tmp_path
        return
    lock = Lock.acquire(data, "")
    try:
        logs.configure("ERROR")
        with parts.live(data) as running:
            lock.announce(running.url)
            parts.let_in(running, lock.owner.token)
            yield tmp_path
    finally:
        lock.release()


def test_a_card_that_is_not_there_is_said(folder: Path):
    file = folder / "own.csv"
    file.write_text("question,answer\nQ?,1\n")
    with pytest.raises(BadInput, match=r"none\.md cannot be read"):
        run("datasets", "add", str(file), "--card", str(folder / "none.md"))


def test_a_suite_from_its_file_to_its_end(folder: Path, capsys: pytest.CaptureFixture[str]):
    file, out = folder / "own.jsonl", folder / "out.csv"
    file.write_text(GOOD)
    (folder / "card.md").write_text("# Own")
    words = ["--title", "Own", "--criterion", "exact_match", "--card", str(folder / "card.md")]
    assert run("datasets", "add", str(file), *words) == 0
    assert "2 rows can be used." in capsys.readouterr().out
    assert run("datasets", "list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [
        "arith",
        "chat-basics",
        "codeqa",
        "codeqa-hop",
        "own",
    ]
    assert "exact_match" in listed[-1]
    assert run("datasets", "show", "own") == 0
    assert '"question": "R?"' in (shown := capsys.readouterr().out)
    assert shown.endswith("# Own\n")
    assert run("datasets", "show", "own", "--json") == 0
    assert json.loads(capsys.readouterr().out)["source"] == {"file": "own.jsonl"}
    assert run("datasets", "export", "own", "--out", str(out)) == 0
    assert len(out.read_text().splitlines()) == 3
    assert run("datasets", "delete", "own") == 0
    with pytest.raises(PlumblineError, match="no suite 'own'"):
        run("datasets", "show", "own")
    with pytest.raises(PlumblineError, match="is bundled"):
        run("datasets", "delete", "arith")


def test_every_bad_row_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "own.jsonl"
    file.write_text(GOOD + '{"question": ""}\n' * 40)
    assert run("datasets", "add", str(file)) == 1
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Line 3: it has no question."
    assert told[-1] == "40 of 42 rows cannot be used; nothing was kept."
    assert len(told) == 41


def test_a_check_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "own.jsonl"
    file.write_text(GOOD)
    assert run("datasets", "add", str(file), "--check") == 0
    assert not (tmp_path / "data").exists()


def test_a_public_data_set_from_a_local_copy(folder: Path, capsys: pytest.CaptureFixture[str]):
    file = folder / "test.jsonl"
    rows = [{"question": f"{n} + 1?", "answer": f"So.\n#### {n + 1}"} for n in range(30)]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert run("datasets", "load", "gsm8k", "--n", "5", "--seed", "3", "--path", str(file)) == 0
    assert "gsm8k" in capsys.readouterr().out
    assert run("datasets", "show", "gsm8k", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["count"], told["criterion"], told["license"]) == (5, "numeric", "MIT")
    assert told["source"] | {"n": 5, "of": 30, "seed": 3} == told["source"]
    assert "5 of 30 rows of test.jsonl, drawn with seed 3" in told["card"]


def test_a_corpus_is_laid_out_once_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert run("corpus", "codeqa", "--files-only") == 0
    assert capsys.readouterr().out.startswith("187 files are in ")
    folder = tmp_path / "datasets" / "corpora" / "codeqa"
    (folder / "httpx" / "_client.py").write_text("broken")
    (folder / "stray.py").write_text("1")
    before = (folder / "rich" / "text.py").stat().st_mtime_ns
    corpora.lay_out("codeqa", tmp_path)
    assert not (folder / "stray.py").exists()
    assert (folder / "httpx" / "_client.py").read_bytes() != b"broken"
    assert (folder / "rich" / "text.py").stat().st_mtime_ns == before
    with pytest.raises(PlumblineError, match="no corpus 'arith'"):
        run("corpus", "arith")


def test_a_corpus_is_taken_in_by_the_ingest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    python, told = tmp_path / "python", tmp_path / "told"
    python.write_text(f'#!/bin/sh\necho "$@" > {told}\nexit 3\n')
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    assert corpora.ingest("small", tmp_path, embed=False) == 3
    words = told.read_text().split()
    assert words[:5] == ["-m", "ingest", str(tmp_path), "--name", "small"]
    assert words[-1] == "--no-embed"
