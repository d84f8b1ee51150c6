"""Every part is asked, and one sentence says what a visitor needs to know first."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.documents import Chunk
from core.errors import ModelMissing, Unreachable
from core.messages import ModelCard
from core.models.catalog import QUOTE, Catalog, ModelState
from core.models.trouble import Trouble
from core.records import CorpusState
from core.retrieval.library import Library
from core.settings import Settings
from core.store.chunks import FileRow
from core.store.connection import Store
from core.store.corpora import Corpora
from core.store.generations import Generations
from core.telemetry.health import Health, Report

NOW = datetime.now(UTC)
BIG = ModelCard("big", "endpoint", "big at a server")


class Told:
    """A catalog whose state is told to it."""

    def __init__(self, state: ModelState) -> None:
        self.state = state


def health(folder: Path, store: Store, catalog: Told | Catalog) -> Health:
    settings = Settings(data_dir=folder)
    return Health(settings, store, catalog, Library(settings, store))


def report(tmp_path: Path, state: ModelState) -> Report:
    store = Store.open(tmp_path)
    try:
        return health(tmp_path, store, Told(state)).report()
    finally:
        store.close()


def ready(card: ModelCard | None, why: str = "it answers") -> ModelState:
    return ModelState("ready", card, why, (), None, NOW)


def states(found: Report) -> dict[str, str]:
    return {part.name: part.state for part in found.parts}


def test_with_a_model_everything_works(tmp_path: Path):
    found = report(tmp_path, ready(BIG))
    assert (found.status, found.sentence) == ("ok", "Everything works.")
    assert states(found)["model"] == "ok"
    assert states(found)["store"] == "ok"


def test_with_the_bundled_model_a_larger_one_is_missed(tmp_path: Path):
    found = report(tmp_path, ready(replace(BIG, kind="bundled")))
    assert found.sentence == "Everything works. No larger model is connected."


def test_without_a_model_it_is_degraded_and_says_how_to_mend_it(tmp_path: Path):
    found = report(tmp_path, ready(QUOTE))
    model = found.parts[0]
    assert found.status == "degraded"
    assert "quotes" in found.sentence
    assert "INFERENCE_URL" in model.hint


def test_loading_is_not_a_failure(tmp_path: Path):
    found = report(tmp_path, ModelState("loading", None, "loading x", (), None, NOW))
    assert found.status == "ok"
    assert found.sentence == "The model is loading; everything else works."


def test_a_missing_model_is_down_with_its_hint(tmp_path: Path):
    error = ModelMissing("There is no folder /m.", "Correct HUB_MODEL.")
    found = report(tmp_path, ModelState("failed", None, error.message, (), error, NOW))
    assert found.status == "down"
    assert found.parts[0].hint == "Correct HUB_MODEL."
    assert "There is no folder" in found.sentence


def test_a_closed_store_is_down(tmp_path: Path):
    store = Store.open(tmp_path)
    store.close()
    found = health(tmp_path, store, Told(ready(BIG))).report()
    assert states(found)["store"] == "down"
    assert found.status == "down"


def test_a_damaged_record_file_is_told(tmp_path: Path):
    (tmp_path / "plumbline.duckdb").write_bytes(b"not a database" * 500)
    found = report(tmp_path, ready(BIG))
    assert states(found)["store"] == "degraded"
    assert found.status == "degraded"


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("core.telemetry.health.LOW_DISK", 10**18)
    assert states(report(tmp_path, ready(BIG)))["disk"] == "degraded"


def test_the_real_catalog_fits(tmp_path: Path):
    store = Store.open(tmp_path / "data")
    settings = Settings(data_dir=tmp_path / "data")
    catalog = Catalog(settings, Generations(store), bundled_dir=tmp_path)
    catalog.warm()
    assert health(tmp_path / "data", store, catalog).report().status == "degraded"
    store.close()


def test_a_server_that_stopped_answering_is_down_with_since_when(tmp_path: Path):
    trouble = Trouble(Unreachable("No server."), datetime(2026, 11, 21, 4, 31, tzinfo=UTC))
    found = report(tmp_path, replace(ready(BIG), trouble=trouble))
    assert found.status == "down"
    assert found.sentence == "Model: The model server has not answered since 04:31 UTC."
    assert found.parts[0].hint == "Start it again; Plumbline notices by itself."


def test_what_was_asked_for_and_failed_is_said_with_its_hint(tmp_path: Path):
    missed = (ModelMissing("HUB_MODEL=/nope does not exist.", "Correct it."),)
    why = "HUB_MODEL=/nope does not exist; answers are quotes instead."
    found = report(tmp_path, replace(ready(QUOTE, why), missed=missed))
    assert (found.status, found.sentence, found.parts[0].hint) == ("degraded", why, "Correct it.")


def test_a_damaged_record_file_comes_first_and_nothing_is_said_twice(tmp_path: Path):
    (tmp_path / "plumbline.duckdb").write_bytes(b"not a database" * 500)
    found = report(tmp_path, ready(QUOTE))
    assert found.sentence.startswith("The record file was damaged")
    assert "No language model is connected" in found.sentence
    store = next(part for part in found.parts if part.name == "store")
    assert "othing was deleted" in store.reason and "othing was deleted" not in store.hint


def served(store: Store, state: CorpusState = "lexical", **told: object) -> None:
    corpora = Corpora(store)
    corpora.create("mine", "My project", {}, {})
    generation = corpora.begin("mine")
    chunk = Chunk("a.py", 1, 1, "x = 1", id="1")
    corpora.stage("mine", generation, [(FileRow("a.py", "h", 5), [chunk])])
    corpora.publish("mine", generation, state, {"chunks": 1, **told})


@pytest.mark.parametrize(
    ("state", "how"), [("lexical", "by words."), ("ready", "by words and by meaning.")]
)
def test_an_index_says_how_it_can_be_searched(tmp_path: Path, state: CorpusState, how: str):
    store = Store.open(tmp_path)
    served(store, state)
    parts = {part.name: part for part in health(tmp_path, store, Told(ready(BIG))).report().parts}
    store.close()
    assert (parts["index"].state, parts["embedder"].state) == ("ok", "absent")
    assert parts["index"].reason == f"1 chunks of My project are found {how}"


def test_an_ingest_that_failed_is_told_while_the_old_index_serves(tmp_path: Path):
    store = Store.open(tmp_path)
    served(store)
    Corpora(store).amend("mine", error="The disk is full.")
    found = health(tmp_path, store, Told(ready(BIG))).report()
    store.close()
    assert (found.status, states(found)["index"]) == ("degraded", "degraded")
    assert "The disk is full." in found.sentence


def test_no_index_is_no_failure(tmp_path: Path):
    found = report(tmp_path, ready(BIG))
    assert (found.status, states(found)["index"]) == ("ok", "absent")
