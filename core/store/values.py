"""How values go into the database and come out: text, JSON, times.

It knows what DuckDB and UTF-8 cannot hold. It knows no table.
"""

import json
import math
import re
import uuid
from datetime import UTC, datetime
from typing import Any

from core.errors import BadInput, TooLarge

LINE_LIMIT = 200
TEXT_LIMIT = 4_000_000
JSON_LIMIT = 8_000_000

_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_ON_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def new_id() -> str:
    """Return an identifier nobody can guess."""
    return uuid.uuid4().hex


def clean(text: str) -> str:
    """Return text that can be stored and encoded: no NUL, no half of a surrogate pair."""
    return _SURROGATES.sub("\ufffd", text.replace("\x00", ""))


def body(text: str, what: str = "The text") -> str:
    """Return clean text, refused beyond the limit rather than cut."""
    if len(text) > TEXT_LIMIT:
        raise TooLarge(
            f"{what} has {len(text):,} characters; {TEXT_LIMIT:,} can be kept.", "Send less text."
        )
    return clean(text)


def line(text: str, limit: int = LINE_LIMIT) -> str:
    """Return one clean line, cut to a length: for titles and names."""
    flat = " ".join(_NOT_ON_A_LINE.sub(" ", clean(text)).split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def to_json(value: object) -> str:
    """Return JSON text of a plain value; what JSON cannot say is refused or becomes null."""
    try:
        text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"This cannot be kept as JSON: {error}.", "Use plain values.") from error
    if len(text) > JSON_LIMIT:
        raise TooLarge(
            f"A record has {len(text):,} characters; {JSON_LIMIT:,} can be kept.",
            "Write what is large to a file and keep its name.",
        )
    return text


def from_json(text: str | None) -> dict[str, Any]:
    """Return the object that was kept; empty when there was none."""
    return json.loads(text) if text else {}


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def stored(moment: datetime | None) -> datetime | None:
    """Return the moment as a TIMESTAMP column holds it: UTC without a zone."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)


def aware(moment: datetime) -> datetime:
    """Return a TIMESTAMP column's value with its zone."""
    return moment.replace(tzinfo=UTC)


def maybe_aware(moment: datetime | None) -> datetime | None:
    """Return a nullable TIMESTAMP column's value with its zone."""
    return None if moment is None else aware(moment)


def _plain(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {clean(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
