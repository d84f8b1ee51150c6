"""The bundled scorer marks the sentences of an answer by what they cite."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.assistant.scorer import MEANING, WORDS, Agreement, open_support
from core.documents import Chunk, Evidence
from core.settings import Settings

GET = 'def get(url, retries: int = 3):\n    """Fetch a page from a server."""\n    ...'
SAVE = 'def save(path):\n    """Write a page."""\n    return path.open("w")'
EVIDENCE = [
    Evidence(Chunk("a/net.py", 3, 5, GET, "function", "get", ("url", "retries"))),
    Evidence(Chunk("a/disk.py", 9, 11, SAVE, "function", "save", ("path",))),
]


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        ("`get` [1] has `retries: int = 3`.", "supported"),
        ("`get` [1] has `retries:int=3`.", "supported"),
        ("`get` [1] has `retries: int = 5`.", "unsupported"),
        ("`get` [2] has `retries: int = 3`.", "unsupported"),
        ("`save` is in a/disk.py:9-11 [2].", "supported"),
        ("Fetch a page from a server.", "supported"),
        ("`save` [2]: Send a letter to every customer.", "unsupported"),
        ("The retrieved context does not say.", "plain"),
        ("Hello there, my friend.", "plain"),
        ("What else would you like to know?", "plain"),
        ("```python\n    return path.open('w')\n```\n\n[2]", "supported"),
        ("```python\nreturn path.delete()\n```", "unsupported"),
    ],
)
def test_a_sentence_is_held_against_what_it_cites(answer: str, mark: str) -> None:
    (found,) = Agreement().marks(answer, EVIDENCE)
    assert found.mark == mark
    assert (found.start, found.end) == (0, len(answer))
    assert (found.score is None) == (mark == "plain")


def test_marks_say_which_evidence_and_which_lines() -> None:
    answer = '`get` has `retries: int = 3`.\n\n```\nreturn path.open("w")\n```'
    first, second = Agreement().marks(answer, EVIDENCE)
    assert first.chunks == (1,) and first.lines[0] == 3
    assert second.chunks == (2,) and second.lines[1] == 11


def test_two_passages_together_may_support_a_sentence() -> None:
    (both,) = Agreement().marks("`get` fetches and `save` writes a page [1] [2].", EVIDENCE)
    (one,) = Agreement().marks("`get` fetches and `save` writes a page [1].", EVIDENCE)
    assert both.score is not None and one.score is not None and both.score > one.score


def test_without_evidence_nothing_is_claimed_of_it() -> None:
    (mark,) = Agreement().marks("`get` has `retries`.", [])
    assert mark.mark == "plain" and mark.chunks == ()
    assert Agreement().score("anything at all", []) == 0.0


def test_meaning_counts_once_the_embedder_is_there_and_only_then() -> None:
    calls: list[Sequence[str]] = []
    loaded = False

    def embed(texts: Sequence[str]) -> np.ndarray:
        calls.append(texts)
        return np.array([[1.0, 0.0]] * len(texts), np.float32)

    scorer = Agreement(embed, lambda: loaded)
    before = scorer.score("The page is brought from afar.", EVIDENCE)
    assert not calls and scorer.name() == "agreement, words alone"
    loaded = True
    after = scorer.score("The page is brought from afar.", EVIDENCE)
    assert len(calls) == 1 and scorer.name() == "agreement"
    assert after != before
    scorer.marks("Fetch a page from a server.", EVIDENCE[:1])
    assert len(calls) == 1  # what is quoted is not read again


def test_levels_are_in_order_and_no_sign_counts_against() -> None:
    for weighing in (WORDS, MEANING):
        assert 0 < weighing.levels.partly < weighing.levels.supported < 1
        assert min(weighing.weights.values()) >= 0


def test_words_decide_unless_meaning_is_asked_for() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        return np.ones((len(texts), 2))

    names = [
        open_support(Settings(_env_file=None, support_model=named), embed, lambda: True).name()
        for named in ("", "meaning")
    ]
    assert names == ["agreement, words alone", "agreement"]


def test_another_embedder_leaves_words_alone() -> None:
    def embed(texts: Sequence[str]) -> np.ndarray:
        raise AssertionError(texts)

    chosen = Settings(_env_file=None, embedder="other", support_model="meaning")
    scorer = open_support(chosen, embed, lambda: True)
    assert scorer.name() == "agreement, words alone"
    assert scorer.score("Write a page.", EVIDENCE) > 0
