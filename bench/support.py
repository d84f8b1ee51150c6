"""Fit and judge the support scorers on assets/labels/support.jsonl; keep what came out.

Weights and levels are fitted on the split "calibrate" alone and printed; those that ship, in
core/assistant/scorer.py, are judged on the split "test", whose packages no fit has seen. With
SUPPORT_MODEL set, that model is judged beside them. It changes no file but the result.
"""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core.process  # noqa: F401  # isort: skip  must come before torch

import numpy as np
from scipy.optimize import minimize

from bench._record import record
from core.assistant.agreement import SIGNS, Passage
from core.assistant.claims import Claim
from core.assistant.entailment import LEVELS, Entailment
from core.assistant.scorer import MEANING, WORDS, Agreement, Weighing, compared, hold, meaning
from core.assistant.support import Levels
from core.documents import Chunk, Evidence
from core.measure.intervals import share
from core.retrieval.embed import Transformer, open_embedder
from core.seams import SupportScorer
from core.settings import load

LABELS = Path(__file__).resolve().parent.parent / "assets" / "labels" / "support.jsonl"
TRUTH = {"supported": 1.0, "partly": 0.5, "unsupported": 0.0}
ELSEWHERE = "another place"
APART = 3  # a supported sentence is also held against the excerpt three places on
ALLOWED = 0.1  # of the unsupported are marked supported, and of the supported unsupported
RIDGE, FOLDS, ROUNDS, DRAWS = 3.0, 5, 4, 2000
LIGHT = 0.5


@dataclass(frozen=True)
class Pair:
    """A sentence with the excerpt it is held against, and what was said of the two."""

    sentence: str
    evidence: Evidence
    label: str
    how: str
    excerpt: int


def pairs(split: str) -> list[Pair]:
    """Return the pairs of a split, and for each supported sentence one with another excerpt."""
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["split"] == split]
    found: list[Pair] = []
    for at, row in enumerate(rows):
        other = _evidence(rows[(at + APART) % len(rows)])
        for pair in row["pairs"]:
            text, label = pair["sentence"], pair["label"]
            found.append(Pair(text, _evidence(row), label, pair["how"], at))
            if label == "supported":
                found.append(Pair(text, other, "unsupported", ELSEWHERE, at))
    return found


def main() -> None:
    """Fit, judge, and write bench/results/support.json."""
    settings = load(env_file=None)
    embedder = open_embedder(settings)
    figures: dict[str, Any] = {"pairs": counts()}
    fitted = {"words": fit(pairs("calibrate"), None), "meaning": fit(pairs("calibrate"), embedder)}
    for name, weighing in fitted.items():
        figures[f"fitted on calibrate, {name}"] = told(weighing)
    for name, shipped in (("words", WORDS), ("meaning", MEANING)):
        if told(shipped) != told(fitted[name]):
            print(f"What ships for {name} is not what was fitted.", file=sys.stderr)
    test = pairs("test")
    figures["words alone, test"] = judged(Agreement(), WORDS.levels, test)
    scorer = Agreement(embedder.embed, lambda: True)
    figures["bundled, test"] = judged(scorer, MEANING.levels, test)
    if settings.support_model:
        model = Entailment(settings)
        figures[f"{Path(model.name()).name}, test"] = judged(model, LEVELS, test)
    figures["milliseconds for an answer of two sentences over four passages"] = {
        "words alone": timed(Agreement(), test),
        "bundled": timed(scorer, test),
    }
    record("support", figures, NOTES)


NOTES = (
    "Labels written by the authors. Calibrate: starlette, click, psutil; test: fastapi, httpx, "
    "networkx, rich, transformers. `another place` pairs are supported sentences held against an "
    "excerpt of another place, taken as unsupported by construction. Precision: of what gets a "
    "mark, how much has that label; recall: of what has the label, how much gets the mark; both "
    "without `another place`. Intervals: Wilson, 95 %; for AUC a bootstrap over excerpts."
)


