"""Pages of figures as servers serve them, and as they should not: read over real HTTP."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from core.errors import BadInput
from core.models.wire import Address
from core.telemetry import names, pages
from core.telemetry.pages import NOTHING, Told
from tests.core.models.asking import free_port
from tests.threaded import Server, threaded

SAMPLES = Path(__file__).with_name("pages")


class Page(BaseHTTPRequestHandler):
    """Serves `/vllm`, `/tgi`, `/lmcache` and some that are no pages of figures."""

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""

    def do_GET(self) -> None:
        name = self.path.strip("/")
        sample = SAMPLES / f"{name}.prom"
        told = {
            "html": b"<!doctype html><title>Sign in</title>",
            "empty": b"",
            "huge": b"# " + b"x" * (pages.LIMIT + 1),
            "binary": bytes(range(256)),
            "other": b"# TYPE other_total counter\nother_total 1\n",
            "vendor": b'acme:flash_bytes{tier="0"} 5\nacme:flash_bytes{tier="1"} 7\n',
        }.get(name, sample.read_bytes() if sample.is_file() else None)
        self.send_response(200 if told is not None else 404)
        self.end_headers()
        self.wfile.write(told or b"")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with threaded(Server(Page)) as found:
        yield f"http://127.0.0.1:{found.server_port}"


def asked(server: str, *paths: str, own: Path | None = None) -> Told:
    book = names.read(own or Path("nowhere"))
    return pages.ask([(Address(server), f"/{path}") for path in paths], book.names)


def test_vllm_tells_what_is_used_reused_and_offloaded(server: str):
    told = asked(server, "vllm")
    assert told.reason == ""
    assert told.figures == {
        "vLLM": {
            "requests_running": 3,
            "requests_waiting": 4,
            "kv_use": 0.91,
            "generated_tokens": 700,
            "prefix_asked_tokens": 10_000,
            "prefix_hit_tokens": 2_500,
            "preemptions": 3,
            # The two names of one thing are not added up, and a timestamp is no bytes.
            "offload_stored_bytes": 8e9,
            "offload_loaded_bytes": 3e9,
            "tier_written_bytes": 7e9,
        }
    }
    assert told.figure("outside_hit_tokens") is None


def test_tgi_tells_its_queue_and_its_tokens_and_nothing_of_its_cache(server: str):
    told = asked(server, "tgi").figures["TGI"]
    assert told == {
        "requests_running": 5,
        "requests_waiting": 3,
        "prompt_tokens": 18_000,
        "generated_tokens": 12_500,
    }


def test_lmcache_is_told_beside_the_server_it_serves(server: str):
    told = asked(server, "vllm", "lmcache")
    assert set(told.figures) == {"vLLM", "LMCache"}
    assert told.figures["LMCache"] == {
        "outside_asked_tokens": 900,
        "outside_hit_tokens": 500,
        "outside_memory_bytes": 3e9,
        "evictions": 12,
    }
    assert told.figure("outside_memory_bytes") == 3e9


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("html", "cannot be read"),
        ("binary", "cannot be read"),
        ("huge", "larger than"),
        ("absent", "no page of figures"),
        ("empty", NOTHING),
        ("other", NOTHING),
    ],
)
def test_what_is_no_page_of_figures_is_a_reason(server: str, path: str, why: str):
    told = asked(server, path)
    assert not told.figures
    assert why in told.reason
    assert asked(server, path, "tgi").figure("requests_waiting") == 3


def test_a_server_that_is_not_there_is_a_reason():
    told = asked(f"http://127.0.0.1:{free_port()}", "metrics")
    assert not told.figures
    assert "No inference server answers" in told.reason


def test_names_of_ones_own_are_read_from_a_file(server: str, tmp_path: Path):
    assert not asked(server, "vendor").figures
    (tmp_path / names.OWN).write_text(
        "name: ACME\npages: [http://gpu:9090/metrics]\n"
        'figures: {outside_disk_bytes: ["acme:flash_bytes{tier=1}"]}\n'
    )
    assert asked(server, "vendor", own=tmp_path).figures == {"ACME": {"outside_disk_bytes": 7}}
    assert names.read(tmp_path).pages == ("http://gpu:9090/metrics",)


def test_as_shipped_no_name_of_a_vendor_is_there():
    book = names.read(Path("nowhere"))
    assert [each.server for each in book.names] == ["vLLM", "TGI", "LMCache"]
    assert book.pages == ()
    assert all(each.source.startswith("https://") for each in book.names)
    listed = (names.ASSETS / "own.yaml").read_text(encoding="utf-8")
    assert all(f" {figure}" in listed for figure in names.FIGURES)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("figures: {speed: [x]}", "no figure of ours"),
        ('figures: {kv_use: ["a b"]}', "for kv_use"),
        ("figures: {kv_use: []}", "for kv_use"),
        ("figures: [kv_use]", "must be names with lists"),
        ("pages: [gpu]", "must be addresses"),
        ("page: http://gpu/", "means nothing"),
        ("- a", "must hold names"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, why: str):
    (tmp_path / names.OWN).write_text(text)
    with pytest.raises(BadInput, match=why):
        names.read(tmp_path)
