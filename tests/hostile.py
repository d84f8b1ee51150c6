"""A little inference server that misbehaves on request: the first part of the path says how.

`http://host:port/endless` never ends an answer, `/half` hangs up in the middle of one,
`/good` behaves. It notes what it was asked and when a client hung up on it.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.threaded import Server, threaded

WORDS = ("plumb", " line", " straight")
CONTEXT = 200


class Hostile(Server):
    """The server and what it has seen."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(Handler, port)
        self.asked: list[dict[str, Any]] = []
        self.headers_seen: list[dict[str, str]] = []
        self.tries: Counter[str] = Counter()
        self.left = threading.Event()

    def url(self, behaviour: str) -> str:
        """Return the address under which it behaves that way."""
        return f"http://127.0.0.1:{self.server_port}/{behaviour}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is what many tests are about."""
        self.left.set()


class Handler(BaseHTTPRequestHandler):
    """Takes `/BEHAVIOUR/rest` apart and calls the behaviour."""

    protocol_version = "HTTP/1.1"
    server: Hostile

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        behaviour, _, rest = self.path.lstrip("/").partition("/")
        if behaviour == "locked":
            return self.json(401, {"error": "a key, please"})
        if rest == "info" and behaviour == "tgi":
            return self.json(200, {"model_id": "tgi-model", "max_total_tokens": 512})
        if rest == "v1/models" and behaviour == "many":
            return self.json(200, {"data": [{"id": "one", "owned_by": "vllm"}, {"id": "two"}]})
        if rest == "v1/models" and behaviour == "short":
            return self.json(200, {"data": [{"id": "m", "max_model_len": 128}]})
        if rest == "v1/models" and behaviour not in ("web", "nameless", "tgi"):
            return self.json(200, {"object": "list", "data": [{"id": "m"}]})
        if rest == "v1/models" and behaviour == "nameless":
            return self.json(200, {"object": "list", "data": []})
        return self.json(404, {"detail": "Not Found"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        behaviour, _, self.rest = self.path.lstrip("/").partition("/")
        self.server.asked.append(body)
        self.server.headers_seen.append({k.lower(): v for k, v in self.headers.items()})
        self.server.tries[behaviour] += 1
        self.try_number = self.server.tries[behaviour]
        self.close_connection = True
        getattr(self, f"be_{behaviour}")(body)

    # What behaves

    def be_good(self, body: dict[str, Any]) -> None:
        self.events(body)
        self.send(usage(len(WORDS)) if body.get("stream_options") else "")
        self.send("data: [DONE]\n\n")

    def be_short(self, body: dict[str, Any]) -> None:
        self.be_good(body)

    def be_many(self, body: dict[str, Any]) -> None:
        self.be_good(body)

    def be_zero(self, body: dict[str, Any]) -> None:
        self.events(body)
        self.send(usage(0) + "data: [DONE]\n\n")

    def be_fussy(self, body: dict[str, Any]) -> None:
        if "stream_options" in body:
            return self.json(400, {"error": {"message": "unknown field stream_options"}})
        return self.be_good(body)

    def be_tgi(self, body: dict[str, Any]) -> None:
        if self.rest == "chat_tokenize":
            text = "".join(f"<{m['role']}>{m['content']}" for m in body["messages"])
            return self.json(200, {"templated_text": text, "tokenize_response": [{}] * 9})
        self.head()
        for at, word in enumerate(WORDS):
            last = at == len(WORDS) - 1
            details = {"finish_reason": "length", "generated_tokens": len(WORDS)}
            token = {"id": at, "text": word, "logprob": 0.0, "special": False}
            event = {"index": at, "token": token, "details": details if last else None}
            self.send(f"data:{json.dumps(event)}\n\n")
        return None

    def be_tools(self, body: dict[str, Any]) -> None:
        """Calls the first tool it is offered, in fragments; answers once it has a result."""
        if not body.get("tools") or body["messages"][-1]["role"] == "tool":
            return self.be_good(body)
        spec = body["tools"][0]["function"]
        named = {name: body["messages"][-1]["content"] for name in spec["parameters"]["required"]}
        said = json.dumps(named)
        self.head()
        opening = {"name": spec["name"], "arguments": said[:5]}
        self.send(called({"index": 0, "id": "c1", "type": "function", "function": opening}))
        self.send(called({"index": 0, "function": {"arguments": said[5:]}}))
        self.send(delta("", "tool_calls") + usage(7) + "data: [DONE]\n\n")
        return None

    def be_toolless(self, body: dict[str, Any]) -> None:
        """Refuses to be told of tools."""
        if "tools" in body:
            return self.json(400, {"error": {"message": "tools: unknown field"}})
        return self.be_good(body)

    def be_scribbler(self, body: dict[str, Any]) -> None:
        """Heeds no stop and writes the tool's results itself."""
        self.head()
        for piece in ("Thought: I know.\nAction: calc", 'ulator("6*7")\nObserv', "ation: 41\n"):
            self.send(delta(piece))
        self.send(delta("Final: 41", "stop") + usage(9) + "data: [DONE]\n\n")

    # What refuses

    def be_locked(self, body: dict[str, Any]) -> None:
        self.json(401, {"error": "a key, please"})

    def be_missing(self, body: dict[str, Any]) -> None:
        self.json(404, {"error": {"message": "model 'm' not found"}})

    def be_overloaded(self, body: dict[str, Any]) -> None:
        self.json(503, {"error": "Model is overloaded"}, {"Retry-After": "77"})

    def be_dated(self, body: dict[str, Any]) -> None:
        self.json(429, {"error": "slow"}, {"Retry-After": formatdate(time.time() + 60)})

    def be_crowded(self, body: dict[str, Any]) -> None:
        """Overloaded twice, then well."""
        if self.try_number < 3:
            return self.json(429, {"error": "Model is overloaded"}, {"Retry-After": "0"})
        return self.be_good(body)

    def be_broken(self, body: dict[str, Any]) -> None:
        self.json(500, {"error": "CUDA error"})

    def be_narrow(self, body: dict[str, Any]) -> None:
        """Refuses long chats the way vLLM does."""
        if sum(len(turn["content"]) for turn in body["messages"]) > CONTEXT:
            said = "This model's maximum context length is 200 tokens."
            return self.json(400, {"error": {"message": said, "code": 400}})
        return self.be_good(body)

    # What breaks

    def be_flaky(self, body: dict[str, Any]) -> None:
        """Hangs up on the first two, then answers."""
        if self.try_number >= 3:
            self.be_good(body)

    def be_half(self, body: dict[str, Any]) -> None:
        """Stops sending in the middle, without an end."""
        self.head()
        self.send(delta(WORDS[0]))
        self.connection.shutdown(socket.SHUT_WR)

    def be_reset(self, body: dict[str, Any]) -> None:
        """Resets the connection in the middle."""
        self.head()
        self.send(delta(WORDS[0]))
        time.sleep(0.1)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def be_garbage(self, body: dict[str, Any]) -> None:
        self.head()
        self.send(delta(WORDS[0]) + "data: {not json\n\n")

    def be_shapeless(self, body: dict[str, Any]) -> None:
        self.head()
        self.send('data: [1, 2]\n\ndata: {"choices": 7}\n\n')

    def be_numbers(self, body: dict[str, Any]) -> None:
        self.head()
        self.send('data: {"choices": [{"delta": {"content": 5}}]}\n\n')

    def be_web(self, body: dict[str, Any]) -> None:
        self.head("text/html")
        self.send("<!doctype html><html>Welcome</html>\n")

    def be_sorry(self, body: dict[str, Any]) -> None:
        """Reports a failure as an event in the stream."""
        self.head()
        self.send(delta(WORDS[0]))
        self.send('data: {"error": "out of blocks", "error_type": "generation"}\n\n')

    def be_wide(self, body: dict[str, Any]) -> None:
        """Sends one line of 50 MB."""
        self.head()
        self.send("data: ")
        for _ in range(50):
            self.send("x" * 1_000_000)

    # What never ends

    def be_endless(self, body: dict[str, Any]) -> None:
        self.head()
        while not self.server.over.is_set():
            self.send(delta(" on"))

    def be_slow(self, body: dict[str, Any]) -> None:
        self.head()
        while not self.server.over.wait(0.05):
            self.send(delta(" on"))

    def be_silent(self, body: dict[str, Any]) -> None:
        """Says that an answer comes, and sends nothing more."""
        self.head()
        self.wait_until_left()

    def be_mute(self, body: dict[str, Any]) -> None:
        """Does not even say that."""
        self.wait_until_left()

    def be_chatter(self, body: dict[str, Any]) -> None:
        """Keeps the line warm for ever without a word of an answer."""
        self.head()
        while not self.server.over.wait(0.02):
            self.send(": still here\n\n")

    # How it speaks

    def events(self, body: dict[str, Any]) -> None:
        self.head()
        for word in WORDS:
            self.send(delta(word))
        self.send(delta("", "stop"))

    def head(self, kind: str = "text/event-stream") -> None:
        self.send(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n")

    def send(self, text: str) -> None:
        self.wfile.write(text.encode())

    def wait_until_left(self) -> None:
        self.connection.settimeout(20)
        if self.connection.recv(1) == b"":
            self.server.left.set()

    def json(self, status: int, value: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def delta(text: str, finish: str | None = None) -> str:
    """Return one chat event."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice]})}\n\n"


def called(fragment: dict[str, Any]) -> str:
    """Return one event of a tool call."""
    choice = {"index": 0, "delta": {"tool_calls": [fragment]}, "finish_reason": None}
    return f"data: {json.dumps({'choices': [choice]})}\n\n"


def usage(tokens: int) -> str:
    """Return the event that counts."""
    counts = {"prompt_tokens": 5 if tokens else 0, "completion_tokens": tokens}
    return f"data: {json.dumps({'choices': [], 'usage': counts})}\n\n"


def running(port: int = 0) -> AbstractContextManager[Hostile]:
    """Start the server on a port, by default a free one, and end it afterwards."""
    return threaded(Hostile(port))
