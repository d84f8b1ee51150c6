"""What the ranking and the floor were chosen by: every stage on the tuning questions alone.

Fits the reader's weights and the floors, and says what each stage is worth, by cross-validation
where something is fitted. Nothing here looks at a test question. `make bench-tuning` keeps the
figures; the weights printed are those in core/retrieval/reader.py and floor.py.
`python -m bench.tuning FOLDER` keeps the vectors in a folder, so that a second run is quick.
"""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.optimize import minimize

from bench import _held
from bench._held import Corpus, Kept
from bench._record import record
from core.measure.ranking import metrics
from core.retrieval import floor, reader
from core.retrieval.embed import open_embedder
from core.retrieval.found import MODES, Mode, Query
from core.retrieval.lexical import LexicalIndex
from core.retrieval.search import Knobs, Searcher
from core.retrieval.signals import Pushes
from core.seams import Asked, Candidate
from core.settings import load

FOLDS, ROUNDS, DEPTH = 5, 4, 20
RIDGE = 1.0
REFUSED = 0.04
SIZES, DRAWN, SOME = (1, 3, 8, 20), 10, 25
JUDGED: tuple[tuple[str, Mode, int], ...] = (("words", "lexical", 2), ("meaning", "hybrid", 3))

Read = list[tuple[np.ndarray, np.ndarray]]  # a question's signs by candidate, and what is right


class Watch:
    """A Reranker that keeps what it is shown, and the order as it is."""

    def __init__(self) -> None:
        self.seen: tuple[Asked, Sequence[Candidate]] | None = None

    def name(self) -> str:
        """Say what it does."""
        return "none"

    def score(self, asked: Asked, candidates: Sequence[Candidate]) -> list[float]:
        """Keep the candidates."""
        self.seen = asked, candidates
        return [-float(place) for place in range(len(candidates))]


def main(words: list[str]) -> None:
    """Tune everything and write bench/results/tuning.json."""
    with TemporaryDirectory() as scratch:
        folder = Path(words[0]) if words else Path(scratch) / "vectors"
        figures = tuned(folder / "tune", Path(scratch))
    notes = (
        "Tuning questions alone: 262 with an answer, 70 without. A hit is a chunk that holds half "
        "of a gold span or lies half in one. Fitted parts are cross-validated, five folds."
    )
    record("tuning", figures, notes)


def tuned(folder: Path, scratch: Path) -> dict[str, Any]:
    """Return the figures of every stage, and the weights fitted on all tuning questions."""
    embedder = open_embedder(load(env_file=None))
    kept, watch = _held.Kept(folder, embedder), Watch()
    corpus = _held.ours(_held.chunks("tune", "code"), embedder, kept)
    asked = _held.questions("tune")
    wanted = [_held.answering(corpus.rows, question) for question in asked]
    place = {id: row for row, id in enumerate(corpus.rows["id"])}

    def ranks(search: Searcher, mode: Mode) -> list[int | None]:
        found = [search.search(Query(one.text, "", mode, DEPTH)) for one in asked]
        rows = [[place[hit.chunk.id] for hit in each.hits or each.misses] for each in found]
        return [_held.first_rank(*pair) for pair in zip(rows, wanted, strict=True)]

    figures: dict[str, Any] = {}
    for name, knobs in KNOBS.items():
        search = _held.searcher(corpus, kept, scratch / name, knobs=knobs)
        for mode in MODES[:3] if knobs == Knobs() else PUSHED if "push" in name else PUSHED[:1]:
            figures[f"{mode}, {name}"] = shown(ranks(search, mode))
    search = _held.searcher(corpus, kept, scratch / "read", reranker=watch)
    read = [
        _read(search, watch, one.text, goal, place) for one, goal in zip(asked, wanted, strict=True)
    ]
    figures["reranked, cross-validated"] = shown(crossed(read))
    for at, name in enumerate(reader.WEIGHTS):
        left = [(np.delete(signs, at, axis=1), right) for signs, right in read]
        figures[f"reranked without {name}, cross-validated"] = shown(crossed(left))
    weights = dict(zip(reader.WEIGHTS, fitted(read).round(2).tolist(), strict=True))
    figures["reader weights"] = weights
    figures |= floors(corpus, kept, scratch, [one.text for one in asked])
    kept.close()
    return figures


PUSHED: tuple[Mode, ...] = ("hybrid", "lexical")
KNOBS = {
    "as it is": Knobs(),
    "no push": Knobs(pushes=Pushes(0, 0, 0)),
    "no push for a written name": Knobs(pushes=Pushes(symbol=0)),
    "no push for the words of a name": Knobs(pushes=Pushes(parts=0)),
    "ranks fused with 60": Knobs(steady=60),
    "ranks fused with 20": Knobs(steady=20),
    "ranks fused with 5": Knobs(steady=5),
    "words half as heavy": Knobs(lexical_weight=0.5),
    "meaning half as heavy": Knobs(dense_weight=0.5),
    "100 candidates": Knobs(pool=100),
}


def shown(ranks: Sequence[int | None]) -> dict[str, float]:
    """Return the usual figures of ranks, in percent but for MRR."""
    rows = [metrics([rank]) for rank in ranks]
    mean = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return {
        **{f"recall@{k}": round(100 * mean[f"recall@{k}"], 1) for k in (1, 5, 10)},
        "mrr@10": round(mean["mrr@10"], 3),
    }


