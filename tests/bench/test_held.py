"""When a chunk counts as found, how the recipe's texts are cut, and what is fitted to what."""

from pathlib import Path

import numpy as np
import pytest

from bench import _held, _prose, retrieval, tuning
from core.documents import Chunk
from core.retrieval.embed import open_embedder
from core.settings import Settings
from eval.suites.codeqa import Gold, Question


def asked(*spans: tuple[int, int]) -> Question:
    return Question("q", "tune", "where", "?", tuple(Gold("a.py", span, "f") for span in spans))


def rows(*spans: tuple[int, int], path: str = "a.py"):
    return _held.table([Chunk(path, 1, 1, "x", id=str(n), span=s) for n, s in enumerate(spans)])


@pytest.mark.parametrize(
    ("span", "half", "any_byte"),
    [
        ((100, 200), True, True),  # the gold itself
        ((0, 1000), True, True),  # holds it
        ((120, 130), True, True),  # lies in it
        ((0, 150), True, True),  # half of it
        ((0, 149), False, True),
        ((190, 230), False, True),
        ((0, 100), False, False),  # ends where it begins
    ],
)
def test_a_chunk_answers_that_holds_half_or_lies_half_in_it(
    span: tuple[int, int], half: bool, any_byte: bool
):
    table = rows(span)
    assert bool(_held.answering(table, asked((100, 200)))) is half
    assert bool(_held.answering(table, asked((100, 200)), 0.0)) is any_byte


def test_any_gold_span_is_enough_and_the_path_must_be_the_same():
    table = rows((0, 10), (20, 30), (40, 50))
    assert _held.answering(table, asked((0, 10), (40, 50))) == {0, 2}
    assert _held.answering(rows((0, 10), path="b.py"), asked((0, 10))) == set()


def test_the_first_chunk_that_answers_counts():
    row = retrieval.judged(["x", "b", "a"], {"a", "b"})
    assert (row["recall@1"], row["recall@3"], row["mrr@10"]) == (0.0, 1.0, 0.5)
    assert retrieval.judged(["x"], {"a"})["recall@10"] == 0


def test_the_recipe_reads_the_tokens_of_one_window():
    embedder = open_embedder(Settings(_env_file=None))
    kept = _held.first_tokens(embedder, "word " * 400)
    assert len(embedder.tokens(kept).ids) == _held.WINDOW - _held.FRAME
    assert _held.first_tokens(embedder, "a few words") == "a few words"


def test_vectors_are_made_once_and_kept(tmp_path: Path):
    class Counting:
        made = 0

        def name(self) -> str:
            return "counting"

        def embed(self, texts: list[str]) -> np.ndarray:
            self.made += len(texts)
            return np.array([[len(text), 1.0] for text in texts], np.float32)

    embedder = Counting()
    for _ in range(2):
        kept = _held.Kept(tmp_path, embedder)  # pyright: ignore[reportArgumentType]
        assert kept.embed(["abc", "a", "abc"])[:, 0].tolist() == [3, 1, 3]
        kept.close()
    assert embedder.made == 2


def test_fitting_finds_the_sign_that_tells():
    rng = np.random.default_rng(0)
    read = []
    for _ in range(40):
        signs = rng.standard_normal((8, 2))
        right = np.arange(8) == int(np.argmax(signs[:, 0]))
        read.append((signs, right))
    weights = tuning.fitted(read)
    assert weights[0] > 5 * abs(weights[1])
    ranks = tuning.crossed(read)
    assert len(ranks) == 40 * tuning.ROUNDS
    assert np.mean([rank == 1 for rank in ranks]) > 0.9


def test_a_floor_refuses_few_that_have_an_answer():
    rng = np.random.default_rng(0)
    has = np.arange(200) < 150
    facts = np.stack([np.where(has, 0.8, 0.2) + 0.1 * rng.standard_normal(200), rng.random(200)], 1)
    found = tuning.fitted_floor(facts, has)
    assert found["answerable refused"] <= 100 * tuning.REFUSED + 1
    assert found["unanswerable caught"] > 95
    assert found["covered"] > 0


def test_sections_lose_their_headings_and_are_asked_for_by_them(tmp_path: Path):
    folder = tmp_path / "thing-1.0.dist-info"
    folder.mkdir()
    body = "How it is done, at some length. " * 8
    text = (
        f"Name: thing\n\n# Baking bread\n\n{body}\nOther title\n===========\n\n{body} More.\n# X\n"
    )
    (folder / "METADATA").write_text(text)
    (tmp_path / "bare-1.0.dist-info").mkdir()
    (tmp_path / "bare-1.0.dist-info" / "METADATA").write_text("Name: bare\n\nNo heading here.")
    chunks, wanted = _prose.sections(tmp_path)
    assert sorted(wanted) == [("Baking bread", 0), ("Other title", 1)]
    assert all("title" not in chunk.text and "Baking" not in chunk.text for chunk in chunks)
