"""Errors over HTTP: one shape, `application/problem+json` (RFC 9457).

It knows how each error is said to a caller, and that OpenAI's clients look for an `error`
object beside it. It does not know where errors come from, and it lets no path or stack out.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from core.errors import PlumblineError, refusal
from core.server.paths import without_paths

MEDIA_TYPE = "application/problem+json"
OPENAI_PATHS = ("/v1/chat/completions", "/v1/models")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_JSON = "Send a JSON object with the header Content-Type: application/json."


class ProblemDocument(BaseModel):
    """What every error looks like."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    request_id: str
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is told to a caller."""

    status: int
    code: str
    detail: str
    hint: str = ""
    retryable: bool = False
    retry_after: float | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, path: str, request_id: str) -> dict[str, Any]:
        """Return the members of the problem document."""
        told: dict[str, Any] = {
            "type": f"urn:plumbline:error:{self.code}",
            "title": _phrase(self.status),
            "status": self.told_status(path),
            "detail": self.detail,
            "code": self.code,
            "hint": self.hint,
            "request_id": request_id,
            "retryable": self.retryable,
        }
        if is_openai(path):
            told["error"] = {
                "message": f"{self.detail} {self.hint}".strip(),
                "type": _openai_type(self.told_status(path)),
                "param": self.param,
                "code": self.code,
            }
        return told

    def told_status(self, path: str) -> int:
        """Return the status for this path; OpenAI's clients expect 400 for wrong values."""
        return 400 if self.status == 422 and is_openai(path) else self.status

    def response(self, path: str, request_id: str) -> Response:
        """Return the whole HTTP response."""
        headers = dict(self.headers)
        if self.retry_after is not None:
            headers["Retry-After"] = str(max(1, math.ceil(self.retry_after)))
        body = dumps(self.document(path, request_id))
        return Response(body, self.told_status(path), headers, MEDIA_TYPE)


def dumps(value: object) -> bytes:
    """Return compact JSON that is valid UTF-8 whatever text a model or caller came up with."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).encode()


def is_openai(path: str) -> bool:
    """Say whether callers of this path expect OpenAI's error object."""
    return path.startswith(OPENAI_PATHS)


def from_error(error: PlumblineError) -> Problem:
    """Return one of our own errors as a problem."""
    return Problem(
        status=error.status,
        code=error.code,
        detail=without_paths(error.message),
        hint=without_paths(error.hint),
        retryable=error.retryable,
        retry_after=error.retry_after,
    )


def from_http(error: HTTPException) -> Problem:
    """Return an HTTP error that the framework raised as a problem."""
    phrase = _phrase(error.status_code)
    detail = error.detail if isinstance(error.detail, str) and error.detail else phrase
    headers = dict(error.headers or {})
    if error.status_code == 400 and "parsing the body" in detail:
        return Problem(400, "malformed", "The body cannot be read as JSON.", _NOT_JSON)
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    return Problem(error.status_code, code, detail, headers=headers)


def from_validation(error: RequestValidationError) -> Problem:
    """Return wrong values as a problem that names each one."""
    items = error.errors()
    if any(item["type"] == "json_invalid" for item in items):
        where = next(item["loc"][-1] for item in items if item["type"] == "json_invalid")
        return Problem(400, "malformed", f"The body is not JSON (at character {where}).", _NOT_JSON)
    if any(item["type"] == "model_attributes_type" and len(item["loc"]) == 1 for item in items):
        return Problem(422, "bad_input", "The body is not a JSON object.", _NOT_JSON)
    sentences = [_sentence(item) for item in items[:5]]
    if len(items) > 5:
        sentences.append(f"And {len(items) - 5} more.")
    param = _where(items[0]["loc"])
    return Problem(
        422, "bad_input", " ".join(sentences), "See /docs for what is expected.", param=param
    )


def unexpected() -> Problem:
    """Return what is said about an error nobody foresaw; the log has the rest."""
    return Problem(
        500,
        "internal",
        "Something went wrong here that was not foreseen.",
        "The log has the details under this request id.",
    )


def _phrase(status: int) -> str:
    if status == 499:
        return "Client closed request"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def _openai_type(status: int) -> str:
    known = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
    if status in known:
        return known[status]
    return "invalid_request_error" if status < 500 else "server_error"


def _where(loc: Sequence[int | str]) -> str:
    parts = [str(part) for part in loc if part not in ("body", "query", "path", "header")]
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", ".".join(parts))[:100]


def _sentence(item: Mapping[str, Any]) -> str:
    rule = refusal(str(item["type"]), item.get("ctx", {}), str(item["msg"]))
    where = _where(item["loc"])
    if item["type"] == "extra_forbidden":
        return f"{where} {rule}."
    return f"{where}: {rule}." if where else f"{rule}."
