"""Our runner beside lm_eval and inspect_ai, on the same samples and this machine.

First the bundled model, one folder for both: every sample must be answered alike by ours and by
lm_eval, then samples per second count. Then a model that answers at once, ours beside inspect_ai:
what a sample costs the runner. Start-up is left out on every side by taking the difference of a
long and a short run; all sides take turns. Run by `make bench-peers`, which makes .venv-peers.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import core.process  # noqa: F401  sets the environment before torch is imported
from bench._record import ROOT, record
from core.models.catalog import BUNDLED

PEERS = ROOT / ".venv-peers" / "bin" / "python"
ROUNDS = 3
FEW, MANY = 24, 216
FEW_INSTANT, MANY_INSTANT = 100, 1100
BATCH, TOKENS = 8, 48
AT_ONCE = "10"
QUIET = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "DTYPE": "fp32"}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took, its children with it."""

    seconds: float
    cpu: float


def main() -> None:
    """Measure, print and store."""
    if not PEERS.exists():
        raise SystemExit("The peers are not installed: run `make bench-peers`.")
    with tempfile.TemporaryDirectory() as place:
        figures = {**with_model(Path(place)), **instant(Path(place))}
    record(
        "peers",
        figures,
        f"lm_eval 0.4.13 and inspect_ai 0.3.285. Real model: the bundled one in fp32, batches of "
        f"{BATCH}, at most {TOKENS} tokens, small talk and sums as bare messages; a sample takes "
        f"the time of {MANY} minus that of {FEW}, over {MANY - FEW}; medians of {ROUNDS} rounds in "
        f"turn. Instant model: {MANY_INSTANT} and {FEW_INSTANT} samples, {AT_ONCE} at once, "
        "processor time of all processes; ours writes every batch to disk and every sample to the "
        "database, inspect_ai writes its log as by default.",
    )


def with_model(place: Path) -> dict[str, Any]:
    """Compare with lm_eval on the bundled model: the same answers, then the speed."""
    rows = questions()
    few, many = task(place / "few.jsonl", rows[:FEW]), task(place / "many.jsonl", rows[:MANY])
    ours, theirs, answers = [], [], {}
    for round_ in range(ROUNDS):
        ours.append(between(*(own(place / f"{round_}{t.stem}", t) for t in (few, many))))
        out = place / "lm_eval.json"
        theirs.append(between(*(lm_eval(t, out) for t in (few, many))))
    mine = own_samples(place / f"0{many.stem}")
    peers = json.loads(out.read_text())["samples"]
    alike = sum(
        a["answer"].strip() == b["answer"].strip() for a, b in zip(mine, peers, strict=True)
    )
    scored = sum(a["passed"] == b["passed"] for a, b in zip(mine, peers, strict=True))
    if scored != MANY:
        raise SystemExit(f"Only {scored} of {MANY} samples were scored alike; nothing to compare.")
    answers = {
        "model samples": MANY,
        "model answered_alike": alike,
        "model scored_alike": scored,
        "model passed": sum(row["passed"] for row in mine),
    }
    each = statistics.median(cost.seconds for cost in ours) / (MANY - FEW)
    their = statistics.median(cost.seconds for cost in theirs) / (MANY - FEW)
    return {
        **answers,
        "ours samples_per_s": round(1 / each, 2),
        "lm_eval samples_per_s": round(1 / their, 2),
        "ours against lm_eval": round(their / each, 2),
    }


