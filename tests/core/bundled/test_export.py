"""A checkpoint becomes a folder that transformers loads, with a card made from measurements."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.bundled.answers import Answerer
from core.bundled.card import card, floor
from core.bundled.config import Config
from core.bundled.evaluate import row
from core.bundled.export import LARGEST, adopt, ship, write_card, write_model
from core.bundled.train import Trainer
from core.errors import BadInput, ModelError, TooLarge
from core.models.catalog import BUNDLED, bundled_folder
from core.models.folder import check_pin

pytestmark = pytest.mark.slow


def _measured(hits: int) -> dict:
    cell = row([True] * hits + [False] * (20 - hits))
    kinds = {"where": cell, "unanswerable": cell, "all answerable": cell}
    return {
        "packages": ["httpx"],
        "parameters": 1_500_000,
        "grounded": {
            "text_match": kinds,
            "citation_match": kinds,
            "false_refusals": {"all answerable": row([False] * 20)},
            "repetition": {"all": row([])},
        },
        "by_length": dict.fromkeys(("short", "middle", "full"), kinds),
        "arithmetic": {"share": {"direct": cell}, "paired": {"steps - direct": [0.2, 0.1, 0.3]}},
        "needles": {"recall": {"512": cell}},
        "actions": {"valid": {"first action": cell}},
        "chat": {"chat": {"right intent": cell}},
        "code": {"bits_per_byte": 2.5, "bytes": 100, "n": 3},
    }


@pytest.fixture(scope="module")
def folder(smoke: Config, work: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    trainer = Trainer(smoke, replace(smoke.stretch("more"), name="exported"), work)
    trainer.start(None)
    trainer._log(trainer.take_step())
    trainer.save()
    into = tmp_path_factory.mktemp("export")
    write_model(smoke, trainer.checkpoint, work / "tokenizer", into)
    (into / "evaluation.json").write_text(json.dumps(_measured(18)))
    write_card(smoke, work, into)
    return into


def test_the_folder_answers_and_ends_turns(folder: Path) -> None:
    answerer = Answerer(folder)
    replies = answerer.answer(["<|user|>Hi<|end|><|assistant|>", "<|user|>A<|end|>"], 5)
    assert len(replies) == 2
    assert answerer.model.generation_config.eos_token_id == 1
    assert answerer.tokenizer.eos_token_id == 1
    assert str(answerer.model.dtype) == "torch.bfloat16"
    nats, size = answerer.surprise(["def f(x): return x"])
    assert nats > 0
    assert size > 10


def test_a_batch_answers_as_one_by_one(folder: Path) -> None:
    answerer = Answerer(folder)
    asked = ["<|user|>Hi<|end|><|assistant|>", "<|user|>What is f?<|end|><|assistant|>"]
    apart = [answerer.answer([opening], 4)[0] for opening in asked]
    assert answerer.answer(asked, 4) == apart


def test_generation_settings_cap_nothing(folder: Path) -> None:
    settings = json.loads((folder / "generation_config.json").read_text())
    assert "max_new_tokens" not in settings
    assert settings["eos_token_id"] == 1


def test_the_card_tells_tables_data_and_training(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    for expected in ("1.5 million", "| where | 90 (70–97) | 20 |", "curve.png", "| requests |"):
        assert expected in text
    assert "| transformers |" not in text
    assert (folder / "curve.csv").read_text().startswith("stretch,total,used,loss")
    assert (folder / "curve.png").stat().st_size > 5000


def test_a_missed_mark_is_called_missed(smoke: Config) -> None:
    reached = {what: ok for what, _, _, ok in floor(_measured(18))}
    missed = {what: ok for what, _, _, ok in floor(_measured(4))}
    assert reached["grounded text match, all kinds"]
    assert not missed["grounded text match, all kinds"]
    assert missed["false refusals (at most)"]
    assert "| missed |" in card(smoke, _measured(4), [])


def test_what_is_shipped_is_pinned(folder: Path, tmp_path: Path) -> None:
    shipped = ship(folder, "tiny", tmp_path)
    assert bundled_folder(tmp_path) == shipped
    check_pin(shipped)
    weights = shipped / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x55")
    with pytest.raises(ModelError, match="SHA-256"):
        check_pin(shipped)


def test_training_goes_on_from_a_finished_model(
    folder: Path, smoke: Config, work: Path, tmp_path: Path
) -> None:
    adopt(folder, tmp_path)
    assert (tmp_path / "tokenizer" / "tokenizer.json").read_text() == (
        work / "tokenizer" / "tokenizer.json"
    ).read_text()
    (tmp_path / "shards").symlink_to(work / "shards")
    trainer = Trainer(smoke, smoke.stretch("more"), tmp_path)
    trainer.start(folder)
    weights = load_file(folder / "model.safetensors")["model.embed_tokens.weight"]
    assert torch.equal(trainer.model.lm_head.weight, weights.float())
    lines = (work / "curve.jsonl").read_text().splitlines()
    assert trainer.total == json.loads(lines[-1])["total"] > 0
    assert card(smoke, _measured(18), _lines(tmp_path)) == (folder / "README.md").read_text()
    with pytest.raises(BadInput, match="training already"):
        adopt(folder, tmp_path)


def _lines(work: Path) -> list[dict]:
    return [json.loads(line) for line in (work / "curve.jsonl").read_text().splitlines()]


def test_too_large_a_file_is_not_shipped(tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(TooLarge):
        ship(tmp_path, "tiny", tmp_path / "models")


def test_the_bundled_model_is_whole_small_and_as_published() -> None:
    found = bundled_folder(BUNDLED)
    if found is None:
        assert not list(BUNDLED.glob("*/*.safetensors"))
        return
    check_pin(found)
    assert (found / "SHA256").exists()
    assert (found / "model.safetensors").stat().st_size <= LARGEST
    for name in ("README.md", "tokenizer.json", "evaluation.json", "curve.csv", "curve.png"):
        assert (found / name).exists()
