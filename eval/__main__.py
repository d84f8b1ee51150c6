"""Measurements from the command line.

    python -m eval run --suite arith --method cot --n 200 --name first
    python -m eval run --config FILE.yaml          a run, or a sweep with `matrix`
    python -m eval resume NAME | cancel NAME | list | report NAME | compare A B
    python -m eval rescore NAME --scorer NAME@VERSION
    python -m eval label NAME POSITION right|wrong|undo --by YOU --reason WHY
    python -m eval delete NAME | restore NAME | export NAME --out FILE.csv
    python -m eval cache --prune DAYS              answers of earlier runs
    python -m eval publish NAME… --out DIR         a bundle to show; view DIR, push DIR --to NAME
    python -m eval datasets …                      suites: list, bring, write out, delete
    python -m eval retrieval --queries FILE.jsonl --index NAME --json OUT

With the app running it asks the app, with none it does the work itself.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse
import os
import sys

from core.errors import PlumblineError
from core.settings import load
from eval import commands, retrieval, sharing
from eval.datasets import commands as datasets

CANCELLED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the process' exit code."""
    asked = _parser().parse_args(arguments)
    try:
        code = asked.run(asked, load())
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read along has enough; what is still to be written goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return CANCELLED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    known = parser.add_subparsers(dest="command", required=True)
    for part in (commands, datasets, sharing, retrieval):
        part.register(known)
    return parser


if __name__ == "__main__":
    sys.exit(main())
