"""The same samples answered several times: how much a score varies within a sample and between.

One-way analysis of variance with samples as groups. It knows values in rows; it does not know
what changed from one epoch to the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.measure.intervals import Estimate, t_interval


@dataclass(frozen=True, slots=True)
class Epochs:
    """A measure over samples with several epochs each.

    `within` is the variance of one sample's epochs, `between` that of the samples' own levels,
    `reliability` the share of all variance that is between (the intraclass correlation); None
    where it cannot be told. `steady` is the share of samples whose epochs are all alike.
    """

    samples: int
    epochs: float
    mean: Estimate
    within: float
    between: float
    reliability: float | None
    steady: float


def epochs(rows: Sequence[Sequence[float]]) -> Epochs | None:
    """Return the parts of the variance, or nothing for fewer than two samples or epochs.

    The mean's interval is over the samples' means, which vary for both reasons.
    """
    given = [np.asarray(row, dtype=float) for row in rows if len(row)]
    counts = np.array([len(row) for row in given], dtype=float)
    if len(given) < 2 or counts.sum() <= len(given):
        return None
    means = np.array([row.mean() for row in given])
    mean = t_interval(means.tolist())
    if mean is None:
        return None
    total = counts.sum()
    within = sum(float(((row - row.mean()) ** 2).sum()) for row in given) / (total - len(given))
    grand = float((counts * means).sum() / total)
    level = float((counts * (means - grand) ** 2).sum()) / (len(given) - 1)
    size = float(total - (counts**2).sum() / total) / (len(given) - 1)
    between = max(0.0, (level - within) / size)
    whole = between + within
    return Epochs(
        len(given),
        float(total / len(given)),
        mean,
        within,
        between,
        between / whole if whole else None,
        float(np.mean([row.min() == row.max() for row in given])),
    )