def counts() -> dict[str, Any]:
    """Return how many pairs have which label in each split."""
    found: dict[str, Any] = {}
    for split in ("calibrate", "test"):
        hard = [pair for pair in pairs(split) if pair.how != ELSEWHERE]
        found[split] = {label: sum(p.label == label for p in hard) for label in TRUTH}
    return found


def fit(some: Sequence[Pair], embedder: Transformer | None) -> Weighing:
    """Return weights of at least 0 and levels, fitted on these pairs.

    What quotes, and what differs in what decides, is judged without weights, so that none is
    fitted on it.
    """
    names = (*SIGNS, "meaning") if embedder else SIGNS
    signs, known = _signs(some, names, embedder)
    truth = np.array([TRUTH[pair.label] for pair in some])
    weight = np.array([LIGHT if pair.how == ELSEWHERE else 1.0 for pair in some])
    weight[~np.isnan(known)] = 0.0
    held = _crossed(signs, truth, weight, np.array([pair.excerpt for pair in some]))
    counted = np.array([pair.how != ELSEWHERE for pair in some])
    weights, offset = _logistic(signs, truth, weight)
    kept = {name: round(float(w), 2) for name, w in zip(names, weights, strict=True)}
    held = np.where(np.isnan(known), held, known)
    return Weighing(kept, round(offset, 2), levels(held[counted], truth[counted]))


def levels(scores: np.ndarray, truth: np.ndarray) -> Levels:
    """Return the score that few unsupported sentences reach, and that few supported ones miss."""
    high = float(np.quantile(scores[truth == 0], 1 - ALLOWED))
    low = float(np.quantile(scores[truth == 1], ALLOWED))
    return Levels(round(high, 2), round(min(low, high), 2))


def told(weighing: Weighing) -> dict[str, Any]:
    """Return weights and levels as they are kept."""
    cut = {"supported": weighing.levels.supported, "partly": weighing.levels.partly}
    return {**weighing.weights, "offset": weighing.offset, "levels": cut}


def judged(scorer: SupportScorer, cut: Levels, some: Sequence[Pair]) -> dict[str, Any]:
    """Return how well a scorer tells labels apart, with intervals."""
    scores = np.array([scorer.score(pair.sentence, [pair.evidence]) for pair in some])
    hard = [at for at, pair in enumerate(some) if pair.how != ELSEWHERE]
    marks = [cut.of(float(score)) for score in scores]
    found: dict[str, Any] = {"auc, supported against unsupported": _auc_told(scores, some, hard)}
    for name in ("supported", "unsupported"):
        right = sum(marks[at] == name == some[at].label for at in hard)
        found[f"{name}: precision"] = _percent(right, sum(marks[at] == name for at in hard))
        found[f"{name}: recall"] = _percent(right, sum(some[at].label == name for at in hard))
    false = [at for at in hard if some[at].label == "unsupported"]
    found["unsupported marked supported"] = _percent(
        sum(marks[at] == "supported" for at in false), len(false)
    )
    for how in sorted({pair.how for pair in some}):
        mine = [at for at, pair in enumerate(some) if pair.how == how]
        want = some[mine[0]].label if how != "half" else "partly"
        found[f"{how}: marked {want}"] = _percent(sum(marks[at] == want for at in mine), len(mine))
    return found


def timed(scorer: SupportScorer, some: Sequence[Pair]) -> dict[str, float]:
    """Return how long marks take, over answers of two sentences with four passages each."""
    spent, worked = list[float](), list[float]()
    for at in range(0, min(len(some), 120) - 8, 4):
        answer = f"{some[at].sentence} {some[at + 1].sentence}"
        evidence = [pair.evidence for pair in some[at : at + 40 : 10]]
        began, work = time.perf_counter(), time.process_time()
        scorer.marks(answer, evidence)
        spent.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - work))
    return {
        "p50": round(float(np.median(spent)), 1),
        "p95": round(float(np.quantile(spent, 0.95)), 1),
        "processor p50": round(float(np.median(worked)), 1),
    }


