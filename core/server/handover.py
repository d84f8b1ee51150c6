"""Command lines beside a running app: ask the owner of DATA_DIR, or be the owner oneself.

It knows the lock file and the loopback call. What is asked for is its caller's matter.
"""

from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import quote

import httpx

from core.errors import NotFound, OwnedElsewhere, PlumblineError, StateError
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Lock, Owner, owner_of

TOKEN_HEADER = "X-Plumbline-Token"
TIMEOUT_S = 10.0
Method = Literal["GET", "POST", "DELETE"]


def either(
    settings: Settings,
    method: Method,
    path: tuple[str, ...],
    alone: Callable[[Store], dict[str, Any]],
    body: dict[str, Any] | None = None,
    timeout: float = TIMEOUT_S,
) -> dict[str, Any]:
    """Do it through the owner if there is one, else as the owner; the result is the same."""
    held = grip(settings)
    if isinstance(held, Owner):
        return ask(held, method, path, body, timeout)
    try:
        store = Store.open(settings.data_dir, settings.store_memory)
        try:
            return alone(store)
        finally:
            store.close()
    finally:
        held.release()


def grip(settings: Settings) -> Owner | Lock:
    """Return who owns DATA_DIR, or where nobody does the lock on it."""
    owner = owner_of(settings.data_dir)
    if owner is not None:
        return owner
    try:
        return Lock.acquire(settings.data_dir, "")
    except OwnedElsewhere:
        # Somebody became the owner between the look and the grip.
        owner = owner_of(settings.data_dir)
        if owner is None:
            raise
        return owner


def ask(
    owner: Owner,
    method: Method,
    path: tuple[str, ...],
    body: dict[str, Any] | None = None,
    timeout: float = TIMEOUT_S,
) -> dict[str, Any]:
    """Ask the owner over loopback with the token from its lock file."""
    if not owner.url:
        raise OwnedElsewhere(
            f"DATA_DIR is in use by process {owner.pid}, which is another command.",
            "Run this again when it is done.",
        )
    url = "/".join([owner.url.rstrip("/"), "v1/internal", *(quote(part, safe="") for part in path)])
    try:
        # A proxy from the environment must never see the token.
        with httpx.Client(timeout=timeout, trust_env=False) as client:
            headers = {TOKEN_HEADER: owner.token}
            response = client.request(method, url, headers=headers, json=body)
    except httpx.HTTPError as error:
        raise StateError(
            f"Process {owner.pid} owns DATA_DIR but does not answer at {owner.url}.",
            "It may still be starting: try again in some seconds. If it hangs, end it.",
        ) from error
    return _read(response)


def _read(response: httpx.Response) -> dict[str, Any]:
    try:
        told = response.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise StateError(
            f"The owner answered {response.status_code} in a form that is not understood.",
            "Both should be the same version: restart the app.",
        )
    if response.is_success:
        return told
    kind = NotFound if response.status_code == NotFound.status else PlumblineError
    raise kind(str(told.get("detail", "The owner refused.")), str(told.get("hint", "")))
