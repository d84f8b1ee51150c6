"""Methods of answering against each other, on held-out questions, with the bundled parts.

    python -m bench.methods                 everything, with 200 questions for the main runs
    python -m bench.methods --n 40          a fifth of it; an end and a new start go on from there
    python -m bench.methods --only sums     one experiment

The runs are made by eval's own runner in a DATA_DIR of their own, compared by paired statistics,
kept in bench/results/methods.json with every sample beside it in methods.parquet, and published
as a bundle under that DATA_DIR. docs/findings.md is written from the results.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._experiments import EXPERIMENTS, SEED, TRIALS, WINDOWS, Experiment, Trial
from bench._record import RESULTS, ROOT, record
from core.assistant.methods.checking import CHECK, WORDS
from core.measure.intervals import wilson
from core.present.numbers import digits
from core.present.times import seconds
from core.records import Answered, Run
from core.settings import Settings, load
from eval import exports
from eval.asking import asking
from eval.compare import PASSED, Comparison, compare_many
from eval.datasets import corpora
from eval.identity import identity
from eval.publish import gather, publish
from eval.scorers.words import holds

if TYPE_CHECKING:
    from eval.asking import Remote
    from eval.service import Runs

    Evals = Runs | Remote

Told = dict[str, Any]

N = 200
POLL_S = 0.5
OVER = ("completed", "failed", "cancelled", "interrupted")
SAMPLES = "methods.parquet"
CALLS = ("calls", "successful", "failed", "unnecessary")
KEPT = ("item", "kind", "cluster", "outcome", "answer", "seconds", "tokens_in", "tokens_out")
CUTTINGS = {"codeqa": "code", WINDOWS: "window-256"}


def main(words: list[str]) -> None:
    """Make the runs that are not there yet, compare them, keep and publish everything."""
    asked = _parser().parse_args(words)
    settings = load({"data_dir": str(asked.data)})
    wanted = [each for each in EXPERIMENTS if not asked.only or each.id in asked.only]
    names = {name for each in wanted for name in (each.base, *each.others)}
    trials = [trial for trial in TRIALS if trial.name in names]
    began = time.perf_counter()
    _corpora(settings, trials)
    with ExitStack() as ending:
        evals = ending.enter_context(asking(settings))
        _warm(evals, trials)
        runs = {trial.name: _run(evals, settings, trial, asked.n) for trial in trials}
        figures = _figures(evals, runs, wanted)
        _keep(evals, runs)
        sources = [gather(evals, run.id) for run in runs.values()]
        bundle = publish(
            sources,
            settings.data_dir / "bundles" / "methods",
            "Methods, measured",
            hide=[settings.data_dir],
        )
    took = time.perf_counter() - began
    notes = (
        f"Bundled parts, greedy, seed {SEED}, n={asked.n}. A run is asked anew only where its "
        "configuration, suite or model changed. Intervals are 95 %, by source document."
    )
    record("methods", figures, notes, shown=_table(figures))
    print(f"Published in {bundle.relative_to(Path.cwd()) if _is_below(bundle) else bundle}.")
    print(f"{took / 60:.1f} min; with n={N} about {_projected(figures, trials) / 60:.0f} min.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.methods",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--n", type=int, default=N, help=f"questions of the main runs ({N})")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "methods", metavar="DIR")
    parser.add_argument(
        "--only", action="append", choices=[each.id for each in EXPERIMENTS], metavar="EXPERIMENT"
    )
    return parser


def _corpora(settings: Settings, trials: Sequence[Trial]) -> None:
    """Make the indexes that the runs search; what is up to date is left as it is."""
    folder = corpora.lay_out("codeqa", settings.data_dir)
    for name, cutting in CUTTINGS.items():
        if any(trial.config.get("corpus") == name for trial in trials):
            words = [str(folder), "--name", name, "--cutting", cutting]
            flags = ["env", f"DATA_DIR={settings.data_dir}", sys.executable, "-m", "ingest"]
            subprocess.run([*flags, *words], check=True, cwd=ROOT)


def _warm(evals: "Evals", trials: Sequence[Trial]) -> None:
    """Search each index once, so that opening it is in no answer's time."""
    for name in CUTTINGS:
        if any(trial.config.get("corpus") == name for trial in trials):
            way = {"suite": "codeqa", "method": "rag", "corpus": name, "n": 4, "cache": False}
            run = evals.submit({**way, "name": "warming up", "model": "bundled"})
            while evals.progress(run.id).state not in OVER:
                time.sleep(POLL_S)
            evals.delete(run.id)


