"""How errors are said."""

import json

import pytest
from fastapi.exceptions import RequestValidationError

from core import errors
from core.server import problems
from core.server.paths import without_paths


def every_error() -> list[type[errors.PlumblineError]]:
    found = [errors.PlumblineError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", every_error())
def test_every_error_becomes_a_problem(kind: type[errors.PlumblineError]):
    problem = problems.from_error(kind("It broke.", "Mend it.", retry_after=2.2))
    told = problem.document("/v1/chat", "id")
    assert (told["detail"], told["hint"], told["code"]) == ("It broke.", "Mend it.", kind.code)
    assert told["title"] not in ("", "Error")
    assert "error" not in told
    response = problem.response("/v1/chat", "id")
    assert (response.status_code, response.headers["retry-after"]) == (kind.status, "3")
    assert set(problems.ProblemDocument(**told).model_dump()) == set(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The folder /home/me/models/x does not exist.", "The folder …/x does not exist."),
        ("DATA_DIR /var/lib/plumbline: full", "DATA_DIR …/plumbline: full"),
        ("at http://gpu:8000/v1/chat now", "at http://gpu:8000/v1/chat now"),
        ("either/or and and/or", "either/or and and/or"),
        ("'/etc/passwd'", "'…/passwd'"),
        ("data/plumbline.duckdb", "data/plumbline.duckdb"),
    ],
)
def test_paths_are_cut_and_addresses_are_not(text: str, told: str):
    assert without_paths(text) == told


def test_json_is_always_valid_text():
    text = problems.dumps({"a": "\ud800é\x00", "b": [1, None]})
    assert json.loads(text.decode()) == {"a": "\N{REPLACEMENT CHARACTER}é\x00", "b": [1, None]}


def test_wrong_values_are_refused_in_plain_words():
    items = [
        {"type": "extra_forbidden", "loc": ("body", "temprature"), "msg": "Extra inputs"},
        {"type": "too_short", "loc": ("body", "messages"), "msg": "x", "ctx": {"min_length": 1}},
    ]
    told = problems.from_validation(RequestValidationError(items)).detail
    assert told == "temprature is not a field. messages: needs at least 1 item."
