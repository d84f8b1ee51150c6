"""A command does the same through the owner and alone."""

import os
from pathlib import Path

import pytest

from core.errors import NotFound, OwnedElsewhere, PlumblineError, StateError
from core.jobs import __main__ as command
from core.jobs.queue import Jobs
from core.server import handover
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Lock, Owner, owner_of
from tests import parts


@pytest.fixture
def held(tmp_path: Path):
    """Return a running owner and settings that name its folder."""
    with parts.live(tmp_path) as running:
        lock = Lock.acquire(tmp_path, running.url)
        owner = owner_of(tmp_path)
        assert owner
        parts.let_in(running, owner.token)
        yield running, running.services.settings
        lock.release()


def submit(store: Store, settings: Settings) -> str:
    return Jobs(store, settings.data_dir).submit("sleep", "tests.parts:nothing", {}, "me").id


def test_jobs_are_the_same_alone_and_through_the_owner(
    held: tuple[parts.Live, Settings], tmp_path_factory: pytest.TempPathFactory
):
    running, owned = held
    free = parts.settings(tmp_path_factory.mktemp("free"))
    assert command.listed(owned) == command.listed(free) == "There are no jobs."
    there = submit(running.services.store, owned)
    store = Store.open(free.data_dir, free.store_memory)
    here = submit(store, free)
    store.close()
    for settings, job in ((owned, there), (free, here)):
        assert command.listed(settings).startswith(f"{job}  sleep  queued")
        assert command.cancelled(settings, job).startswith(f"{job}  sleep  cancelled")
        assert command.listed(settings).startswith(f"{job}  sleep  cancelled")
        with pytest.raises(NotFound):
            command.cancelled(settings, "none")
    assert owner_of(free.data_dir) is None


def test_a_wrong_token_is_refused(held: tuple[parts.Live, Settings]):
    _, owned = held
    owner = owner_of(owned.data_dir)
    assert owner
    forged = Owner(owner.pid, owner.started, owner.host, owner.port, owner.url, "guess")
    with pytest.raises(PlumblineError, match="command line"):
        handover.ask(forged, "GET", ("jobs",))


def test_an_owner_that_does_not_answer_is_named(tmp_path: Path):
    lock = Lock.acquire(tmp_path, "http://127.0.0.1:9")
    with pytest.raises(StateError, match=f"Process {os.getpid()} .* does not answer"):
        handover.ask(lock.owner, "GET", ("jobs",))
    lock.announce("")
    with pytest.raises(OwnedElsewhere, match="another command"):
        handover.ask(lock.owner, "GET", ("jobs",))
    lock.release()


def test_an_answer_from_another_program_is_not_taken(live: parts.Live, tmp_path: Path):
    lock = Lock.acquire(tmp_path, f"{live.url}/metrics?")
    with pytest.raises(StateError, match="not understood"):
        handover.ask(lock.owner, "GET", ("jobs",))
    lock.release()


def test_the_command_line_prints_errors_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out == "There are no jobs.\n"
    assert command.main(["cancel", "none"]) == 1
    assert capsys.readouterr().err == "There is no such job.\n"
