"""Findings: the figures decide which reading is printed, and a dash is never a zero."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from docs import findings
from docs.findings import NOTHING
from docs.generate import RESULTS


def share(mean: float | None, low: float | None = 0.1, high: float | None = 0.3) -> dict[str, Any]:
    if mean is None:
        return {"n": 0, "unscored": 4}
    return {"mean": mean, "low": low, "high": high, "hits": 4, "n": 20}


def run(method: str = "rag", **more: Any) -> dict[str, Any]:
    scores = {"tokens": {"1": share(88.8, 80, 90)}, "abstention": {"1": share(None)}}
    return {
        "method": method,
        "passed": share(0.2),
        "scores": scores,
        "seconds": {"p50": 0.5},
        "kinds": {"where": share(0.2)},
        **more,
    }


def pair(better: str) -> dict[str, Any]:
    said = f"Said {better or 'nothing'}, p<0.001 | really."
    return {"first": "a", "second": "b", "verdict": {"sentence": said, "better": better}}


def experiment(better: str = "second", wins: str = "other", **more: Any) -> dict[str, Any]:
    return {
        "id": "evidence",
        "title": "Evidence",
        "hypothesis": "B is better.",
        "method": "Asked twice.",
        "base": "a",
        "others": ["b"],
        "claim": "b",
        "wins": wins,
        "shown": ["tokens", "abstention"],
        "holds": "It reads.",
        "open": "Too few.",
        "against": "It misleads.",
        "pairs": [pair(better)],
        **more,
    }


def kept(folder: Path, *experiments: dict[str, Any], **runs: Any) -> Path:
    figures = {"experiments": list(experiments), "runs": {"a": run("naive"), "b": run(), **runs}}
    told = {
        "date": "2026-11-21T17:00:00+00:00",
        "commit": "abc",
        "machine": {"cpu": "X", "cores": 2},
        "figures": figures,
        "notes": "Greedy.",
    }
    (folder / "methods.json").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize(
    ("better", "wins", "said"),
    [
        ("second", "other", "Holds. It reads."),
        ("first", "other", "The opposite was measured. It misleads."),
        ("", "other", "Not shown. Too few."),
        ("first", "base", "Holds. It reads."),
        ("second", "base", "The opposite was measured. It misleads."),
    ],
)
def test_the_figures_decide_the_reading(better: str, wins: str, said: str, tmp_path: Path):
    text = findings.findings(kept(tmp_path, experiment(better, wins)))
    assert f"**Reading.** {said}" in text
    assert text.index("**Hypothesis.**") < text.index("**Method.**") < text.index("**Result.**")
    assert said in findings.rows(tmp_path)


def test_figures_stand_with_intervals_and_unscored_is_a_dash(tmp_path: Path):
    text = findings.findings(kept(tmp_path, experiment()))
    assert "| a | 20 (10 to 30) | 20 | 88.8 (80 to 90) | — | 0.5\u2009s |" in text
    assert "- b against a: Said second" in text
    assert "Measured 2026-11-21 on X, 2 cores, commit abc" in text


def test_an_agent_shows_how_it_ended_and_what_its_calls_were_for(tmp_path: Path):
    tools = {"calls": 9, "successful": 7, "failed": 2, "unnecessary": 3}
    ended = {"answered": 16, "stuck": 3, "iterations": 1}
    agent = run("agent", ended=ended, stuck={"hits": 3}, tools=tools)
    text = findings.findings(kept(tmp_path, experiment(), b=agent))
    assert "| 4 of 20, 3 stuck | 4, 3, 2 |" in text and "| — | — |" in text


def test_what_is_right_by_refusing_is_told_apart(tmp_path: Path):
    kinds = {"where": share(0.2), "which": share(0.2), "unanswerable": share(0.2)}
    text = findings.findings(kept(tmp_path, experiment(), b=run(kinds=kinds)))
    assert "right of those with an answer |" in text and "| 8 of 40 |" in text
    assert "refuses what has one, %" in text


def test_an_end_of_zero_is_printed_as_zero(tmp_path: Path):
    nothing = run(passed=share(0.0, 3.5e-18, 0.04))
    assert "| 0 (0 to 4) |" in findings.findings(kept(tmp_path, experiment(), b=nothing))


def test_a_comparison_without_a_verdict_leaves_the_hypothesis_open(tmp_path: Path):
    nothing = {**pair("second"), "verdict": None}
    text = findings.findings(kept(tmp_path, experiment(pairs=[nothing])))
    assert "**Reading.** Not shown. Too few." in text


def test_rows_are_rows_of_one_table(tmp_path: Path):
    lines = findings.rows(kept(tmp_path, experiment(), experiment(id="other"))).splitlines()
    assert lines[2] == "| B is better. | Said second, p<0.001 \\| really. | Holds. It reads. |"
    assert len(lines) == 5


def test_nothing_stored_is_said(tmp_path: Path):
    assert findings.findings(tmp_path) == findings.rows(tmp_path) == NOTHING


def test_every_stored_share_is_that_of_the_stored_answers():
    told = findings.stored(RESULTS)
    assert told is not None
    kept = pq.read_table(RESULTS / "methods.parquet").to_pylist()
    for name, each in told["figures"]["runs"].items():
        outcomes = [row["outcome"] for row in kept if row["run"] == name]
        judged = [what for what in outcomes if what not in ("error", "unscored", "unparsed")]
        assert len(outcomes) == each["samples"]["done"]
        assert judged.count("correct") == each["passed"]["hits"]
        assert len(judged) == each["passed"]["n"]


def test_what_was_put_aside_is_told_with_what_was_lost_by_it(tmp_path: Path):
    kinds = {"where": share(0.2), "unanswerable": share(0.2)}
    found = run(kinds=kinds, aside={"no_answer": 11, "answerable": 3, "right": 1})
    text = findings.findings(kept(tmp_path, experiment(), b=found))
    assert "put aside: without an answer, with one, of these right |" in text
    assert "| 4 of 20 | 11, 3, 1 |" in text and "| 4 of 20 | — |" in text
