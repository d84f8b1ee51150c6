"""A model that answered once and does not now: since when, and how that is mended.

It puts a failed call into words. It does not decide when the trouble is over.
"""

from dataclasses import dataclass
from datetime import datetime

from core.errors import (
    BadReply,
    ModelMissing,
    Overloaded,
    PlumblineError,
    Unauthorized,
    Unreachable,
)

# Failures of the server, not of one question: the next question fails the same way.
FAILING = (Unreachable, Overloaded, ModelMissing, Unauthorized, BadReply)
PASSING = (Unreachable, Overloaded, BadReply)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the last call failed with, and since when calls fail."""

    error: PlumblineError
    since: datetime

    @property
    def is_down(self) -> bool:
        """Say whether the next question fails too, as far as is known."""
        return not isinstance(self.error, Overloaded | BadReply)

    @property
    def reason(self) -> str:
        """Return what is wrong and since when."""
        since = f"since {self.since:%H:%M} UTC"
        if isinstance(self.error, Unreachable):
            return f"The model server has not answered {since}."
        return f"{self.error.message.rstrip('.')} ({since})."

    @property
    def hint(self) -> str:
        """Return how it is mended."""
        if isinstance(self.error, Unreachable):
            return "Start it again; Plumbline notices by itself."
        return self.error.hint
