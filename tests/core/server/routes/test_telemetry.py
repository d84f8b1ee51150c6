"""/v1/telemetry, /v1/sessions/{id}/memory and /metrics: what is measured, and why not."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from core.memory.counters import Counters
from core.memory.kept import Memory, Tiers
from tests import parts

PROCESS = {
    "at",
    "rss_bytes",
    "anonymous_bytes",
    "file_bytes",
    "data_bytes",
    "swap_bytes",
    "vram_bytes",
    "cpu_percent",
    "read_bytes",
    "written_bytes",
}


class Keeping(parts.Echo):
    """An echo that keeps what it read of each chat, as far as figures go."""

    def __init__(self) -> None:
        super().__init__()
        self.counters = Counters()
        self.forgotten: list[str] = []

    def stream(self, messages, params, stop):
        self.counters.of(params.session).add(recomputed=7, misses=1, written_bytes=100)
        yield from super().stream(messages, params, stop)

    def memory(self, session: str | None = None) -> Memory:
        counts = self.counters.read(session)
        tiers = Tiers(tokens=counts["recomputed"], ram=10 * counts["misses"], flash=100)
        return Memory("flash", tiers, counts, self.counters.since, 300, 1000, 2000)

    def forget(self, session: str) -> None:
        self.counters.forget(session)
        self.forgotten.append(session)


class Kept(parts.Ready):
    """The catalog with the echo that keeps."""

    def _choose(self) -> None:
        self.echo = Keeping()
        self._take(self.echo, "keeping", "keeping", "this is a test")


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[parts.Live]:
    with parts.live(tmp_path_factory.mktemp("keeping"), catalog=Kept) as running:
        yield running


def series(client: httpx.Client) -> dict[str, float]:
    rows = [row for row in client.get("/metrics").text.splitlines() if not row.startswith("#")]
    return {name: float(value) for name, value in (row.rsplit(" ", 1) for row in rows)}


def chat(client: httpx.Client, *texts: str) -> str:
    made = client.post("/v1/chats", json={"title": "t"}).json()["id"]
    for text in texts:
        asked = {"text": text, "method": "chat"}
        assert client.post(f"/v1/chats/{made}/messages", json=asked).status_code == 200
    return made


def test_the_process_is_told_now_and_before(client: httpx.Client):
    for _ in range(2):
        told = client.get("/v1/telemetry").json()
    latest = told["latest"]
    assert set(latest) == PROCESS
    assert latest["rss_bytes"] == pytest.approx(psutil.Process(os.getpid()).memory_info().rss, 0.5)
    assert told["window"][-1] == latest
    for name in PROCESS - {"at", "rss_bytes"}:
        assert (latest[name] is None) == (name in told["reasons"]), name
    assert told["origin"] == "measured"
    assert client.get("/v1/telemetry", params={"seconds": 0}).json()["window"] == []


@pytest.mark.parametrize("seconds", ["-1", "601", "nan", "soon"])
def test_a_window_that_is_not_kept_is_refused(client: httpx.Client, seconds: str):
    refused = client.get("/v1/telemetry", params={"seconds": seconds})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")


def test_a_model_that_tells_nothing_is_a_reason_and_no_zero(client: httpx.Client):
    told = client.get("/v1/telemetry").json()
    assert told["kv"] is told["counts"] is told["drive_writes"] is told["kept_by"] is None
    assert "does not tell" in told["reason"]
    assert told["server"]["figures"] == {}
    assert told["server"]["reason"]
    found = series(client)
    assert found["plumbline_memory_resident_bytes"] > 1e7
    assert not [name for name in found if name.startswith("plumbline_kv")]


def test_a_session_says_what_it_weighs_and_to_its_owner_alone(live: parts.Live):
    with live.client() as mine, live.client() as other:
        id = chat(mine, "one two")
        told = mine.get(f"/v1/sessions/{id}/memory").json()
        assert (told["id"], told["messages"], told["kv"]) == (id, 2, None)
        assert told["context"]["tokens"] == 4
        assert told["context"]["use"] == 4 / 1000
        assert other.get(f"/v1/sessions/{id}/memory").status_code == 404
        assert mine.get("/v1/sessions/never/memory").status_code == 404


def test_what_is_kept_of_a_session_is_told_and_goes_with_it(keeping: parts.Live):
    with keeping.client() as client:
        first, second = chat(client, "one", "two"), chat(client, "three")
        told = client.get(f"/v1/sessions/{first}/memory").json()
        assert told["kept_by"] == "flash"
        assert told["kv"] == {
            "tokens": 14,
            "vram_bytes": 0,
            "ram_bytes": 20,
            "flash_bytes": 100,
            "ram_limit_bytes": 1000,
            "flash_limit_bytes": 2000,
            "break_even_tokens": 300,
        }
        assert (told["counts"]["misses"], told["counts"]["written_bytes"]) == (2, 200)
        assert client.get("/v1/telemetry").json()["counts"]["misses"] == 3
        found = series(client)
        assert found['plumbline_kv_bytes{tier="ram"}'] == 30
        assert found['plumbline_kv_prompt_tokens_total{source="computed"}'] == 21
        assert found['plumbline_kv_lookups_total{found="nothing"}'] == 3
        assert found["plumbline_kv_written_bytes_total"] == 300
        assert client.delete(f"/v1/chats/{first}").status_code == 204
        assert client.delete(f"/v1/sessions/{second}").status_code == 204
        assert keeping.echo.forgotten == [first, second]


def test_a_folder_of_the_server_is_not_told(tmp_path: Path):
    (tmp_path / "telemetry.yaml").write_text("a: [")
    with parts.live(tmp_path) as running, running.client() as client:
        assert str(tmp_path) not in client.get("/v1/telemetry").text
