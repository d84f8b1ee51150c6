"""Public data sets: read as the hub and as their authors write them, sampled by seed, kept."""

import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadInput, NotFound, SourceError, Unauthorized
from core.records import Gold, Item
from eval.datasets import published
from eval.datasets.published import PUBLISHED, reservoir, sampled
from eval.datasets.rows import item_of
from tests.ingest import datahub

TRIVIA_HUB = {
    "question": "Who?",
    "question_id": "tc_1",
    "answer": {"value": "Ann", "aliases": ["Ann", "Anna"], "normalized_aliases": ["ann"]},
}
TRIVIA_FILE = {
    "Data": [
        {
            "Question": "Who?",
            "QuestionId": "tc_1",
            "Answer": {"Value": "Ann", "Aliases": ["Ann", "Anna"], "Type": "WikipediaEntity"},
        }
    ],
    "Domain": "Web",
}
HOTPOT_HUB = {
    "id": "h1",
    "question": "Which river?",
    "answer": "Aare",
    "type": "bridge",
    "level": "hard",
    "supporting_facts": {"title": ["Bern", "Bern", "Aare"], "sent_id": [0, 1, 0]},
    "context": {"title": ["Bern", "Aare"], "sentences": [["Bern is", " on it."], ["A river."]]},
}
HOTPOT_FILE = [
    {
        "_id": "h1",
        "question": "Which river?",
        "answer": "Aare",
        "type": "bridge",
        "level": "hard",
        "supporting_facts": [["Bern", 0], ["Bern", 1], ["Aare", 0]],
        "context": [["Bern", ["Bern is", " on it."]], ["Aare", ["A river."]]],
    }
]
PAIR = {
    "chosen": "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant: Because.",
    "rejected": "\n\nHuman: Hi\n\nAssistant: Hello.\n\nHuman: Why?\n\nAssistant: No.",
}


def made(name: str, row: dict[str, Any], seed: int = 0) -> Item | None:
    return PUBLISHED[name].made(row, random.Random(seed))


def kept(file: Path) -> list[Item]:
    return [item_of(row) for row in json.loads(file.read_text())["rows"]]


def test_trivia_has_every_alias():
    assert made("triviaqa", TRIVIA_HUB) == Item("tc_1", "Who?", ("Ann", "Anna"))
    assert made("triviaqa", TRIVIA_FILE["Data"][0]) == made("triviaqa", TRIVIA_HUB)
    assert made("triviaqa", {"question": "Who?", "answer": None}) is None


def test_hotpot_brings_its_passages():
    item = made("hotpotqa", HOTPOT_HUB)
    assert item == made("hotpotqa", HOTPOT_FILE[0])
    assert item is not None
    assert item.contexts == ("Bern\nBern is on it.", "Aare\nA river.")
    assert item.gold == (Gold("Bern"), Gold("Aare"))
    assert (item.kind, item.details) == ("bridge", {"level": "hard"})


def test_gsm_has_its_number_and_its_steps():
    answer = "3 + 4 = <<3+4=7>>7.\nSo 1,007.\n#### 1,007"
    item = made("gsm8k", {"question": "How many?", "answer": answer})
    assert item is not None
    assert item.references == ("1007",)
    assert item.details == {"steps": "3 + 4 = 7.\nSo 1,007."}
    assert made("gsm8k", {"question": "How many?", "answer": "7"}) is None


def test_a_preference_is_a_choice_in_a_drawn_order():
    items = [made("hh-rlhf", PAIR, seed) for seed in range(20)]
    for item in items:
        assert item is not None
        assert item.question == "Human: Hi\n\nAssistant: Hello.\n\nHuman: Why?"
        assert item.choices[ord(item.references[1]) - 65] == item.references[0] == "Because."
    assert len({item.choices for item in items if item}) == 2
    other = PAIR | {"rejected": "\n\nHuman: Ho\n\nAssistant: No."}
    assert made("hh-rlhf", other) is None
    assert made("hh-rlhf", PAIR | {"rejected": PAIR["chosen"]}) is None
    assert made("hh-rlhf", {"chosen": "x", "rejected": "y"}) is None


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("triviaqa", "web-dev.json", json.dumps(TRIVIA_FILE)),
        ("triviaqa", "rows.jsonl", json.dumps(TRIVIA_HUB)),
        ("hotpotqa", "dev.json", json.dumps(HOTPOT_FILE)),
        ("hotpotqa", "rows.jsonl", json.dumps(HOTPOT_HUB)),
        ("gsm8k", "test.jsonl", json.dumps({"question": "Q?", "answer": "#### 7"})),
        ("hh-rlhf", "test.jsonl.gz", json.dumps(PAIR)),
    ],
)
def test_local_files_as_they_are_published(tmp_path: Path, name: str, file: str, text: str):
    path = tmp_path / file
    path.write_bytes(gzip.compress(text.encode()) if file.endswith(".gz") else text.encode())
    (item,) = kept(sampled(name, tmp_path, 10, 0, path=path))
    assert item.id
    assert item.references


