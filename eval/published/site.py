"""The pages of a bundle: templates filled with documents, charts drawn and put into them.

It knows which page shows what. Everything that came from people and models is escaped by the
templates; the one thing that is not is a chart's SVG, which is drawn here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.present.charts import SERIES
from core.present.numbers import count
from core.present.times import seconds
from core.store.values import to_json
from eval.published import charts, comparisons
from eval.published import documents as papers
from eval.published.charts import Bar, Picture
from eval.published.comparisons import GROUPS, Pair

Told = dict[str, Any]

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parents[1] / "assets"
MARKS = {
    "correct": "✓", "wrong": "✕", "refused": "○", "unsupported": "◐",
    "unparsed": "?", "error": "!", "unscored": "—",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page with the charts that stand in it."""

    name: str
    html: str
    charts: tuple[Picture, ...]


def index(site: Told, runs: Sequence[Told], pairs: Sequence[Told]) -> Sheet:
    """Return the first page: every run with its pass rate, every comparison with its verdict."""
    shown = [{**run, "shown": _line(run)} for run in runs]
    drawn = tuple(_overview(runs))
    listed = [
        {
            "page": f"compare-{pair['slug']}.html",
            "first": pair["first"]["name"],
            "second": pair["second"]["name"],
            "verdict": pair["sentence"],
        }
        for pair in pairs
    ]
    values = {"sentence": summary(runs), "runs": shown, "comparisons": listed, "charts": drawn}
    return Sheet("index.html", _filled("index.html", site, values), drawn)


def run(site: Told, told: Told) -> Sheet:
    """Return the page of a run."""
    drawn = tuple(_of_run(told))
    kinds = [
        {
            "name": name,
            "share": papers.share(figure).removesuffix(" %"),
            "interval": papers.interval(figure).removeprefix("95 % ").removesuffix(" %"),
            "hits": figure["hits"] if figure else 0,
            "n": figure["n"] if figure else 0,
        }
        for name, figure in told["report"].get("kinds", {}).items()
    ]
    values = {
        "run": told,
        "sentence": papers.sentence(told),
        "cards": papers.cards(told),
        "kinds": kinds,
        "charts": drawn,
        "config": [(name, _word(value)) for name, value in told["config"].items()],
        "provenance": list(_flat(told["provenance"])),
    }
    return Sheet(f"run-{told['slug']}.html", _filled("run.html", site, values), drawn)


def comparison(site: Told, pair: Pair, told: Told, runs: Sequence[Told]) -> Sheet:
    """Return the page of a comparison: verdict, then the picture, the table, the flips."""
    first, second = runs[pair.first], runs[pair.second]
    drawn = (_forest(pair, first, second),)
    flips = [
        {"title": title, "total": len(told[group]), "rows": told["flips"][group]}
        for group, title in GROUPS
    ]
    values = {
        "first": first,
        "second": second,
        "compared": {**told, "n": told["samples"]},
        "rows": comparisons.rows(pair.found),
        "flips": flips,
        "charts": drawn,
    }
    return Sheet(f"compare-{pair.slug}.html", _filled("compare.html", site, values), drawn)


def summary(runs: Sequence[Told]) -> str:
    """Return what a bundle shows, in a sentence."""
    suites = sorted({run["suite"] for run in runs})
    asked = f"{count(len(runs), 'run')} on {', '.join(suites)}"
    return papers.sentence(runs[0]) if len(runs) == 1 else f"{asked}, measured and compared."


def parts() -> Iterator[tuple[str, bytes]]:
    """Yield the files every page needs: type, colours, script."""
    for font in sorted((ASSETS / "fonts").iterdir()):
        yield f"assets/fonts/{font.name}", font.read_bytes()
    for name in ("tokens", "fonts"):
        yield f"assets/css/{name}.css", (ASSETS / "css" / f"{name}.css").read_bytes()
    style = (HERE / "look" / "bundle.css").read_text(encoding="utf-8")
    yield "assets/css/bundle.css", f"{style}{_series()}".encode()
    yield "assets/js/bundle.js", (HERE / "look" / "bundle.js").read_bytes()


def _line(told: Told) -> dict[str, str]:
    report = told["report"]
    passed, latency = report.get("passed"), report.get("latency")
    return {
        "share": papers.share(passed).removesuffix(" %"),
        "interval": papers.interval(passed).removeprefix("95 % ").removesuffix(" %"),
        "n": f"{passed['n']:,}" if passed else "0",
        "median": seconds(latency["p50"]["value"] if latency else None),
    }


def _overview(runs: Sequence[Told]) -> Iterator[Picture]:
    origin = runs[0]["origin"]["said"] if len(runs) == 1 else f"{len(runs)} stored runs"
    judged = [run for run in runs if run["report"].get("passed")]
    if not judged:
        return
    bars = [_bar(run["name"], run["report"]["passed"]) for run in judged]
    yield charts.rates("overview", "How many answers are right", bars, origin)
    timed = [run for run in judged if _typical(run) is not None]
    if len(timed) > 1 and len({run["suite"] for run in timed}) == 1:
        bars = [_bar(run["name"], run["report"]["passed"]) for run in timed]
        cost = [_typical(run) or 0.0 for run in timed]
        yield charts.trade("trade", "What right answers cost in time", bars, cost, origin)


def _of_run(told: Told) -> Iterator[Picture]:
    slug, origin, report = told["slug"], told["origin"]["said"], told["report"]
    kinds = [_bar(name, figure) for name, figure in report.get("kinds", {}).items() if figure]
    if len(kinds) > 1:
        yield charts.rates(f"{slug}-kinds", "Right answers by kind of question", kinds, origin)
    latency = report.get("latency")
    if latency and latency["n"] > 1:
        yield charts.times(f"{slug}-times", "How long an answer took", latency, origin)


def _forest(pair: Pair, first: Told, second: Told) -> Picture:
    bars = [
        Bar(title, row.delta.mean, row.delta.low, row.delta.high, row.is_shown)
        for title, row in comparisons.in_points(pair.found)
    ]
    names = (first["name"], second["name"])
    title = "Differences on the same samples"
    origin = f"{pair.found.n:,} samples of {first['suite']}"
    return charts.deltas(f"{pair.slug}-deltas", title, bars, origin, names)


def _bar(name: str, figure: Told) -> Bar:
    return Bar(name, figure["mean"], figure["low"], figure["high"])


def _typical(told: Told) -> float | None:
    latency = told["report"].get("latency")
    return latency["p50"]["value"] if latency else None


def _flat(told: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name} ")
        else:
            yield f"{before}{name}", _word(value)


def _word(value: object) -> str:
    if value is None or value == "":
        return "—"
    return value if isinstance(value, str) else to_json(value)


def _series() -> str:
    """Return the colours of series for both schemes, as the charts name them."""
    rules = []
    for scheme, shades in SERIES.items():
        named = " ".join(f"--series-{n}: {shade};" for n, shade in enumerate(shades))
        rules.append(f':root[data-scheme="{scheme}"] {{ {named} }}')
    return "\n" + "\n".join(rules) + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["marks"] = MARKS
    return made


def _filled(template: str, site: Told, values: Told) -> str:
    return _environment().get_template(template).render(site=site, **values)
