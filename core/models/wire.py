"""One HTTP exchange with an inference server that may be slow, broken or hostile.

Every exchange owns its connection, so that ending it ends the server's work: a watcher
shuts the socket when the caller stops or when nothing came for too long. Lines and bodies
are capped. It knows HTTP and our errors; it does not know chat or token formats.
"""

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, NoReturn

import httpx2

from core.errors import (
    BadInput,
    BadReply,
    ContextOverflow,
    ModelMissing,
    Overloaded,
    PlumblineError,
    Stopped,
    Unauthorized,
    Unreachable,
)
from core.messages import Stop

LINE_LIMIT = 1_000_000
REPLY_LIMIT = 64_000_000
BODY_LIMIT = 1_000_000
LONGEST_WAIT = 10.0
POLL = 0.05
CONTEXT_WORDS = re.compile(
    r"context.{0,12}(length|size|window)|maximum context|context_length_exceeded"
    r"|exceed_context_size|max_new_tokens.{0,40}must be|inputs? tokens .{0,40}must"
    r"|max_tokens.{0,40}too large|prompt is too long",
    re.IGNORECASE,
)
MODEL_WORDS = re.compile(
    r"model.{0,120}(not found|not exist|not loaded|unknown)|pinned to|no such model",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where the server is, what to say to it, and how patient to be."""

    base: str
    key: str = ""
    connect_timeout: float = 3.0
    read_timeout: float = 120.0
    hidden: bool = False

    @property
    def _host(self) -> str:
        return self.base.split("://", 1)[-1].split("/", 1)[0]

    @property
    def host(self) -> str:
        """Return host and port, as shown to users; strangers on a public server see neither."""
        return "The model server" if self.hidden else self._host

    @property
    def at(self) -> str:
        """Return the words that say where, to stand behind others."""
        return "" if self.hidden else f" at {self._host}"

    def told(self, words: str) -> str:
        """Return what the server said, without its address where that is hidden."""
        return words.replace(self._host, "the model server") if self.hidden else words

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of every request."""
        key = {"authorization": f"Bearer {self.key}"} if self.key else {}
        return {"accept-encoding": "identity", "user-agent": "plumbline", **key}


def base_of(url: str) -> str:
    """Return the server's address without `/v1` and what may follow it."""
    return re.sub(r"/v1(/.*)?$", "", url.strip().rstrip("/"))


@dataclass
class Exchange:
    """One request and its streamed reply; closing it closes the connection."""

    address: Address
    stop: Stop = field(default_factory=threading.Event)
    _socket: Any = None
    _done: threading.Event = field(default_factory=threading.Event)
    _late: bool = False
    _heard: float = field(default_factory=time.monotonic)

    def progress(self) -> None:
        """Note that the answer moved on, which puts off the deadline."""
        self._heard = time.monotonic()

    def lines(self, path: str, body: Mapping[str, Any]) -> Generator[str, None, None]:
        """Post the body and yield the reply's lines; raises our errors only."""
        watcher = threading.Thread(target=self._watch, name="plumbline-wire", daemon=True)
        watcher.start()
        try:
            with self._client() as client, self._request(client, path, body) as response:
                if response.status_code != httpx2.codes.OK:
                    _refuse(self.address, response)
                yield from _lines(response)
            # A socket shut by the watcher can look like a reply that simply ended.
            if self.stop.is_set() or self._late:
                self._fail(None)
        except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
            self._fail(error)
        finally:
            self._done.set()

    def _client(self) -> httpx2.Client:
        patience = httpx2.Timeout(self.address.read_timeout, connect=self.address.connect_timeout)
        return httpx2.Client(timeout=patience, verify=_trust(), headers=self.address.headers)

    def _request(self, client: httpx2.Client, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401
        return client.stream(
            "POST",
            self.address.base + path,
            json=dict(body),
            extensions={"trace": self._trace},
        )

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def _watch(self) -> None:
        while not self._done.wait(POLL):
            self._late = time.monotonic() - self._heard > self.address.read_timeout
            if (self.stop.is_set() or self._late) and self._socket is not None:
                with suppress(OSError):  # the server may have closed it first
                    self._socket.shutdown(socket.SHUT_RDWR)
                return

    def _fail(self, error: Exception | None) -> NoReturn:
        if self.stop.is_set():
            raise Stopped("The answer was stopped.") from error
        if self._late or isinstance(error, httpx2.ReadTimeout | httpx2.WriteTimeout):
            raise BadReply(
                f"{self.address.host} sent nothing of the answer for "
                f"{self.address.read_timeout:g} s.",
                "Ask again, or raise READ_TIMEOUT.",
            )
        if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.InvalidURL):
            raise unreachable(self.address) from error
        raise BadReply(
            f"{self.address.host} broke the connection off before the answer was complete.",
            "Ask again; if it happens often, look at that server's log.",
        ) from error


def get(address: Address, path: str) -> tuple[int, Any]:
    """Return the status and the JSON of a small reply; None where it is not JSON."""
    status, _, found = _small(address, "GET", path, None)
    return status, found


def post(address: Address, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return the JSON of a small reply to a post; None where it is not JSON."""
    status, response, found = _small(address, "POST", path, body)
    if status != httpx2.codes.OK:
        raise explain(address, status, _sentence(found), _retry_after(response))
    return found


def text(address: Address, path: str, limit: int) -> tuple[int, str]:
    """Return the status and the text of a small reply, of which no more than the limit is read."""
    response, said = _fetched(address, "GET", path, None, limit)
    return response.status_code, said.decode("utf-8", "replace")


def _small(
    address: Address, method: str, path: str, body: Mapping[str, Any] | None
) -> tuple[int, httpx2.Response, Any]:
    response, said = _fetched(address, method, path, body, BODY_LIMIT)
    try:
        return response.status_code, response, json.loads(said)
    except ValueError:
        return response.status_code, response, None


def _fetched(
    address: Address, method: str, path: str, body: Mapping[str, Any] | None, limit: int
) -> tuple[httpx2.Response, bytes]:
    patience = httpx2.Timeout(min(address.read_timeout, 5.0), connect=address.connect_timeout)
    try:
        with (
            httpx2.Client(timeout=patience, verify=_trust(), headers=address.headers) as client,
            client.stream(method, address.base + path, json=body) as response,
        ):
            return response, _body(response, limit)
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
        raise unreachable(address) from error


def is_passing(error: BaseException) -> bool:
    """Say whether asking again at once is worth it."""
    if isinstance(error, Overloaded):
        return (error.retry_after or 0.0) <= LONGEST_WAIT
    broken = isinstance(error.__cause__, httpx2.NetworkError | httpx2.RemoteProtocolError)
    return isinstance(error, Unreachable) or (isinstance(error, BadReply) and broken)


def unreachable(address: Address) -> Unreachable:
    """Return the error for a server that does not answer."""
    return Unreachable(
        f"No inference server answers{address.at}.",
        "Start it, or check INFERENCE_URL.",
    )


def explain(address: Address, status: int, message: str, wait: float | None) -> PlumblineError:
    """Return our error for what the server said."""
    said = f": {address.told(message)}" if message else "."
    if status in (401, 403):
        return Unauthorized(
            f"{address.host} did not accept the key{said}", "Set INFERENCE_KEY to a valid key."
        )
    if status in (502, 504):
        return Unreachable(f"The gateway{address.at} cannot reach the model{said}")
    if status in (429, 503):
        return Overloaded(
            f"{address.host} has too much to do{said}", "Try again in a moment.", wait
        )
    if CONTEXT_WORDS.search(message):
        return ContextOverflow(
            f"The chat does not fit the model{address.at}{said}",
            "Shorten the message, start a new chat, or allow a shorter answer.",
        )
    if status == 404 or MODEL_WORDS.search(message):
        return ModelMissing(f"{address.host} does not serve that model{said}", "Check MODEL_NAME.")
    if 400 <= status < 500:
        return BadInput(f"{address.host} refused the request{said}", "")
    return BadReply(f"{address.host} failed with status {status}{said}", "Ask again later.")


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


def _lines(response: httpx2.Response) -> Iterator[str]:
    """Split the reply into lines, never holding more than one line's cap."""
    held, seen = bytearray(), 0
    for piece in response.iter_bytes():
        seen += len(piece)
        held += piece
        if seen > REPLY_LIMIT:
            raise BadReply(f"The server's answer has no end; it was cut off at {seen:,} bytes.")
        *whole, rest = bytes(held).split(b"\n")
        held = bytearray(rest)
        if max((len(line) for line in (*whole, rest)), default=0) > LINE_LIMIT:
            raise BadReply(f"The server sent a line of more than {LINE_LIMIT:,} bytes.")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r")
    if held:
        yield held.decode("utf-8", "replace")


def _refuse(address: Address, response: httpx2.Response) -> NoReturn:
    message = _message(_body(response, 65_536))
    raise explain(address, response.status_code, message, _retry_after(response))


def _body(response: httpx2.Response, limit: int) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > limit:
            break
    return bytes(body[:limit])


def _message(body: bytes) -> str:
    """Find the sentence in an error body, whatever the server's shape for it."""
    text = body.decode("utf-8", "replace")
    try:
        return _sentence(json.loads(text))
    except ValueError:
        return "" if text.lstrip().startswith("<") else _sentence(text)


def _sentence(found: Any) -> str:  # noqa: ANN401
    for key in ("error", "detail", "message"):
        if isinstance(found, dict) and key in found:
            found = found[key]
    if isinstance(found, dict) or found is None:
        return ""
    return " ".join(str(found).split())[:300]


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - time.time())
