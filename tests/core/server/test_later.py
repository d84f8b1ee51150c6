"""An app made after the port is open: early askers wait, and its own start and end are run."""

import asyncio
import threading
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.responses import PlainTextResponse

from core.server.later import Later


def outer(later: Later) -> FastAPI:
    app = FastAPI(lifespan=later.lifespan)
    app.add_route("/early", lambda request: PlainTextResponse("early"))
    app.mount("/", later)
    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://later")


def test_what_is_there_answers_and_the_rest_waits():
    gate, seen = threading.Event(), []

    @asynccontextmanager
    async def life(app: FastAPI):
        seen.append("begun")
        yield
        seen.append("ended")

    def make() -> FastAPI:
        gate.wait(10)
        inner = FastAPI(lifespan=life)
        inner.add_route("/late", lambda request: PlainTextResponse("late"))
        return inner

    async def play() -> None:
        app = outer(Later(make, lambda: seen.append("then")))
        async with app.router.lifespan_context(app), client(app) as ask:
            waiting = asyncio.create_task(ask.get("/late"))
            assert (await ask.get("/early")).text == "early"
            assert not waiting.done()
            gate.set()
            assert (await waiting).text == "late"
            assert "begun" in seen and "ended" not in seen

    asyncio.run(play())
    assert sorted(seen) == ["begun", "ended", "then"]


def test_pages_that_cannot_be_made_leave_the_rest_standing():
    done = threading.Event()

    def make() -> FastAPI:
        raise OSError("a style sheet is missing")

    async def play() -> None:
        app = outer(Later(make, done.set))
        async with app.router.lifespan_context(app), client(app) as ask:
            assert (await ask.get("/late")).status_code == 500
            assert (await ask.get("/early")).text == "early"

    asyncio.run(play())
    assert done.wait(5)


def test_a_stop_while_pages_are_made_ends_them_and_starts_nothing_more():
    gate, seen = threading.Event(), []

    def make() -> FastAPI:
        gate.wait(10)
        seen.append("made")
        return FastAPI()

    async def play() -> None:
        app = outer(Later(make, lambda: seen.append("then")))
        async with app.router.lifespan_context(app):
            asyncio.get_running_loop().call_later(0.1, gate.set)

    asyncio.run(play())
    assert seen == ["made"]
