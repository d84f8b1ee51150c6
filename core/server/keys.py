"""API keys: who is let in when API_KEYS is set.

It compares keys in constant time and signs the cookie that stands for a key already shown. It
does not know routes or pages.
"""

import hashlib
import hmac
from collections.abc import Mapping

from itsdangerous import BadSignature, TimestampSigner

COOKIE = "plumbline_session"
MONTH = 30 * 24 * 3600


class Keys:
    """The keys that may use the API and the page; none means that no key is asked for."""

    def __init__(self, keys: tuple[str, ...], secret: str) -> None:
        self._digests = tuple(_digest(key) for key in keys)
        # Bound to the keys: changing them ends every session.
        salt = "plumbline.session:" + "|".join(digest.hex() for digest in self._digests)
        self._signer = TimestampSigner(secret, salt=salt, digest_method=hashlib.sha256)

    @property
    def wanted(self) -> bool:
        """Say whether a key is asked for."""
        return bool(self._digests)

    def fits(self, key: str) -> bool:
        """Say whether this is one of the keys."""
        given = _digest(key)
        return any([hmac.compare_digest(given, digest) for digest in self._digests])

    def session(self) -> str:
        """Return a signed value that stands for a key shown just now."""
        return self._signer.sign("in").decode()

    def knows(self, session: str) -> bool:
        """Say whether a session value is ours and not older than a month."""
        try:
            return self._signer.unsign(session.encode("utf-8", "replace"), max_age=MONTH) == b"in"
        except BadSignature:
            return False


def presented(headers: Mapping[str, str]) -> str | None:
    """Return the key a caller sends as a bearer token or in x-api-key."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    return headers.get("x-api-key") or None


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "replace")).digest()