def _evidence(row: dict[str, Any]) -> Evidence:
    first, last = row["first_line"], row["last_line"]
    return Evidence(Chunk(row["path"], first, last, row["text"], row["kind"], row["symbol"]))


def _signs(
    some: Sequence[Pair], names: Sequence[str], embedder: Transformer | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return each pair's signs, and its score where that is known without them."""
    held = [hold(Claim(pair.sentence), Passage.of(pair.evidence.chunk), 1) for pair in some]
    found = [dict(each.found) for each in held]
    if embedder:
        texts = list(dict.fromkeys(text for each in held for text in compared(each)))
        vectors = dict(zip(texts, embedder.embed(texts), strict=True))
        for row, each in zip(found, held, strict=True):
            row["meaning"] = meaning(each, vectors)
    signs = np.array([[row[name] for name in names] for row in found])
    return signs, np.array(
        [1.0 if each.score == 1 else 0.0 if each.differs else np.nan for each in held]
    )


def _crossed(
    signs: np.ndarray, truth: np.ndarray, weight: np.ndarray, excerpts: np.ndarray
) -> np.ndarray:
    """Return each pair's mean score under weights fitted without its excerpt."""
    total = np.zeros(len(truth))
    for turn in range(ROUNDS):
        order = np.random.default_rng(turn).permutation(np.unique(excerpts))
        for fold in range(FOLDS):
            out = np.isin(excerpts, order[fold::FOLDS])
            weights, offset = _logistic(signs[~out], truth[~out], weight[~out])
            total[out] += 1 / (1 + np.exp(-(signs[out] @ weights + offset)))
    return total / ROUNDS


def _logistic(signs: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the weights, none below 0, and the offset of a logistic regression."""
    used = weight > 0
    signs, truth, weight = signs[used], truth[used], weight[used]
    middle, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    cases = (signs - middle) / spread

    def loss(weights: np.ndarray) -> float:
        total = cases @ weights[1:] + weights[0]
        fit = weight * (np.logaddexp(0, total) - truth * total)
        return float(fit.sum() + 0.5 * RIDGE * weights[1:] @ weights[1:])

    bounds = [(None, None), *[(0.0, None)] * signs.shape[1]]
    found = minimize(loss, np.zeros(signs.shape[1] + 1), method="L-BFGS-B", bounds=bounds).x
    weights = found[1:] / spread
    return weights, float(found[0] - weights @ middle)


def _auc_told(scores: np.ndarray, some: Sequence[Pair], hard: Sequence[int]) -> dict[str, float]:
    """Return how often a supported sentence scores above an unsupported one."""
    by: dict[int, tuple[list[float], list[float]]] = {}
    for at in hard:
        if some[at].label != "partly":
            sides = by.setdefault(some[at].excerpt, ([], []))
            sides[some[at].label == "unsupported"].append(float(scores[at]))
    excerpts, rng = list(by), np.random.default_rng(0)
    drawn = [
        _auc([by[excerpts[at]] for at in rng.integers(0, len(by), len(by))]) for _ in range(DRAWS)
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    return {
        "value": round(_auc(list(by.values())), 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
    }


def _auc(sides: Sequence[tuple[list[float], list[float]]]) -> float:
    good = np.array([score for side in sides for score in side[0]])
    bad = np.array([score for side in sides for score in side[1]])
    return float((good[:, None] > bad).mean() + 0.5 * (good[:, None] == bad).mean())


def _percent(hits: int, n: int) -> dict[str, Any]:
    found = share(hits, n)
    if found is None:
        return {"n": 0}
    return {
        "percent": round(100 * found.mean, 1),
        "low": round(100 * found.low, 1),
        "high": round(100 * found.high, 1),
        "n": n,
    }


if __name__ == "__main__":
    main()
