"""Which git addresses may be cloned, and that they lead out of this machine's own networks.

It knows how addresses are written and how numbers stand for hosts. It starts no program.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.errors import BadInput, Forbidden, SourceError

MAX_LENGTH = 2_000
GITHUB = "https://github.com/"
PORTS = {"https": 443, "http": 80, "ssh": 22}
_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PATH = re.compile(r"/?[\w.~+@%][\w./~+@%-]*")
_SHORT = re.compile(r"[A-Za-z0-9][\w-]*/[\w-][\w.-]*")
_SCP = re.compile(r"([^@/:\s]+)@([^@/:\s]+):([^:\s].*)")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_FORMS = "Write https://host/owner/name, git@host:owner/name.git or owner/name for GitHub."
_SELF = "Clone it yourself and give the folder."

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Address:
    """A git address taken apart; `url` is what git is given."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """Return the host and path, as people write them."""
        return f"{self.host}/{self.path.strip('/').removesuffix('.git')}"


def is_git(text: str) -> bool:
    """Say whether the text is meant as a git address."""
    return "://" in text or "::" in text or bool(_SCP.fullmatch(text))


def is_short(text: str) -> bool:
    """Say whether the text is the short form of a repository on GitHub."""
    return bool(_SHORT.fullmatch(text)) and not text.endswith((".", ".."))


def parse(text: str, loopback: bool = False) -> Address:
    """Return the checked address; `loopback` is for a server that a test started."""
    if len(text) > MAX_LENGTH or not text.isprintable() or " " in text or "\\" in text:
        raise BadInput("This git address holds spaces or signs that no address has.", _FORMS)
    if is_short(text):
        return Address(f"{GITHUB}{text}", "https", "github.com", 443, f"/{text}")
    short = _SCP.fullmatch(text)
    if short and "://" not in text:
        user, host, path = short.groups()
        return _checked(Address(text, "ssh", host, 22, path), user, loopback)
    return _checked(*_split(text, loopback), loopback)


def _split(text: str, loopback: bool) -> tuple[Address, str]:
    try:
        found = urlsplit(text)
        port = found.port
    except ValueError as error:
        raise BadInput(f"{text!r} is not a git address.", _FORMS) from error
    schemes = ("https", "ssh", "http") if loopback else ("https", "ssh")
    scheme = next((each for each in schemes if found.scheme == each), None)
    if scheme is None or "::" in text.split("://")[0]:
        what = found.scheme or text.partition(":")[0]
        raise Forbidden(f"git may not fetch over {what!r}; https and ssh are allowed.", _FORMS)
    if found.query or found.fragment:
        raise BadInput(f"{text!r} has more than a repository's address.", _FORMS)
    if found.password or (found.username is not None and scheme != "ssh"):
        raise BadInput(
            "A git address must not hold a user or a password.",
            f"Use ssh for a private repository. {_SELF}",
        )
    host = found.hostname or ""
    return Address(text, scheme, host, port or PORTS[scheme], found.path), found.username or ""


def _checked(address: Address, user: str, loopback: bool) -> Address:
    """Return the address if no part of it can be taken for an option or a private host."""
    is_number = ":" in address.host
    if not (is_number or _HOST.fullmatch(address.host)) or (user and not _USER.fullmatch(user)):
        raise BadInput(f"{address.url!r} names no host.", _FORMS)
    if not _PATH.fullmatch(address.path) or address.path in ("/", "."):
        raise BadInput(f"{address.url!r} names no repository.", _FORMS)
    literal = _literal(address.host)
    if literal and not (_is_outside(literal) or (loopback and literal.is_loopback)):
        raise _private(address.host)
    return address


def resolve(address: Address, loopback: bool = False) -> str:
    """Return the number the host stands for now, refused if any of its numbers is private.

    git is then given this number, so that the name cannot mean another one a moment later.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceError(
            f"The host {address.host} is not known here.", "Check the address and the network."
        ) from error
    numbers = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    if not all(_is_outside(each) or (loopback and each.is_loopback) for each in numbers):
        raise _private(address.host)
    return str(numbers[0])


def _literal(host: str) -> IPAddress | None:
    """Return the number a host is written as: in dots, in colons, or as C programs read it."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _is_outside(number: IPAddress) -> bool:
    """Say whether a number is of the public internet, also where it wraps an older one."""
    if isinstance(number, ipaddress.IPv4Address):
        return number.is_global and not number.is_multicast
    inner = number.ipv4_mapped or number.sixtofour or (number.teredo or (None, None))[1]
    if number in _NAT64:
        inner = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
    if inner:
        return _is_outside(inner)
    return number in _UNICAST and number.is_global


def _private(host: str) -> Forbidden:
    return Forbidden(f"{host} is an address of this machine or of a private network.", _SELF)
