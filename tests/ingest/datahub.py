"""A little hub of data sets on this machine, for the real hub client and `datasets` (HF_ENDPOINT).

`some/texts` has the files of a folder, `shy/texts` needs an approved account, others are unknown.
"""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from tests.threaded import Server, threaded

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(Server):
    """The hub, the folder of its one data set, and what was asked of it."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(Handler)
        self.folder = folder
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        """Return the address for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"

    def paths(self) -> list[Path]:
        """Return the files of the data set."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break are part of the game."""


class Handler(BaseHTTPRequestHandler):
    """Answers what the hub client asks about a data set."""

    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        found = self.asked_for(sent)
        self.reply(200, json.dumps([self.entry(path) for path in found]).encode())

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.asked.append(path)
        if "/shy/texts" in path:
            return self.reply(403, b"{}", {"X-Error-Code": "GatedRepo"})
        if "/some/texts" not in path:
            return self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if "/tree/" in path:
            listed = [self.entry(file) for file in self.server.paths()]
            return self.reply(200, json.dumps(listed).encode())
        if path.startswith("/api/"):
            names = [{"rfilename": self.name(file)} for file in self.server.paths()]
            told = {"id": "some/texts", "sha": COMMIT, "siblings": names}
            return self.reply(200, json.dumps(told).encode())
        return self.file(self.server.folder / path.split(f"/resolve/{COMMIT}/", 1)[-1])

    def asked_for(self, sent: str) -> list[Path]:
        """Return the files that a request for information names, sent as JSON or as a form."""
        try:
            paths = json.loads(sent)["paths"]
        except ValueError:
            paths = parse_qs(sent).get("paths", [])
        return [file for file in self.server.paths() if self.name(file) in paths]

    def name(self, file: Path) -> str:
        return file.relative_to(self.server.folder).as_posix()

    def entry(self, file: Path) -> dict[str, object]:
        return {
            "type": "file",
            "path": self.name(file),
            "size": file.stat().st_size,
            "oid": "0" * 40,
        }

    def file(self, file: Path) -> None:
        if not file.is_file():
            return self.reply(404, b"", {"X-Error-Code": "EntryNotFound"})
        data, headers = file.read_bytes(), {"ETag": '"0"', "X-Repo-Commit": COMMIT}
        asked = self.headers.get("Range")
        if not asked or self.command == "HEAD":
            return self.reply(200, data, headers)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        part = data[int(first) : int(last) + 1 if last else None]
        headers["Content-Range"] = f"bytes {first}-{int(first) + len(part) - 1}/{len(data)}"
        return self.reply(206, part, headers)

    def reply(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def running(folder: Path) -> AbstractContextManager[Hub]:
    """Start the hub on a free port and end it afterwards."""
    return threaded(Hub(folder))
