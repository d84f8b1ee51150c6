"""The terminal's words: whole sentences, each fact once."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ModelMissing
from core.messages import ModelCard
from core.models.catalog import QUOTE, ModelState
from core.store.connection import Store
from core.telemetry.announced import announced

QUOTES = ModelState("ready", QUOTE, "No language model is set.", (), None, datetime.now(UTC))
BIG = ModelCard("big", "endpoint", "big at 127.0.0.1:8000", server="vLLM")


def said(folder: Path, state: ModelState) -> list[str]:
    store = Store.open(folder)
    try:
        return announced(state, store)
    finally:
        store.close()


def test_what_answers_and_why_in_one_sentence(tmp_path: Path):
    because = "Answers: quotes from the documentation, because no language model is set."
    assert said(tmp_path, QUOTES) == [because]
    asked = replace(QUOTES, why="MODEL=quote was set.")
    assert said(tmp_path, asked)[0].endswith("because MODEL=quote was set.")
    server = replace(QUOTES, card=BIG, why="INFERENCE_URL is set and answers (vLLM).")
    assert said(tmp_path, server) == ["Answers: big at 127.0.0.1:8000 (vLLM)."]


def test_what_was_asked_for_in_vain_is_named_with_its_hint(tmp_path: Path):
    error = ModelMissing("HUB_MODEL=/nope does not exist.", "Correct it.")
    why = "HUB_MODEL=/nope does not exist; answers are quotes instead."
    lost = said(tmp_path, replace(QUOTES, why=why, missed=(error,)))
    assert lost == [f"Answers: quotes from the documentation. {why} Correct it."]
    failed = replace(QUOTES, phase="failed", card=None, why=error.message, error=error)
    expected = "Answers: none yet. HUB_MODEL=/nope does not exist. Correct it."
    assert said(tmp_path, failed) == [expected]


def test_a_damaged_database_is_said_first(tmp_path: Path):
    (tmp_path / "plumbline.duckdb").write_bytes(b"not a database" * 500)
    first, second = said(tmp_path, QUOTES)
    assert first.startswith("The record file was damaged") and second.startswith("Answers: ")
