"""How much at once and how often."""

import asyncio
import threading
from pathlib import Path

import pytest

from core.errors import Busy, RateLimited
from core.server.limits import ADDRESS_FACTOR, Rate, Slots
from tests import parts


def test_slots_are_given_in_order_and_the_queue_has_an_end():
    async def play() -> list[str]:
        slots, said = Slots(1, 1), []

        async def ask(name: str) -> None:
            await slots.take(threading.Event())
            said.append(name)

        await ask("first")
        second = asyncio.create_task(ask("second"))
        await asyncio.sleep(0)
        assert (slots.active, slots.waiting) == (1, 1)
        with pytest.raises(Busy, match=r"1 answers .* 1 more") as refused:
            await slots.take(threading.Event())
        assert refused.value.retry_after
        slots.give(threading.Event())
        await second
        assert (slots.active, slots.waiting) == (1, 0)
        return said

    assert asyncio.run(asyncio.wait_for(play(), 10)) == ["first", "second"]


def test_one_who_stops_waiting_leaves_the_queue():
    async def play() -> None:
        slots = Slots(1, 1)
        await slots.take(threading.Event())
        waiting = asyncio.create_task(slots.take(threading.Event()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert slots.waiting == 0
        slots.give(threading.Event())
        await slots.take(threading.Event())

    asyncio.run(asyncio.wait_for(play(), 10))


def test_a_stopping_server_takes_nobody():
    slots = Slots(1, 1)
    slots.closing = True
    with pytest.raises(Busy, match="stopping"):
        asyncio.run(slots.take(threading.Event()))


def test_each_visitor_has_an_own_rate():
    rate = Rate("2/minute")
    for owner in ("a", "a", "b", "b"):
        rate.check(owner, "10.0.0.1")
    with pytest.raises(RateLimited, match="2 requests in a minute") as refused:
        rate.check("a", "10.0.0.1")
    assert 0 < refused.value.retry_after <= 60


def test_new_names_do_not_help_one_address():
    rate = Rate("2/minute")
    for n in range(2 * ADDRESS_FACTOR):
        rate.check(f"visitor {n}", "10.0.0.1")
    with pytest.raises(RateLimited):
        rate.check("one more", "10.0.0.1")
    rate.check("one more", "10.0.0.2")


def test_a_caller_without_a_token_is_counted_by_address():
    rate = Rate("1/minute")
    rate.check(None, "10.0.0.1")
    with pytest.raises(RateLimited):
        rate.check(None, "10.0.0.1")


def test_too_many_requests_say_when_to_come_back(tmp_path: Path):
    with parts.live(tmp_path, rate_limit="3/minute") as running, running.client() as client:
        client.get("/v1/chats")
        routes = ["/v1/chat", "/api/chat", "/v1/chat", "/v1/chat"]
        replies = [client.post(path, json={"prompt": "a"}) for path in routes]
        assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
        assert 0 < int(replies[-1].headers["retry-after"]) <= 60
        assert replies[-1].json()["code"] == "rate_limited"
        body = {"messages": [{"role": "user", "content": "a"}]}
        told = client.post("/v1/chat/completions", json=body)
        assert told.json()["error"]["type"] == "rate_limit_error"
        chat = client.post("/v1/chats").json()["id"]
        assert client.post(f"/v1/chats/{chat}/messages", json={"text": "a"}).status_code == 429
        assert client.get("/v1/chats").status_code == 200


def test_more_than_slots_and_queue_can_hold_is_busy(tmp_path: Path):
    ask = {"prompt": "count 200", "stream": True}
    with parts.live(tmp_path, concurrency=1, queue_length=0) as running, running.client() as client:
        with client.stream("POST", "/v1/chat", json=ask) as first:
            next(first.iter_lines())
            refused = client.post("/v1/chat", json={"prompt": "a"})
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert int(refused.headers["retry-after"]) > 0
            assert client.get("/v1/chats").status_code == 200
        assert parts.until(lambda: running.shared.slots.active == 0)
        assert client.post("/v1/chat", json={"prompt": "a"}).status_code == 200


def test_one_who_waits_is_served_when_a_slot_is_free(tmp_path: Path):
    ask = {"prompt": "count 20", "stream": True}
    with (
        parts.live(tmp_path, concurrency=1) as running,
        running.client() as client,
        running.client() as other,
        other.stream("POST", "/v1/chat", json=ask) as first,
    ):
        lines = first.iter_lines()
        next(lines)
        assert client.post("/v1/chat", json={"prompt": "second"}).json()["text"] == "second "
        assert "event: done" in list(lines)
