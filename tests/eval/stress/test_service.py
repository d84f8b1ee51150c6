"""Runs as detached jobs: asked for, watched, gone on with, brought; through the loopback too."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.errors import BadInput, Forbidden, NotFound
from core.jobs.queue import Jobs
from core.server.handover import TOKEN_HEADER
from core.settings import load
from core.store.connection import Store
from eval.stress.desk import Desk
from eval.stress.scenario import Shelf
from eval.stress.service import Stress
from eval.stress.state import State
from tests import parts
from tests.eval.stress.making import small

WAIT_S = 180


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stress, Jobs]]:
    data = tmp_path_factory.mktemp("stress")
    with ExitStack() as ending:
        store = Store.open(data, "256MB")
        ending.callback(store.close)
        jobs = Jobs(store, data)
        ending.callback(jobs.stop)
        jobs.start()
        yield Stress(load({"data_dir": str(data)}, env_file=None), jobs), jobs


def over(stress: Stress, id: str) -> State:
    end = time.monotonic() + WAIT_S
    while (state := stress.state(id)).state in ("queued", "running"):
        assert time.monotonic() < end, state
        time.sleep(0.2)
    return state


@pytest.mark.slow
def test_a_run_is_a_job_that_anybody_may_watch_and_take_away(
    owner: tuple[Stress, Jobs], tiny_model: Path
):
    stress, jobs = owner
    Shelf(stress._settings.data_dir).keep(small(name="tiny"))  # pyright: ignore[reportPrivateUsage]
    asked = {
        "scenario": "tiny",
        "modes": ["memory"],
        "control": False,
        "model": str(tiny_model),
        "limit": "counted",
    }
    job = stress.submit(asked, "visitor")
    assert stress.state(job.id).state in ("queued", "running")
    state = over(stress, job.id)
    assert (state.state, state.error) == ("completed", None)
    # A megabyte is more than the tiny model's session weighs.
    assert state.summary.startswith("Without: 4 turns, it did not run out of the budget.")
    (lane,) = state.lanes
    assert (lane.state, lane.limit, len(lane.turns)) == ("done", "counted", 4)
    assert lane.samples
    assert lane.turns[-1].data_bytes is None or lane.turns[-1].data_bytes > 50_000_000
    assert state.machine["cores"]
    assert state.model["name"] == tiny_model.name
    assert state.progress == 1.0
    assert not [*jobs.folder(job.id).glob("kv-*")]

    (listed,) = [row for row in stress.list() if row.id == job.id]
    assert listed.summary == state.summary
    brought = stress.bring(stress.export(job.id, "json").decode())
    back = stress.state(brought)
    assert back.replayed
    assert back.lanes == state.lanes
    assert {row.id: row.replayed for row in stress.list()}[brought]
    with pytest.raises(BadInput, match="cannot be resumed"):
        stress.resume(job.id)


def test_a_public_page_runs_small_things_alone(tmp_path: Path):
    settings = load({"data_dir": str(tmp_path), "public": "1"}, env_file=None)
    store = Store.open(tmp_path, "256MB")
    stress = Stress(settings, Jobs(store, tmp_path))
    assert stress.allowed().scenarios
    assert "sweep" not in stress.allowed().scenarios
    for asked in (
        {"budget_mb": 5_000},
        {"model": "/etc"},
        {"url": "http://10.0.0.1/v1"},
        {"scenario": "sweep"},
    ):
        with pytest.raises(Forbidden, match="public"):
            stress.submit(asked)
    assert [each.id for each in stress.list()] == ["needle"], "the run that ships"
    store.close()


def test_what_is_not_there_is_not_found(owner: tuple[Stress, Jobs]):
    stress, jobs = owner
    with pytest.raises(NotFound, match="Use one of needle"):
        stress.submit({"scenario": "nothing"})
    with pytest.raises(NotFound):
        stress.state("../../../etc/passwd")
    other = jobs.submit("ingest", "json:loads", {}, "")
    with pytest.raises(NotFound, match="stress run"):
        stress.state(other.id)
    jobs.cancel(other.id)
    with pytest.raises(BadInput):
        stress.bring("no run")
    with pytest.raises(BadInput, match="name"):
        stress.bring_trace("../up", "{}")
    with pytest.raises(NotFound):
        Desk(stress).answer("secrets", {})


def test_the_owner_answers_commands_over_loopback(tmp_path: Path):
    with parts.live(tmp_path) as live, live.client() as client:
        address = "/v1/internal/stress/scenarios"
        assert client.post(address, json={}).status_code in (401, 403)
        told = client.post(address, json={}, headers={TOKEN_HEADER: parts.TOKEN})
        assert told.status_code == 200
        assert told.json()["rows"][0]["name"] == "needle"
