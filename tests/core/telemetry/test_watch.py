"""Whoever can tell is asked, and whoever cannot has a reason."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from core.memory.counters import Counters
from core.memory.kept import Memory, Tiers
from core.messages import ModelCard
from core.models.catalog import Catalog
from core.settings import Settings
from core.telemetry import names, watch
from core.telemetry.watch import NO_SERVER, Telemetry
from tests.core.models.asking import settings
from tests.core.models.test_recorded import Kept
from tests.threaded import Server, threaded

PAGES = Path(__file__).with_name("pages")


class Vllm(BaseHTTPRequestHandler):
    """Looks like vLLM, and asks for a key on its page of figures."""

    keys: ClassVar[list[str]] = []

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            told = b'{"data": [{"id": "m", "owned_by": "vllm", "max_model_len": 4096}]}'
        elif self.path in ("/metrics", "/cache"):
            self.keys.append(f"{self.path} {self.headers.get('authorization', '')}".strip())
            name = "vllm" if self.path == "/metrics" else "lmcache"
            told = (PAGES / f"{name}.prom").read_bytes()
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(told)


@pytest.fixture
def server() -> Iterator[str]:
    Vllm.keys.clear()
    with threaded(Server(Vllm)) as found:
        yield f"http://127.0.0.1:{found.server_port}"


def watching(found: Settings) -> Telemetry:
    catalog = Catalog(found, Kept(), Path("/no-assets"))
    catalog.warm()
    return Telemetry(found, catalog)


def test_a_server_is_asked_with_its_key_and_seldom(server: str, tmp_path: Path):
    (tmp_path / names.OWN).write_text(f"pages: ['{server}/cache']\n")
    telemetry = watching(
        settings(inference_url=f"{server}/v1", inference_key="k3y", data_dir=tmp_path)
    )
    assert telemetry.memory("chat") is None
    assert "tells nothing of a single chat" in telemetry.silence()
    told = telemetry.server()
    assert told.figure("kv_use") == 0.91
    assert told.figures["LMCache"]["outside_memory_bytes"] == 3e9
    assert telemetry.server() is told, "asked a moment ago"
    assert Vllm.keys == ["/metrics Bearer k3y", "/cache"], "the key is for its server alone"


def test_a_file_that_makes_no_sense_is_said_where_figures_would_be(tmp_path: Path):
    (tmp_path / names.OWN).write_text("pages: [gpu]\n")
    told = watching(settings(model="quote", data_dir=tmp_path)).server()
    assert not told.figures
    assert "must be addresses" in told.reason


def test_without_a_server_or_a_model_the_reasons_say_so(tmp_path: Path):
    telemetry = watching(settings(model="quote", data_dir=tmp_path))
    assert telemetry.server().reason == NO_SERVER
    assert "No language model" in telemetry.silence()
    assert telemetry.wear() is None
    first = telemetry.reading()
    assert telemetry.reading() == first, "read a moment ago"


class Keeping(Catalog):
    """Has a model that keeps what it read, as far as the figures of that go."""

    def _choose(self) -> None:
        self._take(Keeps(), "keeps", "keeps", "this is a test")  # pyright: ignore[reportArgumentType]


class Keeps:
    """Tells what it keeps, and nothing else."""

    def __init__(self) -> None:
        self.counters = Counters()

    def card(self) -> ModelCard:
        """Say what it is."""
        return ModelCard("keeps", "local", "keeps")

    def memory(self, session: str | None = None) -> Memory:
        """Return what is counted."""
        return Memory("flash", Tiers(), self.counters.read(session), self.counters.since)

    def forget(self, session: str) -> None:
        """Forget the figures."""
        self.counters.forget(session)


def test_what_flash_would_write_in_a_day_is_carried_on_from_what_it_wrote(
    tmp_path: Path, monkeypatch
):
    catalog = Keeping(settings(data_dir=tmp_path), Kept())
    telemetry = Telemetry(settings(data_dir=tmp_path), catalog)
    assert "loading" in telemetry.silence()
    catalog.warm()
    catalog._active.counters.of("chat").add(written_bytes=1_000_000)
    assert telemetry.memory("chat").counts["written_bytes"] == 1_000_000
    assert telemetry.memory("other").counts["written_bytes"] == 0
    assert telemetry.wear() is None, "too early"
    real = watch.time.time
    monkeypatch.setattr(watch.time, "time", lambda: real() + 3600)
    assert telemetry.wear().bytes_per_day == pytest.approx(24_000_000, rel=0.05)
