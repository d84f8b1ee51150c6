"""Scorers by name: found, made with what they need, and applied so that none stops a run."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.errors import BadInput
from core.messages import ModelCard
from core.records import Item, Sample, Score
from core.seams import Generator, SupportScorer
from core.settings import Settings
from eval.boundary import Trouble, attempted
from eval.scorers.registry import SCORERS
from eval.scorers.scorer import About, Given, Made, Scorer


def about(name: str) -> About:
    """Return what is known of a scorer, by NAME or NAME@VERSION; suggest the near name."""
    bare, _, version = name.strip().partition("@")
    found = SCORERS.get(bare) or SCORERS.get(bare.lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        raise BadInput(f"There is no scorer {name!r}.", _near(bare, SCORERS))
    # A support scorer adds its own name to the version, so the start of it is enough.
    if version and version != found.version and not version.startswith(f"{found.version}-"):
        raise BadInput(
            f"The scorer {found.name} has version {found.version} here, not {version}.",
            f"Write {found.mark}; scores of older versions stay stored and shown.",
        )
    return found


def make(
    name: str,
    settings: Settings | None = None,
    *,
    options: Mapping[str, Any] | None = None,
    generator: Generator | None = None,
    support: SupportScorer | None = None,
    card: ModelCard | None = None,
    at_once: int = 1,
) -> Scorer:
    """Return a scorer with what it needs.

    `generator` judges or tells likelihoods, `support` judges claims; `card` is the model that
    answered, for its price and device, and `at_once` how many answers it made side by side.
    """
    found = about(name)
    wanted = dict(options or {})
    for option in wanted:
        if option not in found.options:
            hint = _near(option, found.options) if found.options else "It takes none."
            raise BadInput(f"The scorer {found.name} has no setting {option!r}.", hint)
    for option, value in wanted.items():
        if not isinstance(value, int | float):
            raise BadInput(f"{found.name}: {option}={value!r} is not a number.")
    given = Given({**found.options, **wanted}, settings, generator, support, card, at_once)
    return Made(found, given)


def scorer(name: str) -> Scorer:
    """Return a scorer that needs nothing else."""
    return make(name)


def apply(scorer: Scorer, item: Item, sample: Sample) -> Score:
    """Return the score of a sample; where the scorer fails, a score that says so."""
    unscored = Score(sample.run_id, item.id, scorer.name, scorer.version, sample.epoch)
    if sample.error:
        return replace(unscored, why=f"The sample failed: {sample.error_text or sample.error}")
    found = attempted(lambda: scorer.score(item, sample))
    if isinstance(found, Trouble):
        details = {"outcome": "failed", "error": found.kind, "trace": found.trace}
        return replace(unscored, why=f"The scorer failed: {found.text}", details=details)
    return found


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name.lower().replace("-", "_"), names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names)}."
