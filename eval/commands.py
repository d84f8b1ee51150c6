"""The commands about runs: what is asked for, how it is shown while it goes on, what comes out.

It knows words and columns. What a command does is the façade's matter.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.assistant.way import METHODS, SHAPES
from core.present.numbers import size
from core.present.times import seconds
from core.records import Run
from core.retrieval.found import MODES
from core.settings import Settings
from eval import config as configs
from eval.exports import FORMS, write

if TYPE_CHECKING:
    from eval.asking import Remote
    from eval.compare import Comparison
    from eval.service import Runs

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]
    Asked = Runs | Remote

POLL_S = 0.2
FEW = 5
CANCELLED = 130
_FIELDS = ("name", "suite", "n", "seed", "split", "method", "corpus", "retrieval", "top_k")
_MORE = ("examples", "shape", "max_tokens", "temperature", "epochs", "batch", "concurrency")


def register(commands: "Commands") -> None:
    """Add the commands about runs."""
    _run(commands)
    for name, do, words in (
        ("resume", _resumed, "go on with a run that was interrupted, cancelled or failed"),
        ("cancel", _cancelled, "end a run; what is answered is kept"),
        ("report", _reported, "what a run comes to"),
        ("delete", _deleted, "put a run away"),
        ("restore", _restored, "bring a run back that was put away"),
    ):
        one = commands.add_parser(name, help=words)
        one.add_argument("name", help="a run's name or id")
        one.set_defaults(run=do)
        if name == "report":
            one.add_argument("--canonical", action="store_true", help="without clock times")
    listed = commands.add_parser("list", help="the latest runs")
    listed.add_argument("--deleted", action="store_true", help="those that were put away")
    listed.set_defaults(run=_listed)
    compared = commands.add_parser("compare", help="two runs on the same samples")
    compared.add_argument("a")
    compared.add_argument("b")
    compared.set_defaults(run=_compared)
    again = commands.add_parser("rescore", help="score stored answers again, without generating")
    again.add_argument("name", help="a run's name or id")
    again.add_argument("--scorer", required=True, help="NAME or NAME@VERSION")
    again.set_defaults(run=_rescored)
    kept = commands.add_parser("cache", help="answers of earlier runs that are taken again")
    kept.add_argument("--prune", type=float, metavar="DAYS", help="forget what is older unused")
    kept.set_defaults(run=_kept)
    out = commands.add_parser("export", help="write a run's samples and scores to a file")
    out.add_argument("name", help="a run's name or id")
    out.add_argument("--form", choices=FORMS, help="blank: what the file's ending says")
    out.add_argument("--out", type=Path, required=True, metavar="FILE")
    out.set_defaults(run=_exported)
    label = commands.add_parser("label", help="let your word count instead of the score")
    label.add_argument("name", help="a run's name or id")
    label.add_argument("position", type=int, help="the sample's number, as reports show it")
    label.add_argument("said", choices=("right", "wrong", "undo"))
    label.add_argument("--epoch", type=int, default=0)
    label.add_argument("--by", default="", help="your name")
    label.add_argument("--reason", default="", help="why")
    label.set_defaults(run=_labelled)


def _run(commands: "Commands") -> None:
    one = commands.add_parser("run", help="measure a method on a suite")
    one.add_argument("--config", type=Path, metavar="FILE", help="YAML or JSON; flags go before it")
    choices = {"method": METHODS, "retrieval": MODES, "shape": SHAPES}
    for name in (*_FIELDS, *_MORE):
        field = configs.RunConfig.model_fields[name]
        flag = f"--{name.replace('_', '-')}"
        one.add_argument(flag, choices=choices.get(name), help=field.description)
    one.add_argument("--model", help="endpoint, local, bundled, quote, an address or a folder")
    one.add_argument("--model-name", help="the model's name at that address")
    one.add_argument("--judge", help="which model judges, told the same way")
    one.add_argument("--kind", action="append", help="only these kinds; may be repeated")
    one.add_argument("--scorer", action="append", help="beside the criterion; may be repeated")
    one.add_argument("--no-cache", action="store_true", help="ask again what was asked before")
    one.set_defaults(run=_measured)


def document(asked: argparse.Namespace) -> dict[str, Any]:
    """Return what a command asks for: the file, with what the flags say instead."""
    told = configs.read(asked.config) if asked.config else {}
    for name in (*_FIELDS, *_MORE):
        given = getattr(asked, name)
        if given is not None:
            told[name] = given
    if asked.kind:
        told["kinds"] = asked.kind
    if asked.scorer:
        told["scorers"] = asked.scorer
    if asked.model:
        told["model"] = configs.model_of(asked.model)
    if asked.model_name:
        model = configs.model_of(told.get("model", {}))
        told["model"] = {**(model if isinstance(model, dict) else {}), "name": asked.model_name}
    if asked.judge:
        told["judge"] = configs.model_of(asked.judge)
    if asked.no_cache:
        told["cache"] = False
    return told


def _measured(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    told = document(asked)
    configs.unfold(told)
    with asking(settings) as runs:
        made = runs.sweep(told)
        codes = [_followed(runs, run) for run in made]
    return max(codes)


def _resumed(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        return _followed(runs, runs.resume(runs.get(asked.name).id))


def _followed(runs: "Asked", run: Run) -> int:
    """Show how a run goes on until it is over, and then what came of it."""
    from eval.terminal import Bar

    with Bar(run.name) as bar:
        try:
            while True:
                progress = runs.progress(run.id)
                bar.show(progress)
                if progress.state not in ("queued", "running"):
                    break
                time.sleep(POLL_S)
        except KeyboardInterrupt:
            runs.cancel(run.id)
            _say(f"Cancelled. `python -m eval resume {run.id}` goes on from there.")
            return CANCELLED
    over = runs.get(run.id)
    _say(shown(over))
    if over.state == "completed":
        return 0
    sys.stderr.write(f"{over.error or f'The run is {over.state}.'}\n")
    sys.stderr.write(f"Go on with: python -m eval resume {over.id}\n")
    return 1


def shown(run: Run) -> str:
    """Return what a run comes to, in a few lines."""
    told, rows = run.summary, [f"{run.name}  {run.suite}  {run.method}  {run.model}  {run.state}"]
    if not told:
        return rows[0]
    passed = told["passed"]
    if passed:
        rows.append(f"passed      {share(passed)} of {passed['n']:,} ({passed['how']})")
    rows.append("outcomes    " + ", ".join(f"{k} {n:,}" for k, n in told["outcomes"].items()))
    for kind, each in told["kinds"].items():
        rows.append(f"  {kind:<10}" + (f"{share(each)} of {each['n']:,}" if each else "not judged"))
    latency = told["latency"]
    if latency:
        cells = [f"{name} {_time(latency[name])}" for name in ("p50", "p95", "p99")]
        rows.append("latency     " + ", ".join(cells))
    return "\n".join(rows)


def share(told: dict[str, Any]) -> str:
    """Return a share with its interval."""
    if told["low"] is None:
        return f"{told['mean']:.1%} (too few for an interval)"
    return f"{told['mean']:.1%} ({told['low']:.1%} to {told['high']:.1%})"


def _time(told: dict[str, Any]) -> str:
    return seconds(told["value"]) if told["value"] is not None else told["why"]


def _cancelled(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        run = runs.cancel(asked.name)
        _say(f"{run.name} is ended; what is answered is kept.")
    return 0


def _reported(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        if asked.canonical:
            for piece in runs.canonical(asked.name):
                sys.stdout.write(piece)
        else:
            _say(shown(runs.get(asked.name)))
    return 0


def _deleted(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        run = runs.delete(asked.name)
        _say(f"{run.name} is put away. `python -m eval restore {run.id}` brings it back.")
    return 0


def _restored(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        _say(f"{runs.restore(asked.name).name} is back.")
    return 0


def _listed(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        rows = [_line(run) for run in runs.list(deleted=asked.deleted, size=50).rows]
    _say("\n".join(rows) or "There are no runs yet.")
    return 0


def _line(run: Run) -> str:
    passed = run.summary.get("passed")
    said = share(passed) if passed else f"{run.done:,} of {run.total:,}"
    where = f"{run.created:%Y-%m-%d %H:%M}  {run.state:<11}  {run.suite}  {run.method}"
    return f"{run.id[:8]}  {where}  {said}  {run.name}"


def _compared(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        found = runs.compare(asked.a, asked.b)
    _say(compared(found))
    return 0


def compared(found: "Comparison") -> str:
    """Return a comparison in a few lines: the verdict, what flipped, every measure."""
    rows = [found.verdict.sentence]
    for ids, words in ((found.broken, "right to wrong"), (found.fixed, "wrong to right")):
        more = f" and {len(ids) - FEW:,} more" if len(ids) > FEW else ""
        rows.append(f"{words:<16}{len(ids):,}" + (f": {', '.join(ids[:FEW])}{more}" if ids else ""))
    for row in found.rows:
        if row.paired is None:
            rows.append(f"{row.title:<16}not compared: {row.why}")
            continue
        pair, delta = row.paired, row.paired.delta
        unit = "" if row.unit == "points" else f" {row.unit}"
        rows.append(
            f"{row.title:<16}{pair.first:.3g} against {pair.second:.3g}{unit}, difference "
            f"{delta.mean:+.3g} (95 % {delta.low:.3g} to {delta.high:.3g}), p={pair.p:.2g}"
        )
    return "\n".join(rows)


def _rescored(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        _say(shown(runs.rescore(asked.name, asked.scorer)))
    return 0


def _kept(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        if asked.prune is not None:
            _say(f"{runs.prune(asked.prune):,} answers are forgotten.")
        told = runs.cached()
    _say(f"{told['rows']:,} answers, {size(told['bytes'])}, taken again {told['hits']:,} times.")
    return 0


def _exported(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    ending = asked.out.suffix.lstrip(".").lower()
    form = asked.form or ("junit" if ending == "xml" else ending)
    with asking(settings) as runs:
        run = runs.get(asked.name)
        file = write(form, run, lambda: runs.walk(run.id), asked.out)
    _say(f"{run.done:,} samples of {run.name} are in {file}.")
    return 0


def _labelled(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking

    with asking(settings) as runs:
        run = runs.get(asked.name)
        if asked.said == "undo":
            told = runs.unlabel(run.id, asked.position, asked.epoch)
        else:
            right = asked.said == "right"
            told = runs.label(run.id, asked.position, asked.epoch, right, asked.by, asked.reason)
    _say(f"Sample {asked.position} counts as {told.outcome}.")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
