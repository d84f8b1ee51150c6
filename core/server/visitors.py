"""Visitors: a signed anonymous owner for everybody, so that rows belong to somebody.

It knows how an owner travels: in a cookie, or in a header where a browser blocks cookies inside
a frame. It knows no names and stores none; what a visitor owns is the store's matter.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from itsdangerous import BadSignature, Signer

from core.errors import Unwritable
from core.settings import Settings

COOKIE = "plumbline_owner"
HEADER = "X-Plumbline-Owner"
SHORTEST = 20
YEAR = 365 * 24 * 3600


def secret_for(settings: Settings) -> str:
    """Return the secret that signs: SECRET_KEY, or one made once in DATA_DIR."""
    return settings.secret_key.get_secret_value() or _kept_secret(settings.data_dir / "secret")


def new_owner() -> str:
    """Return a fresh owner that nobody can guess."""
    return secrets.token_urlsafe(18)


def key_owner(key: str) -> str:
    """Return the owner of a caller known by an API key alone, the same at every call."""
    return "key-" + hashlib.sha256(f"plumbline:{key}".encode()).hexdigest()[:32]


def token(owner: str, secret: str) -> str:
    """Return the owner with its signature, as cookie and header carry it."""
    return _signer(secret).sign(owner.encode()).decode()


def owner_of_token(signed: str, secret: str) -> str | None:
    """Return the owner, or None when the signature is not ours."""
    try:
        return _signer(secret).unsign(signed.encode("utf-8", "replace")).decode()
    except BadSignature:
        return None


def owner_from(headers: Mapping[str, str], cookies: Mapping[str, str], secret: str) -> str | None:
    """Return who is asking, from the header first, then the cookie."""
    for signed in (headers.get(HEADER) or headers.get(HEADER.lower()), cookies.get(COOKIE)):
        owner = owner_of_token(signed, secret) if signed else None
        if owner:
            return owner
    return None


def cookie(name: str, value: str, framed: bool, secure: bool, age: int = YEAR) -> str:
    """Return a Set-Cookie value; `framed` lets it work inside another site's frame."""
    parts = [f"{name}={value}", "Path=/", f"Max-Age={age}", "HttpOnly"]
    if framed and secure:
        parts += ["SameSite=None", "Secure", "Partitioned"]
    else:
        parts += ["SameSite=Lax"] + (["Secure"] if secure else [])
    return "; ".join(parts)


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="plumbline.owner", digest_method=hashlib.sha256)


def _kept_secret(path: Path) -> str:
    try:
        if not path.exists():
            _make_secret(path)
        path.chmod(0o600)
        kept = path.read_text().strip()
    except OSError as error:
        raise Unwritable(
            f"The secret cannot be kept in {path.parent}: {error.strerror}.",
            "Set SECRET_KEY, or make DATA_DIR writable.",
        ) from error
    if len(kept) < SHORTEST:
        raise Unwritable(
            f"{path.name} in DATA_DIR is too short to sign with.",
            "Delete it; a new one is made at the next start. Visitors begin with empty chats.",
        )
    return kept


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(32))
