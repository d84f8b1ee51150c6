"""Cloning: what comes back, and all that a repository or a server may not do on the way."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.errors import (
    BadInput,
    Forbidden,
    NotFound,
    PlumblineError,
    SourceError,
    Stopped,
    TooLarge,
    Unauthorized,
    Unwritable,
)
from ingest import address, program
from ingest.found import Caps, Found, Watch
from ingest.git import Git, environment, explained, settings
from ingest.sources import Source, opened
from tests.ingest import gitserver
from tests.ingest.gitserver import GitServer

FILES = {"src/app.py": b"def run():\n    return 1\n", "README.md": b"# Here\n"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with gitserver.running(tmp_path_factory.mktemp("repositories")) as server:
        server.publish("plain", FILES, links={"out": "/etc/passwd", "loop": "."})
        yield server


def local(caps: Caps | None = None, watch: Watch | None = None) -> Git:
    """Return a Git that may clone from this machine."""
    return Git(caps or Caps(), watch or Watch(), loopback=True)


def paths(source: Source, folder: Path, caps: Caps | None = None) -> dict[str, str]:
    with opened(source, folder, caps, loopback=True) as tree:
        found = {each.path: each for each in tree.files() if isinstance(each, Found)}
        return {"": tree.revision} | {path: each.text().text for path, each in found.items()}


def test_a_clone_has_the_files_of_the_newest_commit(server: GitServer, tmp_path: Path):
    commit = server.publish("two", {"a.py": b"x = 1\n"})
    found = paths(Source("git", server.url("good/two.git")), tmp_path)
    assert found == {"": commit, "a.py": "x = 1\n"}
    assert list(tmp_path.iterdir()) == []


def test_links_in_a_repository_lead_nowhere(server: GitServer, tmp_path: Path):
    found = paths(Source("git", server.url("good/plain.git")), tmp_path)
    assert set(found) == {"", "src/app.py", "README.md"}


def test_only_the_newest_commit_is_fetched(server: GitServer, tmp_path: Path):
    local().clone(server.url("good/plain.git"), tmp_path / "clone")
    assert (tmp_path / "clone" / ".git" / "shallow").exists()


def test_nothing_of_the_users_own_git_runs(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Hooks, filters and templates that the user's configuration names stay asleep."""
    proof, home = tmp_path / "ran", tmp_path / "home"
    hook = home / "hooks" / "post-checkout"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch {proof}\n")
    hook.chmod(0o755)
    (home / ".gitconfig").write_text(
        f"[core]\n hooksPath = {hook.parent}\n[init]\n templateDir = {home}\n"
        f'[filter "evil"]\n smudge = touch {proof}; cat\n required = true\n'
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"touch {proof}")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(home))
    server.publish("filtered", {".gitattributes": b"* filter=evil\n", "a.txt": b"text\n"})
    folder = tmp_path / "clone"
    local().clone(server.url("good/filtered.git"), folder)
    assert (folder / "a.txt").read_bytes() == b"text\n"
    assert not proof.exists()
    assert not (folder / ".git" / "hooks").exists()


def test_submodules_are_not_fetched(server: GitServer, tmp_path: Path):
    asked = server.url("good/plain.git")
    modules = f'[submodule "inner"]\n path = inner\n url = {asked}\n'.encode()
    server.publish("outer", {".gitmodules": modules, "a.py": b"1\n"})
    work, bare = server.folder / "outer.work", server.folder / "outer.git"
    inner = gitserver.git("-C", str(server.folder / "plain.work"), "rev-parse", "HEAD").strip()
    gitserver.git("-C", str(work), "update-index", "--add", "--cacheinfo", f"160000,{inner},inner")
    gitserver.git("-C", str(work), "commit", "--quiet", "--message=inner")
    gitserver.git("-C", str(work), "push", "--quiet", str(bare), "main")
    server.asked.clear()
    local().clone(server.url("good/outer.git"), tmp_path / "clone")
    assert not any("plain" in path for path in server.asked)
    assert list((tmp_path / "clone" / "inner").iterdir()) == []


def test_a_redirect_is_not_followed(server: GitServer, tmp_path: Path):
    server.asked.clear()
    with pytest.raises(Forbidden, match="leads to another address"):
        local().clone(server.url("moved/plain.git"), tmp_path / "clone")
    assert not any(path.startswith("/good") for path in server.asked)


def test_other_protocols_are_off_in_git_itself(tmp_path: Path):
    place = address.parse("https://github.com/owner/name")
    made = tmp_path / "made"
    asked = ["git", *settings(place, place.host), "ls-remote", "--", f"ext::touch {made}"]
    ended = program.run(asked, environment(place, place.host), int)
    assert ended.code != 0
    assert "not allowed" in ended.err
    assert not made.exists()


@pytest.mark.parametrize(
    "path, error, words",
    [
        ("good/nothing.git", NotFound, "is not there, or is private"),
        ("locked/x.git", NotFound, "is not there, or is private"),
    ],
)
def test_what_cannot_be_cloned_is_explained(
    server: GitServer, tmp_path: Path, path: str, error: type[PlumblineError], words: str
):
    with pytest.raises(error, match=words) as caught:
        local().clone(server.url(path), tmp_path / "clone")
    assert caught.value.hint


