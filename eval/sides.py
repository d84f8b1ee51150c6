"""A run as one side of a comparison: its columns, quickly read, and as they travel.

It knows where the figures of a run stand. What is made of two sides is in eval/compare.py.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.records import Run
from core.store.samples import SampleRows
from eval.compare import Column, Side
from eval.outcomes import JUDGED

if TYPE_CHECKING:
    import pyarrow as pa

LATENCY = "latency"


def side(run: Run, rows: SampleRows) -> Side:
    """Return a run's figures by sample, in order; NaN is unscored or not judged."""
    table, scores = rows.columns(run.id), rows.scores(run.id)
    epochs = int(run.config.get("epochs", 1))
    places = _places(table, epochs)
    outcomes = table["outcome"].to_pylist()
    metrics, versions = _metrics(scores, places, epochs, run.provenance.get("scorers", []))
    if LATENCY not in metrics:
        # Measured of every sample, whether or not it is among the run's scorers.
        metrics[LATENCY] = table["seconds"].to_numpy().astype(float)
        versions[LATENCY] = "1"
    return Side(
        id=run.id,
        name=run.name,
        suite=run.suite,
        suite_version=run.suite_version,
        criterion=run.criterion,
        ids=table["item_id"].to_pylist(),
        passed=np.array(
            [float(what == "correct") if what in JUDGED else np.nan for what in outcomes]
        ),
        metrics=metrics,
        versions=versions,
        clusters=table["cluster"].to_pylist(),
        kinds=table["kind"].to_pylist(),
    )


def side_row(side: Side) -> dict[str, Any]:
    """Return a side as plain values."""
    return {
        "id": side.id,
        "name": side.name,
        "suite": side.suite,
        "suite_version": side.suite_version,
        "criterion": side.criterion,
        "ids": list(side.ids),
        "passed": _known(side.passed),
        "metrics": {name: _known(values) for name, values in side.metrics.items()},
        "versions": dict(side.versions),
        "clusters": list(side.clusters),
        "kinds": list(side.kinds),
    }


def side_of(told: dict[str, Any]) -> Side:
    """Return a side from its document."""
    return Side(**told)


def _metrics(
    scores: "pa.Table", places: np.ndarray, epochs: int, marks: Sequence[str]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return each scorer's values at the samples' places; of several versions the last counts."""
    names, versions = scores["scorer"].to_numpy(), scores["version"].to_numpy()
    values = scores["value"].to_numpy().astype(float)
    at = np.searchsorted(places, _places(scores, epochs))
    wanted = dict(mark.split("@", 1) for mark in marks)
    found: dict[str, np.ndarray] = {}
    used: dict[str, str] = {}
    for name in sorted(set(names.tolist())):
        mine = names == name
        there = sorted(set(versions[mine].tolist()))
        # A scorer that judges by another part adds that part's name to its version.
        start = wanted.get(name, there[-1])
        used[name] = next((one for one in there if one.startswith(start)), there[-1])
        chosen = mine & (versions == used[name])
        column = np.full(len(places), np.nan)
        column[at[chosen]] = values[chosen]
        found[name] = column
    return found, used


def _places(table: "pa.Table", epochs: int) -> np.ndarray:
    positions = table["position"].to_numpy().astype(np.int64)
    return positions * epochs + table["epoch"].to_numpy()


def _known(values: Column) -> list[float | None]:
    told = np.asarray(values, dtype=float).tolist()
    return [None if np.isnan(value) else value for value in told]
