"""The recipe's command line: what is wrong is said in words, and a worker gets its environment."""

import json
from pathlib import Path

import pytest

from core.bundled.__main__ import main
from core.bundled.config import load_config
from core.errors import SettingsError


def test_an_unknown_stretch_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["worker", "--preset", "smoke", "--work", str(tmp_path), "--stretch", "none"]
    assert main(arguments) == 1
    assert "The stretches are: smoke, more." in capsys.readouterr().err


def test_an_unknown_step_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", "--preset", "smoke", "--work", str(tmp_path), "--only", "tea"]) == 1
    assert "'tea'" in capsys.readouterr().err


def test_training_before_preparing_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["worker", "--preset", "smoke", "--work", str(tmp_path), "--stretch", "smoke"]
    assert main(arguments) == 1
    assert "Run prepare first." in capsys.readouterr().err


@pytest.mark.slow
def test_train_runs_a_worker_with_the_training_environment(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess

    seen: dict = {}

    def call(command: list[str], env: dict[str, str]) -> int:
        seen.update(command=command, env=env)
        return 0

    monkeypatch.setattr(subprocess, "call", call)
    main(["train", "--preset", "smoke", "--work", str(work), "--stretch", "smoke"])
    assert seen["command"][3:5] == ["worker", "--preset"]
    assert seen["env"]["MALLOC_TOP_PAD_"] == "268435456"


def test_overlap_fails_where_there_is_one_and_passes_where_there_is_none(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from core.bundled import overlap

    monkeypatch.setattr(overlap, "load_splits", lambda: _Few())
    assert main(["overlap", "--work", str(work)]) == 0
    assert json.loads(capsys.readouterr().out)["shared"] == 0
    monkeypatch.setattr(overlap, "load_splits", lambda: _Few(test=("requests", "h11")))
    assert main(["overlap", "--work", str(work)]) == 1


class _Few:
    """Splits with a small held-out package, for speed."""

    ngram = 24

    def __init__(self, test: tuple[str, ...] = ("httpx",)) -> None:
        self.test = test


@pytest.mark.parametrize("preset", ["cpu", "gpu", "smoke"])
def test_presets_are_whole(preset: str) -> None:
    config = load_config(preset)
    for stretch in config.stretches:
        assert 0 < sum(stretch.mixture.values()) <= 1.0001
        assert stretch.tokens > 0
    assert config.model.hidden % config.model.heads == 0
    assert config.model.heads % config.model.kv_heads == 0


def test_a_preset_that_does_not_exist_is_named() -> None:
    with pytest.raises(SettingsError, match="nothing"):
        load_config("nothing")


def test_a_broken_recipe_says_which_field(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("seed: 1\nname: x\nmodel: {colour: 3}\n")
    with pytest.raises(SettingsError, match=r"bad\.yaml"):
        load_config(str(tmp_path / "bad.yaml"))
