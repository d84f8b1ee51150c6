"""What the doctor says."""

from pathlib import Path

from core.server import doctor
from core.settings import names
from core.store.lock import Lock
from tests import parts
from tests.core.server.test_handover import held  # noqa: F401


def test_it_reports_on_a_place_where_nothing_runs(tmp_path: Path):
    chosen = parts.settings(tmp_path / "new", secret_key="hush-hush")
    told = doctor.report(chosen)
    assert "Nothing runs on this DATA_DIR" in told
    assert "will be made at the first start" in told
    assert not (tmp_path / "new").exists()
    assert "hush" not in told
    for name in names():
        assert f"  {name}=" in told
    assert "  torch 2" in told


def test_it_asks_the_one_that_runs(held):  # noqa: F811
    running, chosen = held
    told = doctor.report(chosen)
    assert f"at {running.url}" in told
    assert "ok: Everything works." in told
    assert "✓ model" in told
    assert "model echo (ready): this is a test" in told


def test_it_says_when_the_owner_does_not_answer(tmp_path: Path):
    lock = Lock.acquire(tmp_path, "http://127.0.0.1:9")
    assert "does not answer" in doctor.report(parts.settings(tmp_path))
    lock.release()


def test_it_says_when_a_port_is_taken(live: parts.Live, tmp_path: Path):
    port = live.url.rsplit(":", 1)[-1]
    assert "cannot be taken now" in doctor.report(parts.settings(tmp_path, port=port))
