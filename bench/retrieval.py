"""How well questions find what answers them: the usual recipe against ours, stage by stage.

The usual recipe cuts files into overlapping windows of so many tokens, embeds them with MiniLM
(which reads the first 256) and compares by cosine; its best size on the tuning questions stands
for it. A chunk counts as found if it holds half of a gold span or lies half in one; windows and
chunks are judged alike. Run by `make bench-retrieval`; `python -m bench.retrieval FOLDER` keeps
the vectors in a folder, so that a second run is quick.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench import _held, _prose
from bench._held import Corpus, Kept
from bench._record import record
from core.measure.ranking import Estimate, estimates, metrics, paired
from core.retrieval.embed import Transformer, open_embedder
from core.retrieval.found import MODES, Mode, Query, Results
from core.retrieval.rerank import open_reranker
from core.retrieval.search import Searcher
from core.settings import Settings, load
from eval.suites.codeqa import Question

DEPTH = 20
WINDOWS = ("window-128", "window-256", "window-512", "window-800")
CUTS = (1, 3, 5, 10)
SHOWN = ("recall@1", "recall@3", "recall@5", "recall@10", "mrr@10", "ndcg@10")

Row = dict[str, float]
Judged = Callable[[Results], Row]


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    embedder: Transformer
    settings: Settings
    folder: Path
    scratch: Path

    def kept(self, split: str) -> Kept:
        """Return the embedder whose vectors of a split are kept."""
        return Kept(self.folder / split, self.embedder)

    def searcher(self, corpus: Corpus, kept: Kept) -> Searcher:
        """Return the product's searcher over a corpus."""
        with TemporaryDirectory(dir=self.scratch) as folder:
            reranker = open_reranker(self.settings)
            return _held.searcher(corpus, kept, Path(folder), reranker=reranker)

    def count(self, text: str) -> int:
        """Count tokens as MiniLM does: the recipe's windows are cut by its own model's tokens."""
        return len(self.embedder.tokens(text).ids)


def main(words: list[str]) -> None:
    """Measure everything and write bench/results/retrieval.json."""
    with TemporaryDirectory() as scratch:
        folder = Path(words[0]) if words else Path(scratch) / "vectors"
        settings = load(env_file=None)
        bench = Bench(open_embedder(settings), settings, folder, Path(scratch))
        figures = tuned(bench)
        figures |= tested(bench, str(figures["usual recipe on tune: best"]))
        figures |= prose(bench)
    notes = (
        "test: 572 questions with an answer and 100 without, over 262 files of five packages that "
        "nothing was chosen on; tune: 262 and 70, over 63 files of three others. Where a figure is "
        "a list, it is the mean with its 95 % bootstrap interval, in percent; MRR and nDCG as "
        "shares. Vectors are compared one by one, so no index loses any."
    )
    record("retrieval", figures, notes)


def tuned(bench: Bench) -> dict[str, Any]:
    """Return the figures on which the recipe's window was chosen, and how ours fares on windows."""
    kept, asked = bench.kept("tune"), _held.questions("tune")
    figures: dict[str, Any] = {}
    recipe: dict[str, float] = {}
    for name in WINDOWS:
        rows = _held.chunks("tune", name, bench.count)
        corpus = _held.usual(rows, bench.embedder, kept)
        search = bench.searcher(corpus, kept)
        found = scored(answers(search, asked, "dense"), judge(corpus, asked))
        recipe[name] = mean(found, "recall@5")
        figures[f"tune: usual recipe, {name}"] = told(found)
        found = scored(answers(search, asked, "reranked"), judge(corpus, asked))
        figures[f"tune: ours on {name}, reranked"] = told(found)
    corpus = _held.ours(_held.chunks("tune", "code"), bench.embedder, kept)
    search = bench.searcher(corpus, kept)
    for mode in MODES:
        found = scored(answers(search, asked, mode), judge(corpus, asked))
        figures[f"tune: ours on code, {mode}"] = told(found)
    kept.close()
    return {**figures, "usual recipe on tune: best": max(recipe, key=lambda name: recipe[name])}


