"""The commands about stress runs, with the command as the owner of DATA_DIR."""

import re
from pathlib import Path

import pytest

from eval.stress import export
from eval.stress.__main__ import main
from tests.eval.stress.test_state import state


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    def run(*words: str, code: int = 0) -> str:
        assert main([*words]) == code
        out, err = capsys.readouterr()
        return out if code == 0 else err

    return run


def test_a_run_from_elsewhere_is_shown_and_taken_out_again(said, tmp_path: Path):
    assert said("list").startswith("needle "), "the run that ships"
    assert "needle" in said("scenarios")
    file = tmp_path / "run.json"
    file.write_bytes(export.export(state(), "json"))
    id = said("bring", str(file)).split()[0]
    shown = said("show", id)
    assert "died at turn 3, token 287: RuntimeError: DefaultCPUAllocator" in shown
    assert "With: 3 turns, same answers" in shown
    assert shown.rstrip().endswith("(replayed)")
    assert said("list").count("replayed") == 2
    for name, begin in (("a.csv", "lane,session,turn"), ("a.jsonl", '{"timestamp"')):
        said("export", id, "--out", str(tmp_path / name))
        assert (tmp_path / name).read_text().startswith(begin)
    assert "is a scenario now" in said("trace", str(tmp_path / "a.jsonl"), "--name", "mine")
    assert "mine" in said("scenarios")


def test_what_is_wrong_is_told_in_words(said, tmp_path: Path):
    assert "no budget" in said("run", "--budget", "lots", code=1)
    assert "Use one of needle" in said("run", "--scenario", "nothing", code=1)
    assert "There is no such job" in said("show", "nothing", code=1)
    assert "cannot be read" in said("bring", str(tmp_path / "none.json"), code=1)


@pytest.mark.prove
def test_the_bundled_model_runs_out_of_memory_for_real_and_flash_goes_on(said):
    out = said("run", "--mode", "both", "--no-control")
    died = re.search(r"memory +died at turn (\d+), token ([\d,]+): (\S+) (.*)", out)
    assert died, out
    assert "allocate" in died[4] or "primitive" in died[4]
    assert 5 < int(died[1]) < 18
    assert re.search(r"With: 18 turns, same answers up to turn \d+", out)
    assert "recalled by flash" in out
