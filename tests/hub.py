"""A little Hugging Face hub on this machine, for the real hub client (HF_ENDPOINT).

It serves one model folder under every name but `nobody/nothing` and `shy/model`, can cut a
download off in the middle, and notes which files were asked for. It also takes in repositories
from whoever shows its token, and keeps what was committed to them.
"""

import base64
import hashlib
import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from tests.threaded import Server, threaded

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(Server):
    """The hub and what it has seen; `cut` bytes end every download of weights, if set."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(Handler)
        self.folder = folder
        self.cut: int | None = None
        self.fetched: list[str] = []
        self.ranges: list[str | None] = []
        self.token = "hf_of_this_machine"
        self.created: list[dict[str, Any]] = []
        self.commits: list[str] = []
        self.repos: dict[str, dict[str, bytes]] = {}

    @property
    def url(self) -> str:
        """Return the address for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Connections that break are part of the game."""


class Handler(BaseHTTPRequestHandler):
    """Answers what the hub client asks when it downloads a snapshot."""

    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = urlparse(self.path).path
        kept = self.server.repos.get(repo_of(path))
        if kept is not None and "/tree/" in path:
            listed = [{"type": "file", "path": name, "size": 1, "oid": "x"} for name in kept]
            return self.reply(200, json.dumps(listed).encode())
        if "nobody/nothing" in path:
            return self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        if "shy/model" in path:
            return self.reply(403, b"{}", {"X-Error-Code": "GatedRepo"})
        if "/tree/" in path:
            return self.reply(200, json.dumps([self.entry(file) for file in self.files()]).encode())
        if path.startswith("/api/models/"):
            names = [{"rfilename": file.name} for file in self.files()]
            found = {"id": "some/model", "sha": COMMIT, "siblings": names}
            return self.reply(200, json.dumps(found).encode())
        return self.file(self.server.folder / path.rsplit("/", 1)[-1])

    def do_POST(self) -> None:
        path = urlparse(self.path).path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Authorization") != f"Bearer {self.server.token}":
            return self.reply(401, b"{}")
        if "stranger/" in path or b"stranger" in body[:200]:
            return self.reply(403, b"{}")
        if path == "/api/repos/create":
            return self.create(json.loads(body))
        if path == "/api/validate-yaml":
            return self.reply(200, b'{"errors": [], "warnings": []}')
        if "/preupload/" in path:
            asked = json.loads(body)["files"]
            modes = [{**each, "uploadMode": "regular", "shouldIgnore": False} for each in asked]
            return self.reply(200, json.dumps({"files": modes}).encode())
        return self.commit(repo_of(path), [json.loads(row) for row in body.splitlines()])

    def create(self, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}" if asked.get("organization") else ""
        kind = asked.get("type", "model")
        self.server.created.append(asked)
        place = f"{kind}s/{name or asked['name']}"
        self.server.repos.setdefault(place, {".gitattributes": b""})
        url = f"{self.server.url}/{place}"
        self.reply(200, json.dumps({"url": url, "name": name, "id": name}).encode())

    def commit(self, repo: str, rows: list[dict[str, Any]]) -> None:
        files = self.server.repos[repo]
        for row in rows:
            value = row["value"]
            if row["key"] == "header":
                self.server.commits.append(value["summary"])
            elif row["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif row["key"] == "deletedFile":
                del files[value["path"]]
        url = f"{self.server.url}/{repo}/commit/{COMMIT}"
        told = {"commitUrl": url, "commitOid": COMMIT, "success": True}
        self.reply(200, json.dumps(told).encode())

    def files(self) -> list[Path]:
        return sorted(self.server.folder.iterdir())

    def entry(self, file: Path) -> dict[str, object]:
        return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": etag(file)}

    def file(self, file: Path) -> None:
        if not file.is_file():
            return self.reply(404, b"", {"X-Error-Code": "EntryNotFound"})
        data, headers = file.read_bytes(), {"ETag": f'"{etag(file)}"', "X-Repo-Commit": COMMIT}
        if self.command == "HEAD":
            return self.reply(200, data, headers)
        self.server.fetched.append(file.name)
        asked = self.headers.get("Range")
        if file.suffix == ".safetensors":
            self.server.ranges.append(asked)
            if self.server.cut is not None:
                return self.cut_off(data, headers)
        if asked:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            return self.reply(206, data[start:], headers)
        return self.reply(200, data, headers)

    def cut_off(self, data: bytes, headers: dict[str, str]) -> None:
        assert self.server.cut is not None
        self.reply(200, data, headers, self.server.cut)
        self.close_connection = True

    def reply(
        self, status: int, data: bytes, headers: dict[str, str] | None = None, only: int = -1
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data if only < 0 else data[:only])


def repo_of(path: str) -> str:
    """Return the kind and name of the repository that a path of the API is about."""
    return "/".join(path.removeprefix("/api/").split("/")[:3])


def etag(file: Path) -> str:
    """Return what the hub calls the content of a file."""
    return hashlib.sha1(file.read_bytes(), usedforsecurity=False).hexdigest()


def running(folder: Path) -> AbstractContextManager[Hub]:
    """Start the hub on a free port and end it afterwards."""
    return threaded(Hub(folder))
