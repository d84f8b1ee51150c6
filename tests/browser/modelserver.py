"""A small real model server for the browser tests: OpenAI's protocol, words chosen by the question.

`/say TEXT` answers TEXT; `/long` writes until it is stopped, `/slowly` so that a test has time for
more meanwhile; `/break` dies in the middle; `/refuse` is refused at once, `/full` where it is not
the only turn; anything else is answered by one plain sentence. Below `/slow/` it makes its visitors
wait until it is released.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "tester"
MODELS = {"object": "list", "data": [{"id": NAME, "object": "model"}]}
PLAIN = "The plumb line hangs still, and says what is straight."


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: "ModelServer"  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self.path.startswith("/slow/") and self.path.endswith("/models"):
            self._drip()
        elif self.path.endswith("/models"):
            self._json(200, MODELS)
        else:
            self._json(404, {"error": "not here"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        question = body["messages"][-1]["content"]
        refused = refusal(body["messages"])
        if refused:
            self._json(400, {"error": {"message": refused}})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        with self.server.writing():
            try:
                self._write(question)
            except (BrokenPipeError, ConnectionResetError):
                self.server.hung_up.set()

    def _drip(self) -> None:
        """Keep the caller waiting, byte by byte, until the test says that it was long enough."""
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        while not self.server.released.wait(0.2):
            self.wfile.write(b" ")
            self.wfile.flush()
        self.wfile.write(json.dumps(MODELS).encode())

    def _write(self, question: str) -> None:
        written = 0
        for word in words(question):
            self._event({"choices": [{"index": 0, "delta": {"content": word}}]})
            written += 1
            time.sleep(0.1 if question.startswith("/slowly") else 0.01)
        if question.startswith("/break"):
            self.connection.close()
            return
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        usage = {"prompt_tokens": len(question.split()), "completion_tokens": written}
        self._event({"choices": [], "usage": {**usage, "total_tokens": 0}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, body: dict[str, Any]) -> None:
        told = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": NAME, **body}
        self.wfile.write(b"data: " + json.dumps(told).encode() + b"\n\n")
        self.wfile.flush()

    def _json(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class ModelServer(ThreadingHTTPServer):
    """The server, what it was asked, and whether somebody hung up on it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.hung_up = threading.Event()
        self.released = threading.Event()
        self.active = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @contextmanager
    def writing(self) -> Iterator[None]:
        self.active += 1
        try:
            yield
        finally:
            self.active -= 1


def refusal(messages: list[dict[str, Any]]) -> str:
    """Return why a conversation is not answered; blank where it is."""
    question = messages[-1]["content"]
    if question.startswith("/refuse"):
        return "The question is refused."
    turns = [message for message in messages if message["role"] != "system"]
    if question.startswith("/full") and len(turns) > 1:
        return "This model's maximum context length is 9 tokens."
    return ""


def words(question: str) -> Iterator[str]:
    """Yield what is answered, piece by piece."""
    command, _, rest = question.partition(" ")
    if command == "/say":
        yield from (rest[i : i + 7] for i in range(0, len(rest), 7))
    elif command in ("/long", "/slowly"):
        for number in range(100_000):
            yield f"word{number} "
    elif command == "/break":
        yield "It began, "
    else:
        yield from (f"{word} " for word in PLAIN.split(" "))


@contextmanager
def serving() -> Iterator[ModelServer]:
    """Serve until the block ends."""
    server = ModelServer()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