def tested(bench: Bench, window: str) -> dict[str, Any]:
    """Return the figures on the test questions, each mode against the usual recipe in pairs."""
    kept, asked = bench.kept("test"), _held.questions("test")
    without = _held.questions("test", answerable=False)
    rows = _held.chunks("test", window, bench.count)
    windows = _held.usual(rows, bench.embedder, kept)
    search = bench.searcher(windows, kept)
    fair, loose = judge(windows, asked), judge(windows, asked, 0.0)
    told_all = answers(search, asked, "dense")
    recipe, loosely = scored(told_all, fair), scored(told_all, loose)
    figures: dict[str, Any] = {f"test: usual recipe, {window}": told(recipe)}
    for mode in ("hybrid", "reranked"):
        figures[f"test: ours on {window}, {mode}"] = told(
            scored(answers(search, asked, mode), fair)
        )
    corpus = _held.ours(_held.chunks("test", "code"), bench.embedder, kept)
    search = bench.searcher(corpus, kept)
    fair, loose = judge(corpus, asked), judge(corpus, asked, 0.0)
    hybrid = found = recipe
    for mode in MODES:
        told_all = answers(search, asked, mode)
        hybrid, found = found, scored(told_all, fair)
        figures[f"test: ours on code, {mode}"] = told(found)
        figures[f"test: {mode} - usual recipe, recall@5"] = difference(recipe, found)
        figures[f"test: answerable refused, {mode}"] = refused(told_all)
        figures[f"test: unanswerable caught, {mode}"] = refused(answers(search, without, mode))
    figures["test: reranked - usual recipe, recall@5, one shared byte is enough"] = difference(
        loosely, scored(told_all, loose)
    )
    figures["test: reranked - hybrid, recall@5"] = difference(hybrid, found)
    figures |= kinds(asked, recipe, found)
    figures["test: usual recipe recall@5"] = mean(recipe, "recall@5")
    figures["test: reranked recall@5"] = mean(found, "recall@5")
    figures["test: chunks"] = len(corpus.rows["id"])
    kept.close()
    return figures


def refused(found: Sequence[Results]) -> list[float]:
    """Return the share of questions below the floor."""
    return percent(estimates([{"share": float(not each.hits)} for each in found])["share"])


def prose(bench: Bench) -> dict[str, Any]:
    """Return the figures of every mode on text without code."""
    kept = bench.kept("prose")
    chunks, asked = _prose.sections()
    corpus = _held.ours(_held.table(chunks), bench.embedder, kept)
    search = bench.searcher(corpus, kept)
    figures: dict[str, Any] = {}
    rows: dict[str, list[Row]] = {}
    for mode in MODES:
        found = [search.search(Query(heading, "", mode, DEPTH)) for heading, _ in asked]
        rows[mode] = [
            judged(_ids(each), {f"s{place}"}) for each, (_, place) in zip(found, asked, strict=True)
        ]
        figures[f"prose: {mode}"] = told(rows[mode])
        figures[f"prose: answerable refused, {mode}"] = refused(found)
    figures["prose: reranked - hybrid, recall@5"] = difference(rows["hybrid"], rows["reranked"])
    kept.close()
    return figures


def answers(search: Searcher, asked: Sequence[Question], mode: Mode) -> list[Results]:
    """Return what a mode finds for every question."""
    return [search.search(Query(one.text, "", mode, DEPTH)) for one in asked]


def scored(found: Sequence[Results], judges: Sequence[Judged]) -> list[Row]:
    """Return every question's figures."""
    return [judge(each) for judge, each in zip(judges, found, strict=True)]


def judge(corpus: Corpus, asked: Iterable[Question], least: float = _held.HALF) -> list[Judged]:
    """Return what judges each question's results."""

    def one(question: Question) -> Judged:
        wanted = {corpus.rows["id"][row] for row in _held.answering(corpus.rows, question, least)}
        return lambda found: judged(_ids(found), wanted)

    return [one(question) for question in asked]


def judged(ranked: Sequence[str], wanted: set[str]) -> Row:
    """Return the figures of one ranking: the first chunk that answers is what counts."""
    rank = next((rank for rank, id in enumerate(ranked, 1) if id in wanted), None)
    return metrics([rank], CUTS)


def kinds(asked: Sequence[Question], recipe: list[Row], found: list[Row]) -> dict[str, Any]:
    """Return Recall@5 by kind of question, the usual recipe's and ours."""
    figures: dict[str, Any] = {}
    for kind in dict.fromkeys(one.kind for one in asked):
        places = [at for at, one in enumerate(asked) if one.kind == kind]
        shares = [mean([side[at] for at in places], "recall@5") for side in (recipe, found)]
        figures[f"test: {kind} ({len(places)}), recall@5 of recipe and reranked"] = shares
    return figures


def difference(first: list[Row], second: list[Row]) -> list[float]:
    """Return second minus first on the same questions, with its interval."""
    before, after = ([row["recall@5"] for row in rows] for rows in (first, second))
    found = paired(before, after)
    assert found is not None
    return percent(found)


def told(rows: list[Row]) -> dict[str, list[float]]:
    """Return every figure with its interval."""
    found = estimates(rows)
    return {
        name: percent(found[name]) if name.startswith("recall") else triple(found[name], 1, 3)
        for name in SHOWN
    }


def percent(one: Estimate) -> list[float]:
    """Return a share in percent, with its interval."""
    return triple(one, 100, 1)


def triple(one: Estimate, times: float, digits: int) -> list[float]:
    """Return the mean and its interval, rounded."""
    return [round(times * value, digits) for value in (one.mean, one.low, one.high)]


def mean(rows: Sequence[Row], name: str) -> float:
    """Return the mean of one figure in percent."""
    return round(100 * float(np.mean([row[name] for row in rows])), 1)


def _ids(found: Results) -> list[str]:
    return [hit.chunk.id for hit in found.hits or found.misses]


if __name__ == "__main__":
    main(sys.argv[1:])