def instant(place: Path) -> dict[str, Any]:
    """Compare with inspect_ai on a model that answers at once: processor time of a sample."""
    rows = [
        {"question": f"What is {n} + 1?", "references": [str(n + 1)]} for n in range(MANY_INSTANT)
    ]
    few, many = task(place / "i1.jsonl", rows[:FEW_INSTANT]), task(place / "i2.jsonl", rows)
    ours, theirs = [], []
    for round_ in range(ROUNDS):
        folders = [place / f"instant{round_}{t.stem}" for t in (few, many)]
        ours.append(
            between(*(own_instant(f, t) for f, t in zip(folders, (few, many), strict=True)))
        )
        theirs.append(between(*(inspect(t, place / "inspect.json") for t in (few, many))))
    count = MANY_INSTANT - FEW_INSTANT
    each = statistics.median(cost.cpu for cost in ours) / count * 1000
    their = statistics.median(cost.cpu for cost in theirs) / count * 1000
    clock = statistics.median(cost.seconds for cost in ours) / count * 1000
    their_clock = statistics.median(cost.seconds for cost in theirs) / count * 1000
    return {
        "ours cpu_ms_per_sample": round(each, 2),
        "inspect_ai cpu_ms_per_sample": round(their, 2),
        "ours clock_ms_per_sample": round(clock, 2),
        "inspect_ai clock_ms_per_sample": round(their_clock, 2),
        "overhead against inspect_ai": round(each / their, 3),
    }


def questions() -> list[dict[str, Any]]:
    """Return small talk and sums in turn, each with the one answer that counts."""
    suites = ROOT / "assets" / "suites"
    talk, sums = (read(suites / f"{name}.jsonl") for name in ("chat-basics", "arith"))
    for row in sums:
        row["question"] += " Answer with the number only."
    mixed = [row for pair in zip(talk, sums, strict=False) for row in pair]
    return [{key: row[key] for key in ("question", "references")} for row in mixed]


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a suite."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def task(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write questions as every runner reads them."""
    lines = [json.dumps({"id": f"q{n:05}", **row}) for n, row in enumerate(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def own(data_dir: Path, file: Path) -> Cost:
    """Run a task by our command line."""
    command = [sys.executable, "-m", "eval", "run", "--suite", str(file), "--method", "chat"]
    command += ["--name", "peers", "--model", "bundled", "--batch", str(BATCH)]
    command += ["--max-tokens", str(TOKENS), "--scorer", "exact_match"]
    return spent(command, {"DATA_DIR": str(data_dir), "AUTO_INGEST": "0"})


def own_samples(data_dir: Path) -> list[dict[str, Any]]:
    """Return what we answered, in the order of the task."""
    out = data_dir / "samples.jsonl"
    command = [
        sys.executable,
        "-m",
        "eval",
        "export",
        "peers",
        "--form",
        "jsonl",
        "--out",
        str(out),
    ]
    spent(command, {"DATA_DIR": str(data_dir), "AUTO_INGEST": "0"})
    rows = sorted(read(out), key=lambda row: row["position"])
    return [{"answer": row["answer"], "passed": exact(row)} for row in rows]


def exact(row: dict[str, Any]) -> bool:
    """Say whether a sample passed by the measure that both have."""
    return any(each["scorer"] == "exact_match" and each["passed"] for each in row["scores"])


def lm_eval(file: Path, out: Path) -> Cost:
    """Run a task by lm_eval."""
    return spent([PEERS, "bench/_lm_eval.py", model(), file, out, str(BATCH), str(TOKENS)])


def model() -> Path:
    """Return the folder of the bundled model."""
    [folder] = (path.parent for path in BUNDLED.glob("*/config.json"))
    return folder


def own_instant(data_dir: Path, file: Path) -> Cost:
    """Run a task by our runner on the model that answers at once."""
    return spent([sys.executable, "-m", "bench._instant", str(data_dir), str(file)])


def inspect(file: Path, out: Path) -> Cost:
    """Run a task by inspect_ai on the model that answers at once."""
    return spent([PEERS, "bench/_inspect.py", file, out, AT_ONCE])


def spent(command: list[Any], more: dict[str, str] | None = None) -> Cost:
    """Run a command to its end and return what it and its children took."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**QUIET, **(more or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{said[-2000:]}")
    return Cost(time.perf_counter() - began, used.ru_utime + used.ru_stime)


def between(few: Cost, many: Cost) -> Cost:
    """Return what the samples beyond the few took."""
    return Cost(many.seconds - few.seconds, many.cpu - few.cpu)


if __name__ == "__main__":
    main()
