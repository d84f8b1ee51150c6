"""Ingests asked for, queued, followed and settled, with real workers."""

import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app import opened, wire
from core.errors import BadInput, Busy, Conflict, Forbidden, PlumblineError
from core.jobs.queue import Jobs
from core.retrieval.library import Library
from core.store.connection import Store
from ingest.service import Ingests, default_name, settings_for
from tests import parts


class Owner:
    """A process' worth of parts; jobs and ingests start when told to."""

    def __init__(self, folder: Path, **given: Any) -> None:
        self._ending = ExitStack()
        self.settings = parts.settings(folder, **given)
        self.store = Store.open(folder)
        self._ending.callback(self.store.close)
        self.library = Library(self.settings, self.store, lambda: default_name(self.settings))
        self._ending.callback(self.library.close)
        self.jobs = Jobs(self.store, folder, grace=1.0)
        self._ending.callback(self.jobs.stop)
        self.ingests = Ingests(self.settings, self.jobs, self.library)
        self._ending.callback(self.ingests.stop)

    def start(self) -> "Owner":
        """Work off the queue."""
        self.jobs.start()
        self.ingests.start()
        return self

    def done(self, job: Any) -> Any:
        """Wait until a job is over and settled; return it."""
        assert parts.until(lambda: self.jobs.get(job.id).is_over, 60)
        assert parts.until(lambda: self.ingests.running() == [], 20)
        return self.jobs.get(job.id)

    def close(self) -> None:
        """Let go of everything."""
        self._ending.close()


@pytest.fixture
def owner(tmp_path):
    made = Owner(tmp_path / "data")
    yield made
    made.close()


def test_an_ingest_runs_as_a_job_and_leaves_a_clean_folder(owner, project):
    owner.start()
    job = owner.ingests.submit(str(project), "mine", "My shop", embed=False, owner="ann")
    assert owner.ingests.progress("mine").job_id == job.id
    done = owner.done(job)
    assert (done.state, done.owner, done.kind) == ("completed", "ann", "ingest")
    corpus = owner.library.get("mine")
    assert (corpus.title, corpus.state, corpus.generation) == ("My shop", "lexical", 1)
    assert owner.ingests.progress("mine") is None
    left = {path.name for path in owner.jobs.folder(job.id).iterdir()}
    assert left == {"alive", "order.json", "output.log", "records.jsonl"}
    assert owner.library.default == "mine"


def test_the_usual_source_is_searched_whatever_its_index_is_called(owner, project, tmp_path):
    owner.start()
    owner.done(owner.ingests.submit(str(project), "mine", embed=False))
    later = shutil.copytree(project, tmp_path / "later")
    owner.done(owner.ingests.submit(str(later), "later", embed=False))
    assert Library(owner.settings, owner.store).default == "later"
    usual = owner.settings.model_copy(update={"repo_path": project})
    assert Library(usual, owner.store).default == "mine"


def test_an_ingest_goes_on_before_any_page_is_there(tmp_path, project):
    with ExitStack() as ending:
        services = wire(parts.settings(tmp_path / "data"), ending)
        job = services.ingests.submit(str(project), "mine", embed=False, trusted=True)
        opened(services, "http://127.0.0.1")
        assert parts.until(lambda: services.jobs.get(job.id).is_over, 60)
        assert services.library.get("mine").state == "lexical"


def test_a_second_ingest_of_one_index_is_refused_and_the_first_can_be_taken_up(owner, project):
    owner.jobs.start()
    first = owner.ingests.submit(str(project), "mine", embed=False)
    assert parts.until(lambda: owner.jobs.records(first.id, kind="result"), 30)
    with pytest.raises(Conflict, match="An ingest of 'mine' is running") as caught:
        owner.ingests.submit(str(project), "mine", embed=False)
    assert first.id in caught.value.hint
    with pytest.raises(Conflict):
        owner.ingests.delete("mine")
    other = owner.ingests.submit(str(project), "other", embed=False)
    owner.jobs.cancel(other.id)
    owner.jobs.cancel(first.id)
    assert parts.until(lambda: owner.jobs.get(first.id).is_over, 20)
    assert owner.jobs.get(first.id).state == "cancelled"
    owner.ingests.start()
    assert parts.until(lambda: owner.library.get("mine").state == "failed")
    assert owner.library.get("mine").error == "The ingest was cancelled."
    again = owner.ingests.submit(str(project), "mine", embed=False)
    assert again.id == first.id
    assert owner.done(again).attempt == 2
    assert owner.library.get("mine").state == "lexical"
    assert owner.library.get("mine").error is None


