"""Findings in words: each experiment of bench/results/methods.json as a hypothesis and its end.

It knows how a stored comparison is read. The words of a reading were written before anything was
measured; which of them is printed is decided by the figures alone.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.present.numbers import DASH, digits
from core.present.times import seconds

Told = dict[str, Any]

NAME = "methods"
NOTHING = "Nothing is stored yet. `make bench-methods` measures."
SHORT = ("evidence", "sums", "hops")
OUTCOMES = {"holds": "Holds", "open": "Not shown", "against": "The opposite was measured"}
_TITLES = {
    "abstention": "refuses what has no answer",
    "false_refusal": "refuses what has one",
    "faithfulness": "faithful",
    "hallucination": "not supported",
    "citation_precision": "cites what answers",
    "retrieval_recall": "finds what answers",
    "tool_efficiency": "calls that were needed",
}
REFUSALS = ("abstention", "false_refusal")
NO_ANSWER = "unanswerable"
_PLAIN = {"tokens": "tokens", "answer_length": "words"}


def stored(results: Path) -> Told | None:
    """Return the stored measurement, if there is one."""
    file = results / f"{NAME}.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def findings(results: Path) -> str:
    """Return every experiment: hypothesis, method, result, reading."""
    found = stored(results)
    if found is None:
        return NOTHING
    parts = [_origin(found)]
    for each in found["figures"]["experiments"]:
        parts.append(_section(each, found["figures"]["runs"]))
    return "\n\n".join(parts)


def rows(results: Path) -> str:
    """Return three experiments as rows of a table."""
    found = stored(results)
    if found is None:
        return NOTHING
    known = {each["id"]: each for each in found["figures"]["experiments"]}
    lines = ["| hypothesis | measured | reading |", "|---|---|---|"]
    for name in SHORT:
        if name in known:
            each = known[name]
            end = outcome(each)
            cells = [each["hypothesis"], _claim(each)["verdict"]["sentence"]]
            lines.append(f"| {' | '.join(map(_cell, cells))} | {OUTCOMES[end]}. {each[end]} |")
    return "\n".join([*lines, "", _origin(found)])


def outcome(experiment: Told) -> str:
    """Say how a hypothesis ended: it holds, it is open, or the opposite was measured."""
    better = _claim(experiment)["verdict"]["better"]
    if not better:
        return "open"
    return (
        "holds" if better == {"other": "second", "base": "first"}[experiment["wins"]] else "against"
    )


def _claim(experiment: Told) -> Told:
    """Return the comparison that the hypothesis is about; one without a verdict left it open."""
    pair = next(each for each in experiment["pairs"] if each["second"] == experiment["claim"])
    if pair["verdict"] is None:
        said = "Too few samples were scored to compare."
        return {**pair, "verdict": {"sentence": said, "better": ""}}
    return pair


def _section(each: Told, runs: Told) -> str:
    end = outcome(each)
    names = [each["base"], *each["others"]]
    verdicts = [
        f"- {pair['second']} against {pair['first']}: {pair['verdict']['sentence']}"
        for pair in each["pairs"]
        if pair["verdict"]
    ]
    return "\n\n".join(
        [
            f"## {each['title']}",
            f"**Hypothesis.** {each['hypothesis']}",
            f"**Method.** {each['method']}",
            "**Result.**",
            _table([(name, runs[name]) for name in names], each["shown"]),
            "\n".join(verdicts),
            f"**Reading.** {OUTCOMES[end]}. {each[end]}",
        ]
    )


def _table(runs: Sequence[tuple[str, Told]], shown: Sequence[str]) -> str:
    agents = any("tools" in run for _, run in runs)
    mixed = any(NO_ANSWER in run["kinds"] for _, run in runs)
    shown = [*shown, *(name for name in REFUSALS if mixed and name not in shown)]
    head = ["run", "right, %", "questions", *(_head(name) for name in shown), "median time"]
    aside = any("aside" in run for _, run in runs) and mixed
    head += ["right of those with an answer"] if mixed else []
    head += ["put aside: without an answer, with one, of these right"] if aside else []
    head += ["ended without an answer", "calls: needed, idle, failed"] if agents else []
    lines = [head, ["---"] * len(head)]
    for name, run in runs:
        passed = run["passed"]
        cells = [name, _figure(passed, 100), f"{passed['n']:,}" if passed else "0"]
        cells += [_score(run, each) for each in shown]
        cells.append(seconds(run["seconds"].get("p50")))
        cells += [_answerable(run)] if mixed else []
        cells += [_aside(run)] if aside else []
        lines.append([*cells, *(_conduct(run) if agents else [])])
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _answerable(run: Told) -> str:
    """Return how many of the questions that have an answer are right."""
    kinds = [each for kind, each in run["kinds"].items() if kind != NO_ANSWER and each]
    hits, n = (sum(each[name] for each in kinds) for name in ("hits", "n"))
    return f"{hits:,} of {n:,}"


def _aside(run: Told) -> str:
    """Return how many answers were put aside because no passage holds what they are about."""
    found = run.get("aside")
    if found is None:
        return DASH
    return ", ".join(f"{found[name]:,}" for name in ("no_answer", "answerable", "right"))


def _conduct(run: Told) -> list[str]:
    if "tools" not in run:
        return [DASH, DASH]
    n = sum(run["ended"].values())
    lost = n - run["ended"].get("answered", 0)
    tools = run["tools"]
    needed = tools["successful"] - tools["unnecessary"]
    return [
        f"{lost:,} of {n:,}, {run['stuck']['hits']:,} stuck",
        f"{needed:,}, {tools['unnecessary']:,}, {tools['failed']:,}",
    ]


def _head(name: str) -> str:
    return _PLAIN[name] if name in _PLAIN else f"{_TITLES[name]}, %"


def _score(run: Told, name: str) -> str:
    versions = list(run["scores"].get(name, {}).values())
    return _figure(versions[-1] if versions else None, 1 if name in _PLAIN else 100)


def _figure(figure: Told | None, scale: float) -> str:
    """Return a mean with its interval; a dash where nothing was scored."""
    if not figure or "mean" not in figure:
        return DASH
    mean = digits(figure["mean"] * scale)
    if figure["low"] is None:
        return f"{mean} (too few for an interval)"
    # An end that is 0 comes out of the formula with the last bit of its rounding.
    low, high = (digits(round(figure[end] * scale, 6)) for end in ("low", "high"))
    return f"{mean} ({low} to {high})"


def _origin(found: Told) -> str:
    machine = found["machine"]
    return (
        f"Measured {found['date'][:10]} on {machine['cpu']}, {machine['cores']} cores, "
        f"commit {found['commit']}, by `make bench-methods`. {found['notes']}"
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
