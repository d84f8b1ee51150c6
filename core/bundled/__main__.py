"""The recipe's command line. It knows the commands and their options; it deliberately does
no work of its own.

    python -m core.bundled train --preset cpu --work FOLDER --stretch NAME
"""

import argparse
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
        command.add_argument("--after", type=Path, help="checkpoint to begin with")
        command.add_argument("--detach", action="store_true", help="train in the background")
        command.set_defaults(run=run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
