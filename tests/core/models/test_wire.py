"""Addresses, and what a server's words are taken for."""

import pytest

from core.errors import (
    BadInput,
    BadReply,
    ContextOverflow,
    ModelMissing,
    Overloaded,
    PlumblineError,
    Unauthorized,
    Unreachable,
)
from core.models.wire import Address, base_of, explain


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("http://gpu:8000", "http://gpu:8000"),
        ("http://gpu:8000/v1", "http://gpu:8000"),
        (" http://gpu:8000/v1/ ", "http://gpu:8000"),
        ("https://host/team/v1/chat/completions", "https://host/team"),
        ("https://host/v10", "https://host/v10"),
    ],
)
def test_the_base_of_an_address(given: str, wanted: str) -> None:
    assert base_of(given) == wanted


def test_users_see_the_host_alone() -> None:
    assert Address("https://host:1/team").host == "host:1"


SAID = [
    (400, "This model's maximum context length is 4096 tokens", ContextOverflow),
    (422, "`inputs` tokens + `max_new_tokens` must be <= 512", ContextOverflow),
    (400, "the request exceeds the available context size", ContextOverflow),
    (400, "'max_tokens' is too large: 1000000", ContextOverflow),
    (404, 'model "llama9" not found, try pulling it first', ModelMissing),
    (400, "The model `x` does not exist.", ModelMissing),
    (400, "temperature must be positive", BadInput),
    (401, "", Unauthorized),
    (403, "", Unauthorized),
    (429, "", Overloaded),
    (503, "Model is overloaded", Overloaded),
    (502, "", Unreachable),
    (500, "CUDA error", BadReply),
    (302, "", BadReply),
]


@pytest.mark.parametrize(("status", "message", "kind"), SAID)
def test_what_servers_say(status: int, message: str, kind: type[PlumblineError]) -> None:
    error = explain(Address("http://gpu:1"), status, message, None)
    assert type(error) is kind
    assert "gpu:1" in error.message and message in error.message
