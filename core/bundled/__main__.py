"""The recipe's command line. It knows the commands and their options; it deliberately does
no work of its own.

    python -m core.bundled prepare --work FOLDER
    python -m core.bundled train --work FOLDER --stretch NAME [--after CHECKPOINT] [--detach]
    python -m core.bundled merge --work FOLDER
    python -m core.bundled export --work FOLDER --checkpoint FILE [--ship]
    python -m core.bundled evaluate [--folder FOLDER]
    python -m core.bundled adopt --folder MODEL --work FOLDER; train … --after MODEL
"""

import argparse
import json
import logging
import subprocess
import sys
from pathlib import Path

from core import process
from core.errors import BadInput, PlumblineError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1


def _prepare(options: argparse.Namespace) -> int:
    """Make the token shards, all of them or those that are named."""
    from core.bundled.config import load_config
    from core.bundled.prepare import Preparation, steps

    work = steps(Preparation(load_config(options.preset), options.work))
    unknown = [name for name in options.only if name not in work]
    if unknown:
        raise BadInput(f"There is no step {unknown[0]!r}.", f"The steps are: {', '.join(work)}.")
    for name in options.only or work:
        work[name]()
    return 0


def _train(options: argparse.Namespace) -> int:
    """Start a worker with the environment that training needs, and wait unless detached."""
    command = [sys.executable, "-m", "core.bundled", "worker", *_forwarded(options)]
    environment = process.training_environment()
    if not options.detach:
        return subprocess.call(command, env=environment)
    options.work.mkdir(parents=True, exist_ok=True)
    with (options.work / "train.log").open("ab") as log:
        child = subprocess.Popen(
            ["nice", "-n", "19", *command],
            env=environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    (options.work / "train.pid").write_text(f"{child.pid}\n")
    print(f"training as process {child.pid}; log in {options.work / 'train.log'}")
    return 0


def _worker(options: argparse.Namespace) -> int:
    """Train in this process."""
    from core.bundled.config import load_config
    from core.bundled.train import Trainer

    config = load_config(options.preset)
    trainer = Trainer(config, config.stretch(options.stretch), options.work)
    trainer.start(options.after)
    trainer.run()
    return 0


def _merge(options: argparse.Namespace) -> int:
    """Write the mean of the stretches that the recipe names, each by its share."""
    from core.bundled.config import load_config
    from core.bundled.merge import merge

    config, place = load_config(options.preset), options.work / "checkpoints"
    shares = {place / f"{name}.pt": share for name, share in config.merge.items()}
    print(merge(shares, place / "merged.pt"))
    return 0


def _export(options: argparse.Namespace) -> int:
    """Write a checkpoint as a model folder; with --ship, put it into assets/models."""
    from core.bundled.config import load_config
    from core.bundled.export import ship, write_card, write_model

    config, folder = load_config(options.preset), options.work / "export"
    if options.checkpoint:
        write_model(config, options.checkpoint, options.work / "tokenizer", folder)
    if (folder / "evaluation.json").exists():
        write_card(config, options.work, folder)
    if options.ship:
        ship(folder, config.name)
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    """Measure a model folder, print the tables and keep them in the folder."""
    from core.bundled.answers import Answerer
    from core.bundled.evaluate import measure
    from core.models.catalog import BUNDLED, bundled_folder
    from core.models.folder import check_pin

    folder = options.folder or bundled_folder(BUNDLED)
    if folder is None:
        raise BadInput("No model is shipped yet.", "Name a folder with --folder.")
    check_pin(folder)
    measured = measure(Answerer(folder, options.threads), options.per_kind, options.split)
    text = json.dumps(measured, indent=2)
    (options.into or folder / "evaluation.json").write_text(text + "\n")
    print(text)
    return 0


def _adopt(options: argparse.Namespace) -> int:
    """Begin a working folder with a finished model, so that its training goes on."""
    from core.bundled.export import adopt

    options.work.mkdir(parents=True, exist_ok=True)
    adopt(options.folder, options.work)
    return 0


def _overlap(options: argparse.Namespace) -> int:
    """Count the n-grams that training examples share with held-out code."""
    from core.bundled.overlap import report

    found = report(options.work)
    print(json.dumps(found, indent=2))
    return 1 if found["shared"] else 0


def _probe(options: argparse.Namespace) -> int:
    """Look at a checkpoint while it trains: exact answers on the dev packages."""
    from core.bundled.config import load_config
    from core.bundled.probes import probe

    config = load_config(options.preset)
    found = probe(config, options.work, options.checkpoint, options.level, options.count)
    print(" | ".join(f"{name} {value}" for name, value in found.items()))
    return 0


def _forwarded(options: argparse.Namespace) -> list[str]:
    """Return the options that a worker is given."""
    given = ["--preset", options.preset, "--work", str(options.work)]
    given += ["--stretch", options.stretch]
    return given + (["--after", str(options.after)] if options.after else [])


def _parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(prog="python -m core.bundled", description=__doc__)
    commands = parser.add_subparsers(required=True)
    prepare = commands.add_parser("prepare", help=_prepare.__doc__)
    prepare.add_argument("--preset", default="cpu", help="cpu, gpu, smoke or a YAML file")
    prepare.add_argument("--work", type=Path, required=True, help="folder for everything")
    prepare.add_argument("--only", nargs="*", default=[], help="steps to make, by name")
    prepare.set_defaults(run=_prepare)
    for name, run in (("train", _train), ("worker", _worker)):
        command = commands.add_parser(name, help=run.__doc__)
        command.add_argument("--preset", default="cpu", help="cpu, gpu, smoke or a YAML file")
        command.add_argument("--work", type=Path, required=True, help="folder for everything")
        command.add_argument("--stretch", required=True, help="the stretch to train")
        command.add_argument("--after", type=Path, help="checkpoint or model folder to begin with")
        command.add_argument("--detach", action="store_true", help="train in the background")
        command.set_defaults(run=run)
    merge = commands.add_parser("merge", help=_merge.__doc__)
    merge.add_argument("--preset", default="cpu", help="cpu, gpu, smoke or a YAML file")
    merge.add_argument("--work", type=Path, required=True, help="folder for everything")
    merge.set_defaults(run=_merge)
    export = commands.add_parser("export", help=_export.__doc__)
    export.add_argument("--preset", default="cpu", help="cpu, gpu, smoke or a YAML file")
    export.add_argument("--work", type=Path, required=True, help="folder for everything")
    export.add_argument("--checkpoint", type=Path, help="checkpoint to export")
    export.add_argument("--ship", action="store_true", help="copy into assets/models and pin")
    export.set_defaults(run=_export)
    evaluate = commands.add_parser("evaluate", help=_evaluate.__doc__)
    evaluate.add_argument("--folder", type=Path, help="model folder; without it, the shipped one")
    evaluate.add_argument("--into", type=Path, help="file for the tables")
    evaluate.add_argument("--split", choices=("test", "dev"), default="test")
    evaluate.add_argument("--per-kind", type=int, default=50, help="questions of every kind")
    evaluate.add_argument("--threads", type=int, default=1)
    evaluate.set_defaults(run=_evaluate)
    adopt = commands.add_parser("adopt", help=_adopt.__doc__)
    adopt.add_argument("--folder", type=Path, required=True, help="model folder")
    adopt.add_argument("--work", type=Path, required=True, help="new folder for everything")
    adopt.set_defaults(run=_adopt)
    probe = commands.add_parser("probe", help=_probe.__doc__)
    probe.add_argument("--preset", default="cpu", help="cpu, gpu, smoke or a YAML file")
    probe.add_argument("--work", type=Path, required=True, help="folder for everything")
    probe.add_argument("--checkpoint", type=Path, required=True)
    probe.add_argument("--level", choices=("short", "middle", "full"), default="short")
    probe.add_argument("--count", type=int, default=40, help="pieces of evidence")
    probe.set_defaults(run=_probe)
    overlap = commands.add_parser("overlap", help=_overlap.__doc__)
    overlap.add_argument("--work", type=Path, required=True, help="folder for everything")
    overlap.set_defaults(run=_overlap)
    return parser


if __name__ == "__main__":
    sys.exit(main())
