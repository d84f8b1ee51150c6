"""The commands that share runs, as they are typed."""

import argparse
import json
from pathlib import Path

import pytest

from core.errors import BadInput
from eval import sharing
from tests.eval import _runs


@pytest.fixture
def kept(tmp_path: Path) -> _runs.Kept:
    made = _runs.Kept(tmp_path / "data")
    made.keep(_runs.run("naive run", "naive"), _runs.samples())
    made.keep(_runs.run("rag run"), [_runs.answered(n) for n in range(4)])
    made.store.close()
    return made


def asked(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    sharing.register(parser.add_subparsers(required=True))
    return parser.parse_args(words)


def test_publish_makes_a_bundle_of_the_runs_it_is_told(
    kept: _runs.Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "out"
    command = asked("publish", "naive run", "rag run", "--out", str(out), "--title", "Ours")
    assert command.run(command, kept.settings) == 0
    told = json.loads((out / "manifest.json").read_text())
    assert told["title"] == "Ours" and len(told["runs"]) == 2 and len(told["comparisons"]) == 1
    assert str(out / "index.html") in capsys.readouterr().out


def test_view_and_push_refuse_what_is_no_bundle(kept: _runs.Kept, tmp_path: Path):
    for words in (["view", str(tmp_path)], ["push", str(tmp_path), "--to", "ann/runs"]):
        command = asked(*words)
        with pytest.raises(BadInput, match="is no bundle"):
            command.run(command, kept.settings)
