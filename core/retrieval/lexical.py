"""Ranking texts by the words they share with a query, with tokens that suit code.

It knows how identifiers are split and words are stemmed, and it ranks what it is handed.
It does not know where the texts come from and keeps nothing on disk.
"""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+")
_PART = re.compile(r"[A-Z]{2,}s?(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_STOP = frozenset(
    "a about an and are as at be by can could did do does for from has have how i if in into is it "
    "its me my of on or our please should so than that the their them then there these they this "
    "to us was we were what when where which who why will with would you your".split()
)
_SUFFIXES = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
_IRREGULAR = {
    "kept": "keep", "made": "make", "found": "find", "chose": "choose", "chosen": "choose",
    "wrote": "write", "written": "write", "ran": "run", "shown": "show", "built": "build",
    "sent": "send", "lost": "lose", "held": "hold", "began": "begin", "begun": "begin",
}  # fmt: skip


def stem(word: str) -> str:
    """Return the word without a plural or verb ending, where enough of it remains."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for suffix, ending in _SUFFIXES:
        if word.endswith(suffix) and not word.endswith("ss") and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)] + ending
    return word


def tokens(text: str) -> list[str]:
    """Return search tokens: whole identifiers and their parts, stemmed, without stop words."""
    found: list[str] = []
    for word in _WORD.findall(text):
        whole = word.strip("_").lower()
        parts = [part.lower() for part in _PART.findall(word)]
        names = [whole, *parts] if len(parts) > 1 else [whole]
        found += [stem(name) for name in names if name and name not in _STOP]
    return found


class Lexical:
    """BM25 over texts held in memory."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s  # with numpy and scipy behind it; the first page comes before them

        self._size = len(texts)
        self._index = bm25s.BM25()
        corpus = [tokens(text) or [""] for text in texts]
        if corpus:
            self._index.index(corpus, show_progress=False)

    def rank(self, query: str, k: int = 10) -> list[tuple[int, float]]:
        """Return (position, score) of the best texts, best first; texts sharing no word are out."""
        words = tokens(query)
        if not words or not self._size:
            return []
        scores = self._index.get_scores(words).tolist()
        best = sorted(range(self._size), key=lambda i: -scores[i])[:k]
        return [(i, scores[i]) for i in best if scores[i] > 0]
