"""Stored figures of runs as tables: beside other tools, and where runs are large.

It knows the keys of bench/results/peers.json and evals.json. Words around a figure say what was
aimed at before it was measured; whether that was met, the figure alone decides.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from core.present.numbers import digits
from core.present.times import moment

Told = dict[str, Any]

NOTHING = (
    "Not measured yet: `make bench-{name}` measures, and this table is written from its result."
)
# key of the figure, what it is, its unit, and what was aimed at: at least (>=) or at most (<=)
LARGE = (
    ("again times_faster", "the same run again, every answer from earlier ones", "×", (">=", 50)),
    ("held growth_mb", "memory that a run of {held samples} samples adds", "MB", ("<=", 200)),
    ("shown run_page_ms", "the page of a run of {shown samples} samples", "ms", ("<=", 300)),
    ("shown sample_page_ms", "the page of one of its samples", "ms", None),
    ("shown compare_ms", "two such runs compared", "ms", ("<=", 1000)),
    ("shown compare_page_ms", "the page of that comparison, charts and flips too", "ms", None),
)


def large(results: Path) -> str:
    """Return what large runs cost, each figure beside what was aimed at."""
    found = _stored(results, "evals")
    if found is None:
        return NOTHING.format(name="evals")
    figures = found["figures"]
    told = {name: f"{value:,}" for name, value in figures.items() if name.endswith(" samples")}
    rows = ["| what | measured | aimed at |", "|---|---|---|"]
    for key, words, unit, aim in LARGE:
        said = words
        for name, count in told.items():
            said = said.replace(f"{{{name}}}", count)
        rows.append(f"| {said} | {digits(figures[key])} {unit} | {_aim(figures[key], unit, aim)} |")
    return "\n".join([*rows, "", _origin(found)])


def peers(results: Path) -> str:
    """Return our runner beside two others, on the same samples."""
    found = _stored(results, "peers")
    if found is None:
        return NOTHING.format(name="peers")
    of = found["figures"]
    alike = f"{of['model answered_alike']} of {of['model samples']}"
    rows = [
        "| | Plumbline | the other | ratio | aimed at |",
        "|---|---|---|---|---|",
        f"| samples answered alike, beside lm_eval | {alike} | | | |",
        f"| samples scored alike, beside lm_eval | {of['model scored_alike']} of "
        f"{of['model samples']} | | | all of them |",
        _beside(
            "samples a second with the bundled model, beside lm_eval",
            (of["ours samples_per_s"], of["lm_eval samples_per_s"]),
            of["ours against lm_eval"],
            (">=", 1.0),
        ),
        _beside(
            "processor time of a sample in ms with a model that answers at once, beside inspect_ai",
            (of["ours cpu_ms_per_sample"], of["inspect_ai cpu_ms_per_sample"]),
            of["overhead against inspect_ai"],
            ("<=", 0.2),
        ),
    ]
    return "\n".join([*rows, "", _origin(found)])


def _beside(what: str, pair: tuple[float, float], ratio: float, aim: tuple[str, float]) -> str:
    cells = f"{digits(pair[0])} | {digits(pair[1])} | {digits(ratio)}"
    return f"| {what} | {cells} | {_aim(ratio, '', aim)} |"


def _aim(value: float, unit: str, aim: tuple[str, float] | None) -> str:
    if aim is None:
        return ""
    sign, bound = aim
    is_met = value >= bound if sign == ">=" else value <= bound
    words = "at least" if sign == ">=" else "at most"
    return f"{words} {digits(bound)} {unit}".rstrip() + (": met" if is_met else ": missed")


def _origin(found: Told) -> str:
    machine = found["machine"]
    where = f"{machine['cpu']}, {machine['cores']} cores, load {machine['load_1m']}"
    return f"Measured {moment(datetime.fromisoformat(found['date']))} on {where}. {found['notes']}"


def _stored(results: Path, name: str) -> Told | None:
    file = results / f"{name}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
