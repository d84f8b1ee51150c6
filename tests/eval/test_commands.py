"""The commands about runs, from a measurement to what is made of it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.commands import document
from tests import source
from tests.eval.answering import Sums, questions, sums


@pytest.fixture(scope="module")
def server() -> Iterator[Sums]:
    with sums() as running:
        yield running


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main([*words]) == code
    out, err = capsys.readouterr()
    return out if code == 0 else err


@pytest.mark.slow
def test_a_run_from_the_command_to_the_file(
    server: Sums,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "run.yaml"
    model = {"url": server.url("sums"), "name": "m"}
    told = {"suite": str(questions(tmp_path)), "model": model, "scorers": ["numeric"]}
    file.write_text(json.dumps(told))
    out = said(capsys, "run", "--config", str(file), "--name", "one", "--n", "14")
    assert "one  sums.jsonl  naive  m  completed" in out
    assert "of 14 (Wilson)" in out
    assert "completed" in said(capsys, "list")
    assert json.loads(said(capsys, "report", "one", "--canonical"))["run"]["model"] == "m"
    wrong = said(capsys, "label", "one", "0", "wrong", "--by", "Ann", "--reason", "So it is.")
    assert wrong == "Sample 0 counts as wrong.\n"
    assert said(capsys, "label", "one", "0", "undo") == "Sample 0 counts as correct.\n"
    same = said(capsys, "compare", "one", "one")
    assert "No difference shown" in same
    assert "right to wrong  0\n" in same
    assert re.search(r"Pass rate       (0\.\d+) against \1, difference \+0 ", same)
    assert "passed" in said(capsys, "rescore", "one", "--scorer", "exact_match")
    for name in ("out.csv", "out.jsonl", "out.xml"):
        assert "14 samples" in said(capsys, "export", "one", "--out", str(tmp_path / name))
        assert (tmp_path / name).stat().st_size > 500
    assert "14 answers" in said(capsys, "cache")
    assert "14 answers are forgotten" in said(capsys, "cache", "--prune", "0")
    assert "put away" in said(capsys, "delete", "one")
    assert "There is no run" in said(capsys, "report", "one", code=1)
    assert "one" in said(capsys, "list", "--deleted")
    assert said(capsys, "restore", "one") == "one is back.\n"


def test_a_reader_that_has_enough_is_no_failure(tmp_path: Path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "eval", "list"],
        cwd=source.ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_flags_go_before_the_file(tmp_path: Path):
    from eval.__main__ import _parser

    file = tmp_path / "run.yaml"
    file.write_text("suite: arith\nn: 5\nmodel: {folder: here}\n")
    asked = _parser().parse_args(
        ["run", "--config", str(file), "--n", "9", "--kind", "easy", "--model-name", "m"]
    )
    told = document(asked)
    assert (told["suite"], told["n"], told["kinds"]) == ("arith", "9", ["easy"])
    assert told["model"] == {"folder": "here", "name": "m"}


def test_what_cannot_be_run_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    assert "Did you mean arith?" in said(capsys, "run", "--suite", "arit", code=1)
    assert "There is no run" in said(capsys, "resume", "nothing", code=1)
    file = tmp_path / "bad.yaml"
    file.write_text("suite: arith\nmetod: naive\n")
    assert "Did you mean method?" in said(capsys, "run", "--config", str(file), code=1)
