"""What says how good a sample is: one function per score, made by name with its settings.

`make` by name, `apply` to a sample. Every score carries the scorer's name, its version and the
settings it ran with.
"""

from eval.scorers.making import apply, make, scorer
from eval.scorers.registry import SCORERS
from eval.scorers.scorer import About, Scorer

__all__ = ["SCORERS", "About", "Scorer", "apply", "make", "scorer"]
