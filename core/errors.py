"""The error tree. It knows what can go wrong in words; it deliberately does not know HTTP routes.

    PlumblineError
    ├── BadInput                what was sent cannot be used
    │   ├── SettingsError       one or more settings are wrong
    │   ├── Malformed           a body that cannot be read at all
    │   ├── TooLarge            a prompt, upload or body beyond a cap
    │   └── ContextOverflow     the prompt does not fit the model's context
    ├── NotFound                no such chat, run, model, route
    ├── Unauthorized            no key, or a wrong one
    ├── Forbidden               known, but not allowed here
    │   └── Misdirected         the request names a host that this is not
    ├── Conflict                the same thing is already being worked on, or kept as another
    ├── Busy                    at capacity; retry later (retry_after)
    │   └── RateLimited         this visitor asked too often (retry_after)
    ├── Stopped                 the caller left or pressed stop
    ├── SourceError             a repository or data set could not be fetched
    ├── ModelError              a generator could not answer
    │   ├── ModelMissing        the folder, hub id or served name does not exist
    │   ├── Unreachable         no server answers at that address
    │   ├── Overloaded          the server says 429 or 503 (retry_after)
    │   ├── BadReply            the server's answer is not what the protocol says
    │   └── OutOfMemory         the device has no room
    └── StateError              what is on disk cannot be used as it is
        ├── OwnedElsewhere      another process owns this DATA_DIR
        ├── PortTaken           the address to listen on cannot be used
        ├── Unwritable          DATA_DIR cannot be written
        └── Corrupt             a file was damaged and has been moved aside

Each carries a message that says what happened with the value, a hint that says what to do,
a stable `code`, and the HTTP status it maps to.
"""

from collections.abc import Mapping
from typing import Any


class PlumblineError(Exception):
    """Anything Plumbline says went wrong, in words a user can act on."""

    code = "error"
    status = 500
    retryable = False

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(PlumblineError):
    """What was sent cannot be used."""

    code, status = "bad_input", 422


class SettingsError(BadInput):
    """One or more settings are wrong; the message lists all of them."""

    code = "settings"


class Malformed(BadInput):
    """A body cannot be read at all."""

    code, status = "malformed", 400


class TooLarge(BadInput):
    """A prompt, upload or body is beyond its cap."""

    code, status = "too_large", 413


class ContextOverflow(BadInput):
    """The prompt does not fit the model's context."""

    code, status = "context_overflow", 422


class NotFound(PlumblineError):
    """There is no such thing."""

    code, status = "not_found", 404


class Unauthorized(PlumblineError):
    """No key was given, or a wrong one."""

    code, status = "unauthorized", 401


class Forbidden(PlumblineError):
    """The caller is known and still may not do this here."""

    code, status = "forbidden", 403


class Misdirected(Forbidden):
    """The request names a host that this server is not."""

    code, status = "misdirected", 421


class Conflict(PlumblineError):
    """The same thing is already being worked on, or is kept under that name as another."""

    code, status = "conflict", 409


class Busy(PlumblineError):
    """Everything that could answer is at work."""

    code, status, retryable = "busy", 503, True


class RateLimited(Busy):
    """This visitor asked too often."""

    code, status = "rate_limited", 429


class Stopped(PlumblineError):
    """The caller left or pressed stop."""

    code, status = "stopped", 499


class SourceError(PlumblineError):
    """A repository or data set could not be fetched from where it is."""

    code, status, retryable = "source", 502, True


class ModelError(PlumblineError):
    """A model could not answer."""

    code, status = "model", 502


class ModelMissing(ModelError):
    """The folder, hub id or served name does not exist."""

    code, status = "model_missing", 503


class Unreachable(ModelError):
    """No server answers at that address."""

    code, status, retryable = "unreachable", 503, True


class Overloaded(ModelError):
    """The server says it has too much to do."""

    code, status, retryable = "overloaded", 503, True


class BadReply(ModelError):
    """The server's answer is not what the protocol says."""

    code, retryable = "bad_reply", True


class OutOfMemory(ModelError):
    """The device has no room for this."""

    code, status = "out_of_memory", 507


class StateError(PlumblineError):
    """What is on disk cannot be used as it is."""

    code = "state"


class OwnedElsewhere(StateError):
    """Another process owns this DATA_DIR."""

    code = "owned_elsewhere"


class PortTaken(StateError):
    """The address to listen on cannot be used."""

    code = "port_taken"


class Unwritable(StateError):
    """DATA_DIR cannot be written."""

    code = "unwritable"


class Corrupt(StateError):
    """A file was damaged and has been moved aside."""

    code = "corrupt"


_RULES = {
    "extra_forbidden": "is not a field",
    "missing": "is missing",
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "bool_parsing": "should be 1 or 0",
    "string_type": "should be text",
    "too_short": "needs at least {min_length} item{s}",
}


def refusal(kind: str, context: Mapping[str, Any], message: str) -> str:
    """Return why a value was refused, in plain words instead of a library's."""
    said = message.removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    plural = "" if context.get("min_length") == 1 else "s"
    return _RULES[kind].format(**{**context, "s": plural}) if kind in _RULES else said
