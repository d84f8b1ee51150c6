"""A little git server on this machine: real repositories over http, and addresses that misbehave.

`/good/NAME` serves a bare repository through git's own http-backend, `/slow/NAME` does so slowly,
`/moved/NAME` sends git on to it, `/locked` wants a password, `/hanging` never answers.
"""

import os
import subprocess
import time
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from tests.threaded import Server, threaded

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
PIECE = 100_000
WHO = ("-c", "user.name=tester", "-c", "user.email=tester@localhost", "-c", "gc.auto=0")


class GitServer(Server):
    """The server, the folder of its repositories, and what it was asked."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(Handler)
        self.folder = folder
        self.asked: list[str] = []

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return f"http://127.0.0.1:{self.server_port}/{path}"

    def publish(
        self, name: str, files: dict[str, bytes], links: dict[str, str] | None = None
    ) -> str:
        """Make a repository of these files and return its newest commit."""
        work, bare = self.folder / f"{name}.work", self.folder / f"{name}.git"
        git("init", "--quiet", "--initial-branch=main", str(work))
        for path, data in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(data)
        for path, target in (links or {}).items():
            (work / path).symlink_to(target)
        git("-C", str(work), "add", "--all", "--force")
        git("-C", str(work), "commit", "--quiet", "--allow-empty", "--message=first")
        git("clone", "--quiet", "--bare", str(work), str(bare))
        return git("-C", str(work), "rev-parse", "HEAD").strip()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are ended in the middle are what some tests are about."""


class Handler(BaseHTTPRequestHandler):
    """Answers by the first part of the path."""

    server: GitServer

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_POST(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        behaviour, _, rest = self.path.lstrip("/").partition("/")
        if behaviour == "moved":
            return self.reply(302, {"Location": self.server.url(f"good/{rest}")})
        if behaviour == "locked":
            return self.reply(401, {"WWW-Authenticate": 'Basic realm="here"'})
        if behaviour == "hanging":
            self.server.over.wait(20)
            return self.reply(500, {})
        return self.backend(f"/{rest}", pause=0.05 if behaviour == "slow" else 0)

    def reply(
        self, status: int, headers: dict[str, str], body: bytes = b"", pause: float = 0
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), PIECE):
            self.wfile.write(body[start : start + PIECE])
            time.sleep(pause)

    def backend(self, path: str, pause: float) -> None:
        """Let git's own CGI program answer."""
        asked = urlsplit(path)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        env = {
            **os.environ,
            **QUIET,
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": asked.path,
            "QUERY_STRING": asked.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(sent)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
        }
        answer = subprocess.run(["git", "http-backend"], input=sent, env=env, capture_output=True)
        head, _, body = answer.stdout.partition(b"\r\n\r\n")
        lines = (line.split(": ", 1) for line in head.decode().splitlines())
        headers = {line[0]: line[1] for line in lines if len(line) == 2}
        status = int(headers.pop("Status", "200").split()[0])
        self.reply(status, headers, body, pause)


def git(*words: str) -> str:
    """Run git as nobody's own configuration would have it."""
    env = {**os.environ, **QUIET}
    return subprocess.run(
        ["git", *WHO, *words], check=True, capture_output=True, env=env, text=True
    ).stdout


def running(folder: Path) -> AbstractContextManager[GitServer]:
    """Start the server on a free port and end it afterwards."""
    return threaded(GitServer(folder))
