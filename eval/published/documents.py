"""A run as the plain documents a bundle holds: what it is, its samples, where its figures are from.

It knows which fields are shown to anybody and in which words figures are told. It reads a run
through what it is handed, and opens nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.present.numbers import DASH, count, digits
from core.present.times import moment, seconds
from core.records import Answered, Run
from eval import exports
from eval.published.masking import Mask
from eval.scorers import SCORERS

if TYPE_CHECKING:
    from eval.compare import Side

Told = dict[str, Any]

PIECE = 100
LONGEST = 300
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Source:
    """A run that is over, with everything a bundle tells of it.

    `walk` yields its samples anew each time; `side` makes it one side of a comparison.
    """

    run: Run
    report: Told
    walk: Callable[[], Iterable[Answered]]
    side: Callable[[], "Side"]


def renamed(source: Source, name: str) -> Source:
    """Return the run under another name, as a side of a comparison too."""
    return replace(
        source,
        run=replace(source.run, name=name),
        side=lambda: replace(source.side(), name=name),
    )


def slugs(names: Sequence[str]) -> list[str]:
    """Return each name as part of a file's name, all different."""
    made: list[str] = []
    for name in names:
        first = _NOT_IN_A_NAME.sub("-", name.lower()).strip("-")[:60] or "run"
        slug, n = first, 1
        while slug in made:
            n += 1
            slug = f"{first}-{n}"
        made.append(slug)
    return made


def document(source: Source, slug: str, mask: Mask) -> Told:
    """Return a run without its samples."""
    run = source.run
    return {
        "slug": slug,
        "name": run.name,
        "suite": mask.facts(run.suite),
        "suite_version": run.suite_version,
        "criterion": run.criterion,
        "method": run.method,
        "model": mask.facts(run.model),
        "state": run.state,
        "total": run.total,
        "done": run.done,
        "failed": run.failed,
        "created": _iso(run.created),
        "started": _iso(run.started),
        "ended": _iso(run.ended),
        "config": mask.facts(run.config),
        "provenance": mask.provenance(run.provenance),
        "report": mask.content(source.report),
        "origin": origin(run, source.report),
    }


def origin(run: Run, report: Told) -> Told:
    """Return where a run's figures come from: when, on what, and what was taken from earlier."""
    machine = run.provenance.get("machine", {})
    parts = [
        moment(run.ended or run.created),
        count(machine["cores"], "core") if machine.get("cores") else "",
        str(machine.get("system", "")),
    ]
    cached = report.get("samples", {}).get("cached", 0)
    words = ", ".join(part for part in parts if part)
    if not cached:
        return {"kind": "measured", "said": f"measured {words}"}
    taken = count(cached, "answer")
    return {"kind": "replayed", "said": f"measured {words}; {taken} from earlier runs"}


def rows(source: Source, mask: Mask) -> Iterator[Told]:
    """Yield every sample with all that is shown of it."""
    for answered in source.walk():
        told = mask.content(exports.row(answered))
        yield {**told, "steps": mask.content(list(answered.sample.steps))}


def brief(told: Told) -> list[Any]:
    """Return what a list of samples shows and searches of one."""
    names = ("position", "epoch", "item", "kind", "outcome", "seconds")
    texts = (told["question"], told["answer"] or told["error_text"])
    return [*(told[name] for name in names), *(text[:LONGEST] for text in texts)]


def cards(told: Told) -> list[Told]:
    """Return a run's figures as cards, the pass rate first; each with its interval below."""
    report = told["report"]
    done = report["samples"]["done"]
    made = [_passed(report.get("passed"))]
    for name, versions in report.get("scores", {}).items():
        about = SCORERS.get(name)
        for version, figure in versions.items():
            if name != told["criterion"]:
                label = about.title if about else name
                label += f" {version}" if len(versions) > 1 else ""
                made.append(_score(label, about.unit if about else "", figure))
    made.append(_median("Time for an answer", report.get("latency")))
    tokens = report.get("tokens") or {}
    for label, key in (("Tokens read", "in"), ("Tokens written", "out")):
        if tokens.get(key):
            below = f"mean of {tokens[key]['n']:,}; {tokens[key]['sum']:,} in all"
            made.append({"label": label, "figure": digits(tokens[key]["mean"]), "below": below})
    failed = report["samples"]["failed"]
    made.append({"label": "Failed", "figure": f"{failed:,}", "below": f"of {done:,} samples"})
    return made


def share(figure: Told | None) -> str:
    """Return a share in percent, or a dash."""
    return DASH if figure is None else f"{digits(figure['mean'] * 100)} %"


def interval(figure: Told | None, scale: float = 100.0, unit: str = "%") -> str:
    """Return the interval of a figure, or why there is none."""
    if figure is None or figure.get("low") is None:
        return "too few for an interval"
    # An end that is 0 comes out of the formula with the last bit of its rounding.
    low, high = (digits(round(figure[end] * scale, 6)) for end in ("low", "high"))
    return f"95 % {low} to {high} {unit}".rstrip()


def sentence(told: Told) -> str:
    """Return what a run found, in a sentence."""
    passed = told["report"].get("passed")
    if passed is None:
        return f"{told['name']} has no sample that was judged."
    found = f"{share(passed)} of {count(passed['n'], 'question')} right"
    return f"{told['name']}: {found} ({interval(passed)})."


def _passed(figure: Told | None) -> Told:
    if figure is None:
        return {"label": "Right answers", "figure": DASH, "below": "nothing was judged"}
    below = f"{interval(figure)}, {figure['hits']:,} of {figure['n']:,}"
    return {"label": "Right answers", "figure": share(figure), "below": below, "first": True}


def _score(label: str, unit: str, figure: Told) -> Told:
    unscored = f"; {figure['unscored']:,} unscored" if figure["unscored"] else ""
    if "mean" not in figure:
        return {"label": label, "figure": DASH, "below": f"nothing was scored{unscored}"}
    scale, shown = (100.0, "%") if unit == "points" else (1.0, unit)
    return {
        "label": label,
        "figure": f"{digits(figure['mean'] * scale)} {shown}".rstrip(),
        "below": f"{interval(figure, scale, shown)}, n={figure['n']:,}{unscored}",
    }


def _median(label: str, figure: Told | None) -> Told:
    if figure is None:
        return {"label": label, "figure": DASH, "below": "not measured"}
    p50, p95 = figure["p50"], figure["p95"]
    below = f"median of {figure['n']:,}"
    if p95["value"] is not None:
        below += f"; p95 {seconds(p95['value'])}"
    return {"label": label, "figure": seconds(p50["value"]), "below": below}


def _iso(when: datetime | None) -> str | None:
    return None if when is None else when.isoformat(timespec="seconds")