def _run(evals: "Evals", settings: Settings, trial: Trial, n: int) -> Run:
    """Make a run, or go on with it; the same question of the same model is not asked twice."""
    config = trial.told(n)
    suite = hashlib.sha256((ROOT / f"assets/suites/{config['suite']}.jsonl").read_bytes())
    chosen = settings.model_copy(update={"model": "bundled"})
    mark = [config, suite.hexdigest(), identity(chosen)]
    key = hashlib.sha256(json.dumps(mark, sort_keys=True).encode()).hexdigest()
    run = evals.submit(config, key=key)
    if run.state in OVER and (run.state != "completed" or run.failed):
        run = evals.resume(run.id)
    done = -1
    while (progress := evals.progress(run.id)).state not in OVER:
        if progress.done != done:
            done = progress.done
            print(f"\r{trial.name:<34} {done:>4} of {progress.total}", end="", flush=True)
        time.sleep(POLL_S)
    run = evals.get(run.id)
    if run.state != "completed":
        raise SystemExit(f"\n{trial.name} is {run.state}: {run.error}. Start again to go on.")
    print(f"\r{trial.name:<34} {run.done:>4} of {run.total}, {seconds(_took(run))}")
    return run


def _figures(evals: "Evals", runs: dict[str, Run], wanted: Sequence[Experiment]) -> Told:
    """Return what every run came to, and what every experiment found."""
    sides = {name: evals.side(run.id) for name, run in runs.items()}
    found = []
    for each in wanted:
        pairs = compare_many([sides[name] for name in (each.base, *each.others)])
        compared = [_pair(pair, each.measure) for pair in pairs]
        found.append({**asdict(each), "pairs": compared})
    told = {
        name: _of_run(run, evals.report(run.id), evals.walk(run.id)) for name, run in runs.items()
    }
    return {"runs": told, "experiments": found}


def _of_run(run: Run, report: Told, walk: Iterator[Answered]) -> Told:
    names = ("passed", "outcomes", "kinds", "scores", "tokens", "samples")
    latency = report.get("latency") or {}
    times = {key: latency[key]["value"] for key in ("p50", "p95") if key in latency}
    config = {name: run.config[name] for name in ("top_k", "retrieval", "examples", "corpus")}
    return {
        "suite": run.suite,
        "suite_version": run.suite_version,
        "criterion": run.criterion,
        "method": run.method,
        "model": run.model,
        "config": config,
        "measured": run.ended.isoformat(timespec="seconds") if run.ended else None,
        "took_s": round(_took(run), 1),
        "seconds": {**times, "mean": latency.get("mean")},
        **{name: report[name] for name in names},
        **_walked(list(walk), run.method),
    }


def _walked(every: Sequence[Answered], method: str) -> Told:
    """Return what only the samples tell: what was put aside, and how an agent behaved."""
    told = {"aside": asides(every)} if method in ("rag", "agent") else {}
    return {**told, **(_conduct(every) if method == "agent" else {})}


def asides(every: Sequence[Answered]) -> dict[str, int]:
    """Return how many answers were put aside, and how many of those would have been right."""
    found = {"no_answer": 0, "answerable": 0, "right": 0}
    for each in every:
        words = next((w for step in each.sample.steps if (w := _put_aside(step))), "")
        if words:
            found["answerable" if each.item.answerable else "no_answer"] += 1
            found["right"] += any(holds(words, right) for right in each.item.references)
    return found


def _put_aside(step: Told) -> str:
    """Return what the model had said, if a check put it aside."""
    text = step["text"] if step.get("kind") == CHECK else ""
    return text.partition(WORDS)[2]