def test_a_source_that_vanished_is_told_and_the_old_index_serves(owner, project):
    owner.start()
    owner.done(owner.ingests.submit(str(project), "mine", embed=False))
    job = owner.ingests.submit(str(project), "mine", embed=False)
    shutil.rmtree(project)
    done = owner.done(job)
    corpus = owner.library.get("mine")
    if done.state == "failed":
        assert corpus.error
        assert not corpus.error.startswith(("NotFound", "SourceError"))
        assert str(project) in corpus.error or project.name in corpus.error
    assert corpus.generation == 1


def test_a_name_belongs_to_one_source(owner, project, tmp_path):
    owner.ingests.submit(str(project), "mine", embed=False)
    for job in owner.jobs.list():
        owner.jobs.cancel(job.id)
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(Conflict, match="'mine' is of project, not of other"):
        owner.ingests.submit(str(other), "mine")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": "../up"}, BadInput),
        ({"cutting": "by-hand"}, BadInput),
        ({"source": "/nowhere/at/all"}, PlumblineError),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_queued(owner, project, given, error):
    with pytest.raises(error) as caught:
        owner.ingests.submit(**{"source": str(project), **given})
    assert caught.value.hint
    assert owner.jobs.list() == []
    assert owner.library.list() == []


def test_strangers_bring_in_packages_one_at_a_time_and_delete_their_own(tmp_path, project):
    owner = Owner(tmp_path / "data", public=1)
    try:
        for source in (str(project), "https://github.com/a/b", "git@github.com:a/b.git"):
            with pytest.raises(Forbidden):
                owner.ingests.submit(source, owner="ann")
        job = owner.ingests.submit("pathspec", owner="ann")
        assert job.args["settings"]["public"] == "1"
        with pytest.raises(Busy):
            owner.ingests.submit("limits", owner="ann")
        owner.jobs.cancel(job.id)
        with pytest.raises(Forbidden, match="not made by you"):
            owner.ingests.delete("pathspec", "bob")
        owner.ingests.delete("pathspec", "ann")
        assert owner.library.list() == []
        trusted = owner.ingests.submit(str(project), "mine", trusted=True)
        assert trusted.args["settings"]["public"] == "0"
    finally:
        owner.close()


def test_a_public_server_keeps_so_many_indexes(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.service.PUBLIC_CORPORA", 1)
    owner = Owner(tmp_path / "data", public=1)
    try:
        owner.ingests.submit("pathspec", owner="ann")
        with pytest.raises(Forbidden, match="keeps 1 indexes"):
            owner.ingests.submit("limits", owner="bob")
    finally:
        owner.close()


def test_the_default_source_is_indexed_until_it_is_current(tmp_path, project, monkeypatch):
    owner = Owner(tmp_path / "data", repo_path=project)
    try:
        owner.ingests.submit_default()
        (job,) = owner.jobs.list()
        assert (job.args["corpus"], job.args["embed"]) == ("project", True)
        owner.ingests.submit_default()
        assert len(owner.jobs.list()) == 1
        owner.jobs.cancel(job.id)
        corpora, name = owner.library.corpora, "project"
        generation = corpora.begin(name)
        embedder = owner.library.embedder.name()
        report = {"embedder": embedder, "started": "2100-01-01T00:00:00+00:00", "revision": ""}
        corpora.publish(name, generation, "ready", report)
        owner.ingests.submit_default()
        assert len(owner.jobs.list()) == 1
        corpora.amend(name, report={**report, "embedder": "another"})
        owner.ingests.submit_default()
        assert owner.jobs.get(job.id).state == "queued"
    finally:
        owner.close()


def test_a_default_source_that_is_not_there_is_a_warning(tmp_path, caplog):
    owner = Owner(tmp_path / "data", repo_path=tmp_path / "gone")
    try:
        owner.ingests.submit_default()
        assert "could not be indexed" in caplog.text
        assert default_name(owner.settings) == ""
    finally:
        owner.close()


def test_freshness_is_looked_at_again(owner, project, monkeypatch):
    monkeypatch.setattr("ingest.service.FRESH_S", 0.0)
    monkeypatch.setattr("ingest.service.IDLE_S", 0.05)
    owner.start()
    owner.done(owner.ingests.submit(str(project), "mine", embed=False))
    assert owner.library.get("mine").report["freshness"]["stale"] is False
    time.sleep(0.02)
    (project / "README.md").write_text("# Changed\n")

    def stale() -> bool:
        return owner.library.get("mine").report["freshness"]["stale"]

    assert parts.until(stale, 10)
    assert "1 file changed" in owner.library.get("mine").report["freshness"]["said"].replace(
        "\xa0", " "
    )


def test_a_worker_is_told_no_secret(tmp_path):
    secrets = {"api_keys": "k-secret", "secret_key": "s-secret", "inference_key": "i-secret"}
    told = settings_for(parts.settings(tmp_path, **secrets, max_tokens=77), stranger=False)
    assert "secret" not in " ".join(told.values())
    assert told["max_tokens"] == "77"
    assert Path(told["data_dir"]).is_absolute()
    assert "host" not in told