def test_a_sample_is_by_its_seed_and_in_order():
    rows = [{"n": n} for n in range(500)]
    chosen, total = reservoir(rows, 20, random.Random(1))
    assert (len(chosen), total) == (20, 500)
    assert [place for place, _ in chosen] == sorted({place for place, _ in chosen})
    assert all(row["n"] == place - 1 for place, row in chosen)
    assert reservoir(rows, 20, random.Random(1))[0] == chosen
    assert reservoir(rows, 20, random.Random(2))[0] != chosen
    assert len(reservoir(rows[:5], 20, random.Random(1))[0]) == 5
    firsts = [reservoir(rows, 50, random.Random(seed))[0] for seed in range(100)]
    assert 400 < sum(place <= 50 for chosen in firsts for place, _ in chosen) < 600


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[datahub.Hub]:
    """Start a small hub that has twelve problems, in the place of the real one."""
    from dataclasses import replace

    import pyarrow
    from huggingface_hub import HfFileSystem
    from pyarrow import parquet

    folder = tmp_path / "hub" / "main"
    folder.mkdir(parents=True)
    rows = [{"question": f"Q{n}?", "answer": f"#### {n}"} for n in range(12)]
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "test-00000-of-00001.parquet")
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "train-00000.parquet")
    monkeypatch.setitem(PUBLISHED, "gsm8k", replace(PUBLISHED["gsm8k"], hub="some/texts"))
    with datahub.running(folder.parent) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", running.url)
        monkeypatch.setattr("datasets.config.HF_ENDPOINT", running.url)
        places = f"{running.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", places)
        # Instances are kept by their arguments, and know the address of when they were made.
        HfFileSystem.clear_instance_cache()
        yield running
        HfFileSystem.clear_instance_cache()


def test_the_hub_is_asked_once(hub: datahub.Hub, tmp_path: Path):
    file = sampled("gsm8k", tmp_path / "data", 5, 7)
    assert file == tmp_path / "data" / "datasets" / "gsm8k" / "n5-seed7.json"
    said = json.loads(file.read_text())
    assert said["revision"] == datahub.COMMIT
    assert (said["n"], said["of"], said["seed"], said["license"]) == (5, 12, 7, "MIT")
    items, asked = kept(file), len(hub.asked)
    assert {item.references[0] for item in items} < {str(n) for n in range(12)}
    assert kept(sampled("gsm8k", tmp_path / "data", 5, 7)) == items
    assert len(hub.asked) == asked
    assert kept(sampled("gsm8k", tmp_path / "data", 5, 7, fresh=True)) == items
    assert len(hub.asked) > asked


def test_what_the_hub_says_is_told_in_words(
    hub: datahub.Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from dataclasses import replace

    for name, error in (("shy/texts", Unauthorized), ("no/texts", NotFound)):
        monkeypatch.setitem(PUBLISHED, "gsm8k", replace(PUBLISHED["gsm8k"], hub=name))
        with pytest.raises(error):
            sampled("gsm8k", tmp_path, 5, 0)
    gone = replace(PUBLISHED["gsm8k"], hub="some/texts", files="old/.*")
    monkeypatch.setitem(PUBLISHED, "gsm8k", gone)
    with pytest.raises(NotFound, match="no longer has the files"):
        sampled("gsm8k", tmp_path, 5, 0)


def test_without_a_network_a_local_copy_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourceError, match="hub cannot be reached") as told:
        sampled("gsm8k", tmp_path, 5, 0)
    assert "--path" in told.value.hint
    assert not list(tmp_path.rglob("*.json"))


def test_what_cannot_be_sampled(tmp_path: Path):
    file = tmp_path / "a.jsonl"
    file.write_text('{"text": "no problem"}\n')
    with pytest.raises(BadInput, match=r"No row of a\.jsonl is one of GSM8K"):
        sampled("gsm8k", tmp_path, 5, 0, path=file)
    with pytest.raises(BadInput, match="1 to 100,000 questions, not 0"):
        sampled("gsm8k", tmp_path, 0, 0, path=file)
    torn = tmp_path / "a.jsonl.gz"
    torn.write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(BadInput, match="not a whole gzip file"):
        sampled("gsm8k", tmp_path, 5, 0, path=torn)


def test_every_card_says_licence_and_source(tmp_path: Path):
    for name, about in PUBLISHED.items():
        assert about.license
        file = tmp_path / "s.json"
        file.write_text(json.dumps({"n": 1, "of": 2, "seed": 3, "source": "x", "rows": []}))
        card = published.body_of(name, file, "s")["card"]
        assert about.license in card
        assert "1 of 2 rows of x, drawn with seed 3" in card