def _conduct(every: Sequence[Answered]) -> Told:
    """Return how an agent's runs ended, and what became of its calls."""
    reasons: dict[str, int] = {}
    calls: dict[str, int] = dict.fromkeys(CALLS, 0)
    n = len(every)
    for answered in every:
        reason = answered.sample.reason or "answered"
        reasons[reason] = reasons.get(reason, 0) + 1
        for score in answered.scores:
            if score.scorer == "tool_efficiency":
                calls = {name: calls[name] + score.details.get(name, 0) for name in calls}
    stuck = reasons.get("stuck", 0)
    ends = wilson(stuck, n)
    low, high = ends if ends else (None, None)
    share = {"hits": stuck, "n": n, "mean": stuck / n if n else None, "low": low, "high": high}
    return {"ended": dict(sorted(reasons.items())), "stuck": share, "tools": calls}


def _pair(found: Comparison, measure: str) -> Told:
    """Return a comparison as it is kept: the verdict on the measure, and every difference."""
    row = next((each for each in found.rows if each.name == measure), None)
    verdict = found.verdict if measure == PASSED else row.verdict if row else None
    rows = {
        each.name: {
            "title": each.title,
            "unit": each.unit,
            "better": each.better,
            "first": each.paired.first,
            "second": each.paired.second,
            "delta": asdict(each.paired.delta),
            "p": each.paired.p if each.paired.holm is None else each.paired.holm,
            "test": each.paired.test,
            "n": each.paired.n,
            "is_shown": each.paired.is_shown,
        }
        for each in found.rows
        if each.paired is not None
    }
    return {
        "first": found.first.name,
        "second": found.second.name,
        "samples": found.n,
        "verdict": asdict(verdict) if verdict else None,
        "counts": found.counts(),
        "rows": rows,
    }


def _keep(evals: "Evals", runs: dict[str, Run]) -> None:
    """Write every sample beside the results, without prompts and passages."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {"run": name, **{field: told[field] for field in KEPT}}
        for name, run in runs.items()
        for told in map(exports.row, evals.walk(run.id))
    ]
    pq.write_table(pa.Table.from_pylist(rows), RESULTS / SAMPLES, compression="zstd")


def _table(figures: Told) -> str:
    head = ("run", "right", "95 %", "n", "refuses", "refuses wrongly", "cites", "invents")
    rows: list[tuple[str, ...]] = [(*head, "tokens", "s", "stuck")]
    for name, told in figures["runs"].items():
        passed, scores = told["passed"], told["scores"]
        shares = [_share(scores, key) for key in ("abstention", "false_refusal")]
        shares += [_share(scores, key) for key in ("citation_precision", "hallucination")]
        stuck = told.get("stuck")
        rows.append(
            (
                name,
                _percent(passed and passed["mean"]),
                _interval(passed),
                str(passed["n"] if passed else 0),
                *shares,
                digits(_mean(scores, "tokens")),
                digits(told["seconds"].get("p50")),
                _percent(stuck["mean"]) if stuck else "",
            )
        )
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    said = [
        f"{each['title']}: {pair['verdict']['sentence']}"
        for each in figures["experiments"]
        for pair in each["pairs"]
        if pair["verdict"] and pair["second"] == each["claim"]
    ]
    return "\n".join([*lines, "", *said])


def _mean(scores: Told, name: str) -> float | None:
    """Return the mean of the latest version of a score."""
    versions = list(scores.get(name, {}).values())
    return versions[-1].get("mean") if versions else None


def _share(scores: Told, name: str) -> str:
    return _percent(_mean(scores, name))


def _percent(share: float | None) -> str:
    return digits(None if share is None else share * 100)


def _interval(figure: Told | None) -> str:
    if not figure or figure["low"] is None:
        return "—"
    return f"{_percent(figure['low'])} to {_percent(figure['high'])}"


def _took(run: Run) -> float:
    return (run.ended - run.started).total_seconds() if run.started and run.ended else 0.0


def _projected(figures: Told, trials: Sequence[Trial]) -> float:
    """Return the seconds these runs would take with the usual n: their starts, and each answer."""
    whole = 0.0
    for trial in trials:
        told = figures["runs"][trial.name]
        each, done = told["seconds"]["mean"] or 0.0, told["samples"]["done"]
        whole += max(0.0, told["took_s"] - each * done) + each * trial.told(N)["n"]
    return whole


def _is_below(path: Path) -> bool:
    return path.resolve().is_relative_to(Path.cwd())


if __name__ == "__main__":
    main(sys.argv[1:])
