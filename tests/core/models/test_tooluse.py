"""Whether a server calls tools is tried, once; what it calls comes whole, however it is sent."""

import json

import pytest

from core.messages import Message, Params, Stop, ToolCall, Usage
from core.models.endpoint import Endpoint
from core.models.recorded import Recorded
from core.models.tooluse import TOOL
from tests.core.models.asking import settings
from tests.hostile import Hostile


def endpoint(url: str) -> Endpoint:
    return Endpoint(settings(inference_url=url, connect_timeout=1, read_timeout=2))


class Nowhere:
    def add(self, generation):
        self.last = generation


@pytest.mark.parametrize(
    ("behaviour", "does"),
    [("tools", True), ("good", False), ("toolless", False), ("broken", False), ("tgi", False)],
)
def test_it_is_tried_and_not_assumed(server: Hostile, behaviour: str, does: bool):
    found = endpoint(server.url(behaviour))
    assert found.calls_tools() is does
    tries = server.tries[behaviour]
    assert found.calls_tools() is does and server.tries[behaviour] == tries


def test_a_busy_server_is_tried_again_later(server: Hostile):
    found = endpoint(server.url("overloaded"))
    assert not found.calls_tools() and not found.calls_tools()
    assert server.tries["overloaded"] == 2


def test_a_call_in_fragments_comes_whole_with_the_usage(server: Hostile):
    records = Nowhere()
    model = Recorded(endpoint(server.url("tools")), records)
    assert model.calls_tools()
    *_, usage = model.stream([Message("user", "weigh")], Params(tools=(TOOL,)), Stop())
    assert isinstance(usage, Usage)
    assert usage.calls == (ToolCall("c1", "note", json.dumps({"word": "weigh"})),)
    assert (usage.tokens_out, usage.finish) == (7, "stop")
    assert records.last.params["tools"] == ["note"]


def test_the_result_goes_back_by_the_protocol(server: Hostile):
    call = ToolCall("c1", "note", "{}")
    turns = [
        Message("user", "weigh"),
        Message("assistant", "", calls=(call,)),
        Message("tool", "42", call_id="c1"),
    ]
    parts = list(endpoint(server.url("tools")).stream(turns, Params(tools=(TOOL,)), Stop()))
    assert len(parts) == 4
    sent = server.asked[-1]
    assert sent["tools"][0]["function"]["name"] == "note"
    assert sent["messages"][1]["tool_calls"][0]["function"] == {"name": "note", "arguments": "{}"}
    assert sent["messages"][2] == {"role": "tool", "content": "42", "tool_call_id": "c1"}


def test_without_tools_a_request_does_not_name_them(server: Hostile):
    list(endpoint(server.url("good")).stream([Message("user", "hi")], Params(), Stop()))
    assert "tools" not in server.asked[-1]


@pytest.mark.slow
def test_a_real_server_with_a_model_that_calls_nothing_is_found_out(serve: str, tiny_model):
    model = Endpoint(settings(inference_url=serve, model_name=str(tiny_model)))
    assert model.calls_tools() is False
