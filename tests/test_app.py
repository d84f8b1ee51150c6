"""`python app.py`, as a process of its own: start, second start, wrong starts, stop."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import source

READY = re.compile(r"Plumbline is open at (http://\S+)")
TIMEOUT = 90

pytestmark = pytest.mark.slow


class App:
    """A started app."""

    def __init__(self, folder: Path, *flags: str, **environment: str) -> None:
        self.log = folder / "log"
        self.data = folder / "data"
        with self.log.open("w") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "app.py", "--data-dir", str(self.data), *flags],
                cwd=source.ROOT,
                env=given(**environment),
                stdout=sink,
                stderr=subprocess.STDOUT,
            )

    def url(self) -> str:
        """Return the address once it is open."""
        return self.found(READY)[1]

    def found(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait until the app has said something."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            said = pattern.search(self.log.read_text())
            if said:
                return said
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def end(self, number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        self.process.send_signal(number)
        return self.process.wait(TIMEOUT)


def given(**environment: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
    return {**kept, "MODEL": "quote", "PORT": "0", "AUTO_INGEST": "0", **environment}


def run(*flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *flags],
        cwd=source.ROOT,
        env=given(**environment),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    started = App(tmp_path_factory.mktemp("app"))
    started.url()
    started.found(re.compile("Answers: "))
    yield started
    if started.process.poll() is None:
        assert started.end() == 0


def test_it_says_where_it_is_and_what_answers(app: App):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", app.url())
    said = app.found(re.compile(r"Answers: (.+)"))[1]
    assert said == "quotes from the documentation, because MODEL=quote was set."
    assert "Traceback" not in app.log.read_text()


def test_it_answers_and_shows_the_page(app: App):
    with httpx.Client(base_url=app.url(), trust_env=False, timeout=30) as client:
        page = client.get("/")
        assert (page.status_code, "Plumbline" in page.text) == (200, True)
        assert "plumbline_owner" in client.cookies
        assert page.headers["content-encoding"] == "gzip"
        policy = page.headers["content-security-policy"]
        assert "connect-src 'self'" in policy
        assert client.get("/healthz").json() == {"status": "ok"}
        assert client.get("/readyz").status_code == 200
        told = client.post("/v1/chat", json={"prompt": "How do I change the port?"}).json()
        assert told["evidence"]
        assert told["model"] == "quote"
        nowhere = client.get("/nowhere")
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
        assert client.get("/v1/nowhere").headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=app.py",
        "/gradio_api/file={data}/secret",
        "/gradio_api/file={data}/plumbline.lock",
        "/gradio_api/file=../../etc/passwd",
        "/gradio_api/file=C:/Windows/win.ini",
        "/gradio_api/file=file:///etc/passwd",
        "/gradio_api/file=http://127.0.0.1:{port}/healthz",
        "/gradio_api/proxy=http://169.254.169.254/latest/meta-data",
        "/gradio_api/proxy=http://127.0.0.1:{port}/healthz",
        "/file=/etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../app.py",
        "/theme/../../etc/passwd",
        "/svelte/../../../etc/passwd",
        "/gradio_api/stream/x/y/z/playlist.m3u8",
        "/gradio_api/custom_component/x/client/component/../../../etc/passwd",
    ],
)
def test_gradio_hands_out_no_file_and_fetches_no_address(app: App, path: str):
    port = app.url().rsplit(":", 1)[-1]
    path = path.format(data=app.data, port=port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(port)), 20) as sock:
        sock.sendall(request.encode())
        answer = b"".join(iter(lambda: sock.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split(b" ", 2)[1]) in (302, 307, 400, 403, 404, 422), answer[:300]
    for leak in (b"root:", b"import core.process", b"token", b'{"status":"ok"}', b"/work"):
        assert leak not in body


def test_a_handler_can_be_called_by_name_only_where_that_was_meant(app: App):
    told = httpx.get(f"{app.url()}/gradio_api/info", trust_env=False).json()
    assert told["named_endpoints"] == {}


def test_torch_is_not_loaded_by_a_start(app: App):
    maps = Path(f"/proc/{app.process.pid}/maps")
    if not maps.exists():
        pytest.skip("only Linux shows what a process has loaded")
    assert "libtorch" not in maps.read_text()


def test_a_second_start_says_who_is_there(app: App):
    second = run("--data-dir", str(app.data))
    assert second.returncode == 1
    assert f"process {app.process.pid}" in second.stderr
    assert app.url() in second.stderr
    assert "Traceback" not in second.stderr


def test_a_port_that_is_taken_is_said(app: App, tmp_path: Path):
    port = app.url().rsplit(":", 1)[-1]
    second = run("--data-dir", str(tmp_path / "other"), "--port", port)
    assert second.returncode == 1
    assert f"Port {port}" in second.stderr
    assert "--port" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_doctor_and_the_jobs_ask_the_one_that_runs(app: App):
    told = run("--doctor", "--data-dir", str(app.data))
    assert (told.returncode, told.stderr) == (0, "")
    assert f"Process {app.process.pid}" in told.stdout
    assert "model quote (ready)" in told.stdout
    jobs = subprocess.run(
        [sys.executable, "-m", "core.jobs", "list"],
        cwd=source.ROOT,
        env=given(DATA_DIR=str(app.data)),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (jobs.returncode, jobs.stdout) == (0, "There are no jobs.\n"), jobs.stderr


def test_help_names_every_flag():
    told = run("--help")
    assert told.returncode == 0
    assert "--data-dir" in told.stdout
    assert "--doctor" in told.stdout


@pytest.mark.parametrize(
    ("flags", "environment", "words"),
    [
        (["--prot", "1"], {}, ["--prot is not a flag. Did you mean --port?"]),
        (
            ["--port", "99999", "--tier", "prod"],
            {"CONCURRENCY": "none"},
            ["PORT=99999", "TIER=prod", "CONCURRENCY=none"],
        ),
        (["--host", "0.0.0.0"], {}, ["API_KEYS is empty", "ALLOW_OPEN"]),
    ],
)
def test_wrong_settings_are_all_said_at_once(
    tmp_path: Path, flags: list[str], environment: dict[str, str], words: list[str]
):
    told = run(*flags, DATA_DIR=str(tmp_path / "data"), **environment)
    assert told.returncode == 2
    for word in words:
        assert word in told.stderr
    assert "Traceback" not in told.stderr
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("")
    told = run("--data-dir", str(tmp_path / "file" / "data"))
    assert told.returncode == 1
    assert "DATA_DIR" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_both_signals_stop_it_cleanly(tmp_path: Path, number: int):
    started = App(tmp_path)
    url = started.url()
    with httpx.Client(base_url=url, trust_env=False) as client:
        chat = client.post("/v1/chats").json()["id"]
        token = client.cookies["plumbline_owner"]
    assert started.end(number) == 0
    assert "Traceback" not in started.log.read_text()
    assert (started.data / "plumbline.lock").read_bytes() == b""
    if number == signal.SIGTERM:
        again = App(tmp_path)
        headers = {"X-Plumbline-Owner": token}
        kept = httpx.get(f"{again.url()}/v1/chats", headers=headers, trust_env=False).json()
        assert [row["id"] for row in kept["chats"]] == [chat]
        assert again.end() == 0


def test_the_root_stays_small():
    assert len((source.ROOT / "app.py").read_text().splitlines()) <= 120
