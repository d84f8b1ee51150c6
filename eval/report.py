"""What a run comes to: shares with intervals, times, tokens, what failed and how.

    samples    total, done, failed, cached
    passed     mean, low, high, hits, n, how: the share of right ones among those judged
    outcomes   how many samples of each
    kinds      the same share for each kind of question
    scores     for each scorer and version: mean, low, high, n, unscored
    latency, first_token   p50, p95, p99 with intervals in seconds, or why not
    tokens     in and out: the sum and the mean; None where nothing was counted
    epochs     how much a question's answers differ, where it was asked more than once
    errors     how many of each kind
    slowest, fastest       five samples each

The canonical report leaves out every time of day and every duration, and holds each answer with
its scores: the same plan and the same model give the same bytes. It reads columns and rows, and
does not know how they came to be.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from core.measure.intervals import Estimate, share
from core.records import Answered, Run, Score
from core.store.samples import SampleRows
from eval.outcomes import JUDGED, OUTCOMES

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FEW = 5
CLOCKED = ("latency", "first_token", "gpu_seconds", "price")
_CLOCK = ("latency", "first_token", "slowest", "fastest")
# Where a run waits or how often it tries changes no answer.
_APART = ("name", "priority", "concurrency", "cache", "retries", "error_budget")

Told = dict[str, Any]


def aggregates(run: Run, rows: SampleRows) -> Told:
    """Return what a run comes to so far."""
    table, scores = rows.columns(run.id), rows.scores(run.id)
    outcomes = table["outcome"].to_pylist()
    clusters = _clusters(table)
    return {
        "samples": {
            "total": run.total,
            "done": len(outcomes),
            "failed": outcomes.count("error"),
            "cached": sum(table["cached"].to_pylist()),
        },
        "passed": _passed(outcomes, clusters),
        "outcomes": {name: outcomes.count(name) for name in OUTCOMES if name in outcomes},
        "kinds": _kinds(table, outcomes, clusters),
        "scores": _scores(table, scores, clusters),
        "latency": _percentiles(table, "seconds"),
        "first_token": _percentiles(table, "first_token_s"),
        "tokens": {"in": _sum(table, "tokens_in"), "out": _sum(table, "tokens_out")},
        "epochs": _epochs(table, outcomes),
        "errors": _errors(table),
        "slowest": _extremes(table, slow=True),
        "fastest": _extremes(table, slow=False),
    }


def canonical(run: Run, rows: SampleRows) -> Iterator[str]:
    """Yield the report without clock times, piece by piece."""
    told = aggregates(run, rows)
    kept = {name: value for name, value in told.items() if name not in _CLOCK}
    kept["samples"].pop("cached")
    kept["scores"] = {name: each for name, each in kept["scores"].items() if name not in CLOCKED}
    head = {
        "config": {name: value for name, value in run.config.items() if name not in _APART},
        "suite": run.suite,
        "suite_version": run.suite_version,
        "criterion": run.criterion,
        "model": run.model,
        "report": kept,
    }
    yield f'{{"run": {_text(head)}, "samples": ['
    for number, answered in enumerate(rows.walk(run.id)):
        yield f"{',' if number else ''}\n{_text(_answer(answered))}"
    yield "\n]}\n"


def _answer(answered: Answered) -> Told:
    sample = answered.sample
    return {
        "position": sample.position,
        "epoch": sample.epoch,
        "item": sample.item_id,
        "batch": sample.batch,
        "answer": sample.answer,
        "reasoning": sample.reasoning,
        "reason": sample.reason,
        "quote": sample.quote,
        "evidence": [each.chunk.id or each.chunk.path for each in sample.evidence],
        "prompts": list(sample.prompts),
        "notices": list(sample.notices),
        "calls": [[u.tokens_in, u.tokens_out, u.finish] for u in sample.usage],
        "error": sample.error,
        "outcome": answered.outcome,
        "scores": [_score(score) for score in answered.scores if score.scorer not in CLOCKED],
    }


def _score(score: Score) -> Told:
    names = ("scorer", "version", "value", "passed", "why")
    return {name: getattr(score, name) for name in names}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _clusters(table: "pa.Table") -> list[str] | None:
    """Return what rises and falls together; nothing where every sample stands for itself."""
    given, ids = table["cluster"].to_pylist(), table["item_id"].to_pylist()
    names = [cluster or id for cluster, id in zip(given, ids, strict=True)]
    return names if len(set(names)) < len(names) else None


def _passed(outcomes: Sequence[str], clusters: Sequence[str] | None) -> Told | None:
    judged = [n for n, what in enumerate(outcomes) if what in JUDGED]
    hits = [float(outcomes[n] == "correct") for n in judged]
    if not hits:
        return None
    told = {"hits": int(sum(hits)), "n": len(hits)}
    groups = None if clusters is None else [clusters[n] for n in judged]
    return _estimate(hits, groups, is_share=True) | told


def _estimate(values: Sequence[float], clusters: Sequence[str] | None, is_share: bool) -> Told:
    """Return a mean with the interval that fits it, and which one that is."""
    from core.measure.resampling import bootstrap

    if clusters is not None and len(set(clusters)) < len(clusters):
        found, how = bootstrap(values, clusters), "bootstrap over source documents"
    elif is_share:
        found, how = share(int(sum(values)), len(values)), "Wilson"
    else:
        found, how = bootstrap(values), "bootstrap"
    if found is None:
        found, how = Estimate(sum(values) / len(values), float("nan"), float("nan")), "too few"
    low, high = (None, None) if how == "too few" else (found.low, found.high)
    return {"mean": found.mean, "low": low, "high": high, "how": how}


def _kinds(table: "pa.Table", outcomes: Sequence[str], clusters: Sequence[str] | None) -> Told:
    found: dict[str, list[int]] = {}
    for n, kind in enumerate(table["kind"].to_pylist()):
        found.setdefault(kind, []).append(n)
    return {
        kind: _passed([outcomes[n] for n in rows], clusters and [clusters[n] for n in rows])
        for kind, rows in sorted(found.items())
        if kind
    }


def _scores(table: "pa.Table", scores: "pa.Table", clusters: Sequence[str] | None) -> Told:
    places = zip(table["position"].to_pylist(), table["epoch"].to_pylist(), strict=True)
    names = dict(zip(places, clusters, strict=True)) if clusters else {}
    found: dict[tuple[str, str], list[tuple[float | None, str]]] = {}
    for scorer, version, position, epoch, value, _, _ in zip(
        *(scores[name].to_pylist() for name in scores.column_names), strict=True
    ):
        group = names.get((position, epoch), "")
        found.setdefault((scorer, version), []).append((value, group))
    told: Told = {}
    for (scorer, version), rows in found.items():
        values = [(value, group) for value, group in rows if value is not None]
        one: Told = {"n": len(values), "unscored": len(rows) - len(values)}
        if values:
            groups = [group for _, group in values] if clusters else None
            one |= _estimate([value for value, _ in values], groups, is_share=False)
        told.setdefault(scorer, {})[version] = one
    return told


def _numbers(table: "pa.Table", name: str) -> "np.ndarray":
    import numpy as np

    values = [value for value in table[name].to_pylist() if value is not None]
    return np.asarray(values, dtype=float)


def _percentiles(table: "pa.Table", name: str) -> Told | None:
    from core.measure.percentiles import percentiles

    values = _numbers(table, name)
    if not len(values):
        return None
    found = {key: asdict(each) for key, each in percentiles(values).items()}
    return {**found, "mean": float(values.mean()), "n": len(values), "histogram": _bars(values)}


def _bars(values: "np.ndarray") -> Told:
    import numpy as np

    counts, edges = np.histogram(values, bins=20)
    return {"counts": counts.tolist(), "edges": edges.tolist()}


def _sum(table: "pa.Table", name: str) -> Told | None:
    values = _numbers(table, name)
    if not len(values):
        return None
    return {"sum": int(values.sum()), "mean": float(values.mean()), "n": len(values)}


def _epochs(table: "pa.Table", outcomes: Sequence[str]) -> Told | None:
    from core.measure.epochs import epochs

    rows: dict[int, list[float]] = {}
    for position, what in zip(table["position"].to_pylist(), outcomes, strict=True):
        if what in JUDGED:
            rows.setdefault(position, []).append(float(what == "correct"))
    found = epochs(list(rows.values()))
    return asdict(found) if found else None


def _errors(table: "pa.Table") -> dict[str, int]:
    found = [error for error in table["error"].to_pylist() if error]
    return {error: found.count(error) for error in sorted(set(found))}


def _extremes(table: "pa.Table", slow: bool) -> list[Told]:
    names = ("position", "epoch", "item_id", "seconds", "outcome")
    rows = zip(*(table[name].to_pylist() for name in names), strict=True)
    measured = [row for row in rows if row[3] is not None]
    measured.sort(key=lambda row: (-row[3] if slow else row[3], row[0], row[1]))
    return [dict(zip(names, row, strict=True)) for row in measured[:FEW]]
