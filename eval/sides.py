"""A run as one side of a comparison: its columns, quickly read, and as they travel.

It knows where the figures of a run stand. What is made of two sides is in eval/compare.py.
"""

from typing import Any

import numpy as np

from core.records import Run
from core.store.samples import SampleRows
from eval.compare import Side
from eval.outcomes import JUDGED

PASSED = "passed"


def side(run: Run, rows: SampleRows) -> Side:
    """Return a run's figures by sample; NaN is unscored, of several epochs the mean counts."""
    table, scores = rows.columns(run.id), rows.scores(run.id)
    positions = table["position"].to_numpy()
    places, first = np.unique(positions, return_index=True)
    ids = [table["item_id"][int(n)].as_py() for n in first]
    clusters = [table["cluster"][int(n)].as_py() for n in first]
    outcomes = table["outcome"].to_pylist()
    passed = [float(what == "correct") if what in JUDGED else np.nan for what in outcomes]
    metrics = {PASSED: _means(places, positions, np.asarray(passed, dtype=float))}
    names, at = scores["scorer"].to_numpy(), scores["position"].to_numpy()
    versions = scores["version"].to_numpy()
    values = scores["value"].to_numpy().astype(float)
    last = {mark.partition("@")[0]: mark for mark in run.provenance.get("scorers", [])}
    for name in sorted(set(names.tolist())):
        mine = names == name
        version = last.get(name, "").partition("@")[2]
        found = mine & (versions == version)
        chosen = found if found.any() else mine
        metrics[name] = _means(places, at[chosen], values[chosen])
    return Side(run.name, run.suite, run.suite_version, ids, clusters, metrics, PASSED)


def side_row(side: Side) -> dict[str, Any]:
    """Return a side as plain values."""
    return {
        "name": side.name,
        "suite": side.suite,
        "suite_version": side.suite_version,
        "ids": list(side.ids),
        "clusters": list(side.clusters),
        "metrics": {
            name: [None if np.isnan(value) else value for value in values.tolist()]
            for name, values in side.metrics.items()
        },
        "criterion": side.criterion,
    }


def side_of(told: dict[str, Any]) -> Side:
    """Return a side from its document."""
    metrics = {name: np.asarray(values, dtype=float) for name, values in told["metrics"].items()}
    return Side(**{**told, "metrics": metrics})


def _means(places: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the mean at each place of what is known there."""
    known = ~np.isnan(values)
    index = np.searchsorted(places, at[known])
    sums = np.bincount(index, weights=values[known], minlength=len(places))
    counts = np.bincount(index, minlength=len(places))
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / counts