def _read(
    search: Searcher, watch: Watch, text: str, wanted: set[int], place: dict[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the signs of a question's candidates, and which of them answer it."""
    search.search(Query(text, "", "reranked", DEPTH))
    assert watch.seen is not None
    asked, candidates = watch.seen
    right = np.array([place[one.chunk.id] in wanted for one in candidates])
    return reader.signs(asked, candidates), right


def fitted(read: Read) -> np.ndarray:
    """Return the weights under which an answering candidate is most probably first."""
    every = np.concatenate([signs for signs, _ in read])
    middle, spread = every.mean(axis=0), every.std(axis=0) + 1e-9
    cases = [((signs - middle) / spread, right) for signs, right in read if right.any()]

    def loss(weights: np.ndarray) -> tuple[Any, np.ndarray]:
        total, slope = RIDGE * weights @ weights, 2 * RIDGE * weights
        for signs, right in cases:
            scores = signs @ weights
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            hit = chance * right
            total -= np.log(hit.sum() + 1e-12)
            slope = slope - signs.T @ (hit / (hit.sum() + 1e-12) - chance)
        return total / len(cases), slope / len(cases)

    return minimize(loss, np.zeros(every.shape[1]), jac=True, method="L-BFGS-B").x / spread


def crossed(read: Read) -> list[int | None]:
    """Return each question's rank under weights fitted without it, several times over."""
    found: list[int | None] = []
    for turn in range(ROUNDS):
        order = np.random.default_rng(turn).permutation(len(read))
        for fold in range(FOLDS):
            held = set(order[fold::FOLDS].tolist())
            weights = fitted([each for at, each in enumerate(read) if at not in held])
            for at in held:
                signs, right = read[at]
                ranked = np.argsort(-(signs @ weights), kind="stable")
                found.append(_held.first_rank(ranked.tolist(), set(np.flatnonzero(right).tolist())))
    return found


def floors(corpus: Corpus, kept: Kept, scratch: Path, answerable: list[str]) -> dict[str, Any]:
    """Fit both floors, and say how many questions without an answer fall below them."""
    facts: list[tuple[float, float, float]] = []

    def look(asked: Asked, candidates: Sequence[Candidate], nearest: float) -> float:
        facts.append((*floor.evidence(asked, candidates), nearest))
        return 1.0

    search = _held.searcher(corpus, kept, scratch / "floor", floors=(look, look))
    without = [one.text for one in _held.questions("tune", answerable=False)]
    has = np.array([True] * len(answerable) + [False] * len(without))
    figures: dict[str, Any] = {}
    for name, mode, used in JUDGED:
        facts.clear()
        for text in (*answerable, *without):
            search.search(Query(text, "", mode, DEPTH))
        figures[f"floor by {name}"] = fitted_floor(np.array(facts)[:, :used], has)
    return figures | {f"floor by words over {size} files": small(corpus, size) for size in SIZES}


def small(corpus: Corpus, size: int) -> dict[str, float]:
    """Return what falls below the word floor where only so many files are indexed."""
    rng, paths = random.Random(size), sorted(set(corpus.rows["path"]))
    without = [one.text for one in _held.questions("tune", answerable=False)]
    below: dict[bool, list[bool]] = {True: [], False: []}
    chunks = []
    for _ in range(DRAWN):
        chosen = set(rng.sample(paths, size))
        kept = [at for at, path in enumerate(corpus.rows["path"]) if path in chosen]
        rows = {name: [values[at] for at in kept] for name, values in corpus.rows.items()}
        search = Searcher(rows, LexicalIndex.build(rows))
        asked = [
            one.text
            for one in _held.questions("tune")
            if all(gold.path in chosen for gold in one.gold)
        ]
        chunks.append(len(kept))
        for has, texts in ((True, asked), (False, rng.sample(without, SOME))):
            for text in rng.sample(texts, min(SOME, len(texts))):
                below[has].append(not search.search(Query(text, "", "lexical", DEPTH)).hits)
    return {
        "chunks": round(float(np.median(chunks))),
        "answerable refused": round(100 * float(np.mean(below[True])), 1),
        "unanswerable caught": round(100 * float(np.mean(below[False])), 1),
    }


def fitted_floor(facts: np.ndarray, has: np.ndarray) -> dict[str, float]:
    """Return the weights and the level under which few questions with an answer fall."""
    scores = np.mean([held_out(facts, has, turn) for turn in range(ROUNDS)], axis=0)
    bar = float(np.quantile(scores[has], REFUSED))
    weights, offset = logistic(facts, has)
    return {
        **dict(zip(("covered", "unknown", "nearest"), weights.round(2).tolist(), strict=False)),
        "level": round(bar - offset, 2),
        "answerable refused": round(100 * float((scores[has] <= bar).mean()), 1),
        "unanswerable caught": round(100 * float((scores[~has] <= bar).mean()), 1),
    }


def logistic(facts: np.ndarray, has: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights and the offset of a logistic regression."""
    middle, spread = facts.mean(axis=0), facts.std(axis=0) + 1e-9
    cases, sign = (facts - middle) / spread, np.where(has, 1, -1)

    def loss(weights: np.ndarray) -> float:
        scores = cases @ weights[1:] + weights[0]
        return np.logaddexp(0, -sign * scores).sum() + 0.5 * weights[1:] @ weights[1:]

    found = minimize(loss, np.zeros(facts.shape[1] + 1), method="L-BFGS-B").x
    weights = found[1:] / spread
    return weights, float(found[0] - weights @ middle)


def held_out(facts: np.ndarray, has: np.ndarray, turn: int) -> np.ndarray:
    """Return each question's score under weights fitted without it."""
    found, order = np.zeros(len(has)), np.random.default_rng(turn).permutation(len(has))
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        rest = np.setdiff1d(order, held)
        weights, offset = logistic(facts[rest], has[rest])
        found[held] = facts[held] @ weights + offset
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
