"""A run's configuration: strict, and it names what was probably meant."""

import re
from pathlib import Path

import pytest

from core.errors import BadInput
from eval import config
from tests import source


def test_a_suite_is_enough():
    run = config.parse({"suite": "arith"})
    assert (run.method, run.n, run.epochs) == ("naive", None, 1)
    assert config.parse(run.told()) == run


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"suite": "a", "metod": "rag"}, "metod is not a field. Did you mean method?"),
        ({"suite": "a", "method": "chain"}, "method 'chain' is not known."),
        ({"suite": "a", "method": "naiv"}, "Did you mean naive?"),
        ({"suite": "a", "model": {"adress": "x"}}, "model.adress is not a field."),
        ({"suite": "a", "n": 0}, "n '0' should be greater than or equal to 1"),
        ({"n": 5}, "suite is missing"),
        ({"suite": "a", "adapter": "lora"}, "there are no adapters"),
    ],
)
def test_what_is_wrong_is_said(given: dict, said: str):
    with pytest.raises(BadInput) as caught:
        config.parse(given)
    assert said in caught.value.message


def test_everything_wrong_is_said_at_once():
    with pytest.raises(BadInput) as caught:
        config.parse({"suite": "a", "top_k": 0, "epochs": 0})
    assert len(caught.value.message.splitlines()) == 2


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        ("bundled", {"model": "bundled"}),
        ("http://gpu:8000/v1", {"model": "endpoint", "inference_url": "http://gpu:8000/v1"}),
        ("models/tiny", {"model": "local", "hub_model": "models/tiny"}),
        ("", {}),
    ],
)
def test_a_model_can_be_told_in_a_word(told: str, flags: dict):
    assert config.parse({"suite": "a", "model": told}).model.flags() == flags


def test_a_matrix_makes_a_run_of_each_combination():
    made = config.unfold(
        {"suite": "a", "name": "sweep", "matrix": {"method": ["naive", "rag"], "top_k": [2, 4]}}
    )
    assert [(run.method, run.top_k) for run in made] == [
        ("naive", 2),
        ("naive", 4),
        ("rag", 2),
        ("rag", 4),
    ]
    assert made[2].name == "sweep rag 2"


def test_a_matrix_that_is_no_matrix_is_refused():
    with pytest.raises(BadInput, match="matrix"):
        config.unfold({"suite": "a", "matrix": {"method": "naive"}})


def test_yaml_and_json_are_read(tmp_path: Path):
    (tmp_path / "run.yaml").write_text("suite: arith\nscorers: numeric\n")
    (tmp_path / "run.json").write_text('{"suite": "arith", "scorers": ["numeric"]}')
    both = [config.parse(config.read(tmp_path / f"run.{kind}")) for kind in ("yaml", "json")]
    assert both[0] == both[1]
    (tmp_path / "bad.yaml").write_text("suite: [")
    with pytest.raises(BadInput, match=r"bad\.yaml cannot be read"):
        config.read(tmp_path / "bad.yaml")


def test_every_epoch_has_a_seed_of_its_own():
    run = config.parse({"suite": "a", "seed": 3, "epochs": 2})
    assert run.params(0).seed == 3
    assert run.params(1).seed != run.params(0).seed


def test_every_field_is_documented():
    table = re.findall(r"^\| (`.+?) \|", (source.ROOT / "docs/evals.md").read_text(), re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert set(config.RunConfig.model_fields) <= named
