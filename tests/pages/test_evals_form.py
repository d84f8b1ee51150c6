"""The form of a new run: fields become a configuration and come back from one."""

import pytest
import yaml

from core.errors import BadInput
from eval.config import parse, unfold
from pages import _evals_form as form


def test_blank_fields_are_left_out_and_zero_is_not_blank():
    made = form.config({"suite": "arith", "n": "", "seed": "0", "method": "naive", "name": " "})
    assert made == {"suite": "arith", "seed": 0, "method": "naive"}
    assert parse(made).n is None


def test_how_to_search_is_told_only_of_what_searches():
    fields = {"suite": "codeqa", "retrieval": "hybrid", "top_k": "3", "corpus": "lib"}
    assert form.config({**fields, "method": "cot"}) == {"suite": "codeqa", "method": "cot"}
    assert form.config({**fields, "method": "rag"})["top_k"] == 3
    assert form.config({**fields, "method": "cot", "methods": ["cot", "rag"]})["corpus"] == "lib"


def test_a_sweep_is_a_matrix_that_makes_a_run_of_each_combination():
    made = form.config({
        "suite": "codeqa", "method": "naive", "methods": ["rag", "agent"], "top_ks": "2, 4;2",
        "top_k": "9",
    })  # fmt: skip
    assert made["matrix"] == {"method": ["rag", "agent"], "top_k": [2, 4]}
    assert "method" not in made
    runs = unfold(made)
    assert [(run.method, run.top_k) for run in runs] == [
        ("rag", 2), ("rag", 4), ("agent", 2), ("agent", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [("n", "ten"), ("top_ks", "2, x"), ("temperature", "h")]
)
def test_what_is_no_number_is_said_with_its_field(name: str, value: str):
    with pytest.raises(BadInput, match=r"is not a (whole )?number"):
        form.config({"suite": "arith", "method": "rag", name: value})


def test_a_configuration_that_was_kept_fills_the_fields_again():
    given = {"suite": "codeqa", "n": "20", "seed": "3", "scorers": ["judge"], "methods": ["rag"]}
    made = form.config({**given, "top_ks": "2 4"})
    shown = form.fields(made)
    assert shown["n"] == 20
    assert shown["scorers"] == ["judge"]
    assert shown["top_ks"] == ["2", "4"]
    assert form.config(shown) == made


def test_the_yaml_is_what_the_command_reads():
    made = form.config({"suite": "arith", "method": "cot", "n": "5", "scorers": "judge"})
    assert yaml.safe_load(form.yaml(made)) == made
