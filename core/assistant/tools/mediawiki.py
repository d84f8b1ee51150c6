"""One question to a MediaWiki: its search, its errors and its manners.

It knows who asks, how often, and to wait when told to. It does not know what is kept, nor what
may be asked.
"""

import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from core.documents import Chunk, Evidence
from core.errors import BadReply, Overloaded, PlumblineError, Stopped, Unreachable
from core.messages import Stop

AGENT = "Plumbline/0.1 (a workbench for language models; one person's questions)"
RATE = "1/second"
FOUND = 3
CHARACTERS = 2_000
BODY = 1_000_000
CONNECT_S = 3.0
READ_S = 5.0
WHOLE_S = 10.0
ATTEMPTS = 3
LONGEST_WAIT_S = 8.0
MAX_LAG = 5
ABSENT = "Wikipedia cannot be reached from here."
_backoff = wait_exponential_jitter(multiplier=0.5, max=4.0, jitter=0.5)


class MediaWiki:
    """Asks one address, no faster than it may."""

    def __init__(self, url: str, rate: str = RATE) -> None:
        self._url = url
        self._rate: RateLimitItem = parse(rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def search(self, query: str, stop: Stop) -> tuple[Evidence, ...]:
        """Return the openings of the best articles; what goes wrong is raised in words."""
        attempts = Retrying(
            stop=stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=retry_if_exception_type((Overloaded, Unreachable)),
            sleep=lambda seconds: (stop.wait(seconds), None)[1],
            reraise=True,
        )
        return _articles(attempts(self._asked, query, stop))

    def _asked(self, query: str, stop: Stop) -> dict[str, Any]:
        """Send one request and return its JSON."""
        while not self._limiter.hit(self._rate, self._url):
            reset = self._limiter.get_window_stats(self._rate, self._url).reset_time
            stop.wait(max(0.01, min(1.0, reset - time.time())))
            if stop.is_set():
                break
        if stop.is_set():
            raise Stopped("The call was stopped.")
        patience = httpx.Timeout(READ_S, connect=CONNECT_S)
        try:
            with (
                httpx.Client(timeout=patience, headers={"user-agent": AGENT}) as client,
                client.stream("GET", self._url, params=_parameters(query)) as response,
            ):
                return _read(response, _body(response, stop))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            hint = "There may be no network; answer without it."
            raise Unreachable(ABSENT, hint) from error


def _parameters(query: str) -> dict[str, str | int]:
    return {
        "action": "query",
        "format": "json",
        "formatversion": 2,
        "generator": "search",
        "gsrsearch": query,
        "gsrlimit": FOUND,
        "prop": "extracts|info",
        "exintro": 1,
        "explaintext": 1,
        "exlimit": FOUND,
        "inprop": "url",
        "redirects": 1,
        "maxlag": MAX_LAG,
    }


def _body(response: httpx.Response, stop: Stop) -> bytes:
    """Read the body, up to a size and a time."""
    body, deadline = bytearray(), time.monotonic() + WHOLE_S
    for piece in response.iter_bytes():
        body += piece
        if len(body) > BODY:
            raise BadReply(f"Wikipedia sent more than {BODY:,} bytes.", "Ask for something else.")
        if stop.is_set():
            raise Stopped("The call was stopped.")
        if time.monotonic() > deadline:
            raise Unreachable("Wikipedia answers too slowly.", "Answer without it.")
    return bytes(body)


def _read(response: httpx.Response, body: bytes) -> dict[str, Any]:
    """Return the JSON of an answer; errors, also those with status 200, are raised in words."""
    wait = _retry_after(response)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
        raise Overloaded(
            f"Wikipedia has too much to do (status {response.status_code}).", "Try later.", wait
        )
    if response.status_code != httpx.codes.OK:
        raise BadReply(f"Wikipedia refused the request with status {response.status_code}.")
    try:
        told = json.loads(body)
    except ValueError as error:
        raise BadReply("Wikipedia sent something that is not JSON.", "Check its URL.") from error
    if not isinstance(told, dict):
        raise BadReply("Wikipedia sent something that is not an answer.", "Check its URL.")
    failed = told.get("error")
    if isinstance(failed, dict):
        if failed.get("code") in ("maxlag", "ratelimited", "readonly"):
            raise Overloaded(f"Wikipedia has too much to do ({failed['code']}).", "", wait)
        raise BadReply(f"Wikipedia could not search: {str(failed.get('info', ''))[:200]}")
    return told


def _articles(told: dict[str, Any]) -> tuple[Evidence, ...]:
    query = told.get("query")
    pages = query.get("pages", []) if isinstance(query, dict) else []
    pages = [page for page in pages if isinstance(page, dict)] if isinstance(pages, list) else []
    return tuple(
        _evidence(page, rank)
        for rank, page in enumerate(sorted(pages, key=_place)[:FOUND])
        if isinstance(page.get("extract"), str) and page["extract"].strip()
    )


def _place(page: dict[str, Any]) -> int:
    index = page.get("index")
    return index if isinstance(index, int) else 1_000


def _evidence(page: dict[str, Any], rank: int) -> Evidence:
    title, text = str(page.get("title", ""))[:200], page["extract"].strip()
    text = text if len(text) <= CHARACTERS else text[:CHARACTERS].rpartition(" ")[0] + " …"
    where = str(page.get("fullurl") or f"wikipedia:{title}")[:500]
    chunk = Chunk(where, 1, text.count("\n") + 1, f"{title}\n{text}", source="wikipedia")
    return Evidence(chunk, 1 / (rank + 1), ("wikipedia",))


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def _wait(state: RetryCallState) -> float:
    """Wait as long as the server asked for, within reason, or a little longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, PlumblineError) else None
    return min(asked, LONGEST_WAIT_S) if asked is not None else _backoff(state)
