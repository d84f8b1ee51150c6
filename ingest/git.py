"""Clones the newest commit of a git repository that nobody vouches for.

It starts git so that a repository can run nothing here: no hooks, no filters, no submodules, no
other protocols, nobody's own configuration. Which addresses are allowed is ingest/address.py's.
"""

import os
import re
import shlex
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import (
    BadInput,
    Forbidden,
    NotFound,
    PlumblineError,
    SourceError,
    TooLarge,
    Unauthorized,
    Unwritable,
)
from core.process import clean_environment
from core.store.values import line
from ingest import address, program
from ingest.address import Address
from ingest.found import MEGABYTE, Caps, Watch

MAX_DEPTH = 100
SAY_EVERY_S = 1.0
_SELF = "Clone it yourself and give the folder."
_ALWAYS = {
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "credential.helper": "",
    "submodule.recurse": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "http.followRedirects": "false",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "30",
    "transfer.bundleURI": "false",
}
_CLONE = (
    *("clone", "--quiet", "--depth=1", "--single-branch", "--no-tags", "--no-checkout"),
    *("--no-recurse-submodules", "--template="),
)
_ENTRY = re.compile(rb"\d+ \w+ \w+ +(-|\d+)\t(.*)", re.DOTALL)
_PRIVATE = f"Check the address. For a private repository use ssh, or: {_SELF[0].lower()}{_SELF[1:]}"
# What git says → the error, what it means, what to do. The first that fits is taken.
_SAYINGS: tuple[tuple[str, type[PlumblineError], str, str], ...] = (
    ("No space left|quota", Unwritable, "does not fit: the disk is full", "Free some space."),
    ("error: 30[1278]", Forbidden, "leads to another address", "Give the address it leads to."),
    ("Permission denied|Host key", Unauthorized, "refused this machine's ssh key, or is new to it",
     "Try ssh to that host in a terminal first."),
    ("could not read|not found|not appear|error: 40[134]|Authentication", NotFound,
     "is not there, or is private", _PRIVATE),
    ("resolve|connect|timed out|Connection|early EOF|RPC|too slow|hung up", SourceError,
     "cannot be reached", "Check the network and try again."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Git:
    """Clones repositories into folders; `loopback` is for a server that a test started."""

    caps: Caps
    watch: Watch = field(default_factory=Watch)
    loopback: bool = False

    def clone(self, text: str, folder: Path) -> str:
        """Clone into a new folder and return the commit."""
        place = address.parse(text, self.loopback)
        number = address.resolve(place, self.loopback)
        folder.parent.mkdir(parents=True, exist_ok=True)
        until = time.monotonic() + self.caps.seconds
        self.watch.say(f"Cloning {place.shown}.")

        def git(*words: str) -> bytes:
            return self._run(place, number, words, self._check(place, folder, until))

        git(*_CLONE, "--", place.url, str(folder))
        inside = ("-C", str(folder))
        if not git(*inside, "for-each-ref"):
            raise BadInput(f"{place.shown} has no commits.", "Give another repository.")
        self._check_tree(place, git(*inside, "ls-tree", "-r", "-l", "-z", "HEAD"))
        self.watch.say(f"Checking out {place.shown}.")
        git(*inside, "checkout", "--quiet", "--force", "--detach", "HEAD")
        return git(*inside, "rev-parse", "HEAD").decode().strip()

    def _run(
        self, place: Address, number: str, words: tuple[str, ...], check: Callable[[int], object]
    ) -> bytes:
        asked = ("git", *settings(place, number, self.loopback), *words)
        try:
            ended = program.run(asked, environment(place, number), check)
        except FileNotFoundError as error:
            raise SourceError("git is not installed here.", f"Install git, or: {_SELF}") from error
        if ended.code:
            raise explained(place, ended.err)
        return ended.out

    def _check(self, place: Address, folder: Path, until: float) -> Callable[[int], None]:
        """Return what is asked again and again while git runs."""
        said = [time.monotonic()]

        def check(printed: int) -> None:
            self.watch.check()
            taken = printed + weight(folder / ".git")
            if taken > self.caps.total_bytes:
                raise self._too_much(place)
            now = time.monotonic()
            if now > until:
                raise TooLarge(f"{place.shown} takes over {self.caps.seconds:.0f} s.", _SELF)
            if now - said[0] > SAY_EVERY_S:
                said[0] = now
                self.watch.say(f"Cloning {place.shown}: {taken / MEGABYTE:.0f} MB.")

        return check

    def _check_tree(self, place: Address, listed: bytes) -> None:
        """Refuse what is too much before any of it is written as files."""
        entries = [found for each in listed.split(b"\0") if (found := _ENTRY.fullmatch(each))]
        if sum(int(each[1]) for each in entries if each[1] != b"-") > self.caps.total_bytes:
            raise self._too_much(place)
        if len(entries) > self.caps.files:
            raise TooLarge(f"{place.shown} has more than {self.caps.files:,} files.", _SELF)
        if any(each[2].count(b"/") > MAX_DEPTH for each in entries):
            raise TooLarge(f"{place.shown} is more than {MAX_DEPTH} folders deep.", _SELF)

    def _too_much(self, place: Address) -> TooLarge:
        limit = self.caps.total_bytes // MEGABYTE
        return TooLarge(
            f"{place.shown} has more than {limit:,} MB.", f"{_SELF} Or raise INGEST_MAX_TOTAL_MB."
        )


def settings(place: Address, number: str, loopback: bool = False) -> list[str]:
    """Return the configuration that every git command is started with."""
    chosen = dict(_ALWAYS)
    if loopback:
        chosen["protocol.http.allow"] = "always"
    if place.scheme != "ssh" and number != place.host:
        shown = f"[{number}]" if ":" in number else number
        chosen["http.curloptResolve"] = f"{place.host}:{place.port}:{shown}"
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def environment(place: Address, number: str) -> dict[str, str]:
    """Return the environment of git: the user's own, without anything that steers git."""
    kept = {
        name: value
        for name, value in clean_environment().items()
        if not name.startswith(("GIT_", "SSH_ASKPASS"))
    }
    known_as = place.host if place.port == address.PORTS["ssh"] else f"[{place.host}]:{place.port}"
    options = ("BatchMode=yes", f"HostName={number}", f"HostKeyAlias={known_as}")
    ssh = ["ssh", *(word for option in options for word in ("-o", option))]
    return kept | {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_SSH_VARIANT": "ssh",
        "GIT_SSH_COMMAND": shlex.join([*ssh, "-o", "ForwardAgent=no", "-o", "ConnectTimeout=20"]),
        "LC_ALL": "C",
    }


def explained(place: Address, said: str) -> PlumblineError:
    """Return what git's complaint means."""
    for pattern, error, what, hint in _SAYINGS:
        if re.search(pattern, said):
            return error(f"{place.shown} {what}.", hint)
    last = next((each for each in reversed(said.splitlines()) if each.strip()), "no reason given")
    return SourceError(f"{place.shown} could not be cloned: {line(last)}", _SELF)


def weight(folder: Path) -> int:
    """Return how many bytes the files of a folder hold, while they come and go."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total