def test_a_repository_without_commits_is_refused(server: GitServer, tmp_path: Path):
    gitserver.git("init", "--quiet", "--bare", str(server.folder / "empty.git"))
    with pytest.raises(BadInput, match="has no commits"):
        local().clone(server.url("good/empty.git"), tmp_path / "clone")


def test_a_large_repository_is_ended_while_it_is_fetched(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Git, "_check_tree", lambda *args: pytest.fail("all of it was fetched"))
    server.publish("heavy", {"data.bin": os.urandom(3_000_000)})
    folder = tmp_path / "clone"
    with pytest.raises(TooLarge, match="has more than 1 MB"):
        local(Caps(total_bytes=1_000_000)).clone(server.url("slow/heavy.git"), folder)
    assert git_processes() == []


def test_a_repository_that_swells_is_refused_before_its_files_are_written(
    server: GitServer, tmp_path: Path
):
    server.publish("bomb", {"zeros.txt": b"0" * 20_000_000})
    folder = tmp_path / "clone"
    with pytest.raises(TooLarge, match="has more than 5 MB"):
        local(Caps(total_bytes=5_000_000)).clone(server.url("good/bomb.git"), folder)
    assert not (folder / "zeros.txt").exists()


def test_too_many_and_too_deep_files_are_refused(server: GitServer, tmp_path: Path):
    with pytest.raises(TooLarge, match="more than 1 files"):
        local(Caps(files=1)).clone(server.url("good/plain.git"), tmp_path / "a")
    server.publish("deep", {"d/" * 120 + "x.py": b"1\n"})
    with pytest.raises(TooLarge, match="100 folders deep"):
        local().clone(server.url("good/deep.git"), tmp_path / "b")


def test_a_server_that_hangs_is_left_in_time(server: GitServer, tmp_path: Path):
    with pytest.raises(TooLarge, match="takes over"):
        local(Caps(seconds=0.4)).clone(server.url("hanging/x.git"), tmp_path / "clone")
    assert git_processes() == []


def test_a_stop_ends_git_and_all_it_started(server: GitServer, tmp_path: Path):
    began = time.monotonic()
    watch = Watch(stop=lambda: time.monotonic() - began > 0.5)
    with pytest.raises(Stopped):
        local(watch=watch).clone(server.url("hanging/x.git"), tmp_path / "clone")
    assert git_processes() == []


def git_processes() -> list[str]:
    """Return the living git programs that this process started."""
    family = psutil.Process().children(recursive=True)
    return [each.name() for each in family if "git" in each.name() and each.is_running()]


def test_a_failed_clone_leaves_nothing_behind(server: GitServer, tmp_path: Path):
    source = Source("git", server.url("good/plain.git"))
    with pytest.raises(TooLarge), opened(source, tmp_path, Caps(files=1), loopback=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_git_is_pinned_to_the_number_that_was_checked(monkeypatch: pytest.MonkeyPatch):
    place = address.parse("https://code.example/owner/name")
    words = settings(place, "93.184.215.14")
    assert "http.curloptResolve=code.example:443:93.184.215.14" in words
    assert "http.curloptResolve=code.example:443:[2606:4700::1]" in settings(place, "2606:4700::1")
    assert "protocol.http.allow=always" not in words


def test_ssh_is_pinned_and_asks_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A stand-in for ssh writes down how git calls it."""
    told = tmp_path / "told"
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(
        f'#!/bin/sh\necho "$@" > {told}\necho "Permission denied (publickey)." >&2\nexit 255\n'
    )
    ssh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{ssh.parent}:{os.environ['PATH']}")
    number = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", 22))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: number)
    with pytest.raises(Unauthorized, match=r"code\.example/owner/name"):
        Git(Caps()).clone("git@code.example:owner/name.git", tmp_path / "clone")
    words = told.read_text().split()
    assert {"BatchMode=yes", "HostName=8.8.8.8", "HostKeyAlias=code.example"} <= set(words)
    assert "git@code.example" in words


def test_git_hears_nothing_of_what_steers_it_from_outside(monkeypatch: pytest.MonkeyPatch):
    for name in ("GIT_DIR", "GIT_CONFIG_COUNT", "GIT_PROXY_COMMAND", "SSH_ASKPASS"):
        monkeypatch.setenv(name, "x")
    env = environment(address.parse("owner/name"), "8.8.8.8")
    assert not {"GIT_DIR", "GIT_CONFIG_COUNT", "GIT_PROXY_COMMAND", "SSH_ASKPASS"} & set(env)
    assert env["GIT_TERMINAL_PROMPT"] == "0"


@pytest.mark.parametrize(
    "said, error",
    [
        ("fatal: write error: No space left on device", Unwritable),
        ("fatal: unable to access: Could not resolve host: x", SourceError),
        ("Host key verification failed.", Unauthorized),
        ("fatal: something \x1b[31m new", SourceError),
    ],
)
def test_gits_complaints_become_errors_with_hints(said: str, error: type[PlumblineError]):
    found = explained(address.parse("owner/name"), said)
    assert isinstance(found, error)
    assert "github.com/owner/name" in found.message
    assert found.message.isprintable()
    assert found.hint


def test_without_git_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="git is not installed"):
        local().clone("http://127.0.0.1:9/x.git", tmp_path / "clone")
