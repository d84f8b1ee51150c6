"""Where one sample, or one score of it, may fail without taking the others along.

It knows how an exception is written down. What is tried, and what follows, is its caller's matter.
"""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.errors import PlumblineError, Stopped

TRACE_LIMIT = 8_000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong: its code or type, in words, with the trace of what nobody foresaw."""

    kind: str
    message: str
    hint: str = ""
    trace: str = ""
    retryable: bool = False
    retry_after: float | None = None

    @property
    def text(self) -> str:
        """Return what happened and what to do, in one text."""
        return f"{self.message} {self.hint}".strip()


def attempted(do: Callable[[], T]) -> "T | Trouble":
    """Return what was done, or why it could not be; a wish to stop is passed on."""
    try:
        return do()
    except Stopped:
        raise
    except PlumblineError as error:
        return Trouble(
            error.code,
            error.message,
            error.hint,
            retryable=error.retryable,
            retry_after=error.retry_after,
        )
    except Exception as error:  # noqa: BLE001  the boundary of an evaluation sample
        trace = "".join(traceback.format_exception(error))[-TRACE_LIMIT:]
        return Trouble(type(error).__name__, str(error) or type(error).__name__, trace=trace)
