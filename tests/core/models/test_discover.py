"""What a server is taken for, and every answer that is not a model's name."""

import pytest

from core.errors import BadReply, ModelMissing, Unauthorized
from core.models.discover import Server, discover
from core.models.wire import Address
from tests.hostile import Hostile


def find(server: Hostile, behaviour: str, wanted: str = "") -> Server:
    return discover(Address(server.url(behaviour)), wanted)


def test_takes_the_only_model(server: Hostile) -> None:
    assert find(server, "good") == Server("OpenAI-style server", "m")


def test_takes_the_first_of_several_and_says_so(server: Hostile) -> None:
    found = find(server, "many")
    assert (found.kind, found.model) == ("vLLM", "one")
    assert "lists 2 models" in found.notices[0]
    assert find(server, "many", "two").notices == ()


def test_a_name_that_is_not_listed_is_used_and_said(server: Hostile) -> None:
    found = find(server, "many", "three")
    assert found.model == "three" and "does not list three" in found.notices[0]
    assert find(server, "short", "other").context_length is None, "known of another model only"


def test_reads_the_context_where_it_is_told(server: Hostile) -> None:
    assert find(server, "short").context_length == 128


def test_tgi_is_recognised_by_its_info(server: Hostile) -> None:
    assert find(server, "tgi") == Server("TGI", "tgi-model", 512)
    assert find(server, "tgi", "mine").model == "mine"


def test_a_server_without_names_needs_one(server: Hostile) -> None:
    with pytest.raises(ModelMissing, match="does not say which model") as caught:
        find(server, "nameless")
    assert "MODEL_NAME" in caught.value.hint
    assert find(server, "nameless", "mine").model == "mine"


def test_something_else_at_the_address_is_said(server: Hostile) -> None:
    with pytest.raises(BadReply, match="does not look like an inference server"):
        find(server, "web")


def test_a_key_is_asked_for(server: Hostile) -> None:
    with pytest.raises(Unauthorized):
        find(server, "locked", "m")
