"""Measurements from the command line.

    python -m eval retrieval --queries FILE.jsonl --index NAME --json OUT

FILE.jsonl holds {"query": "…", "relevant": ["id", …]} on each line. With the app running it
asks the app, with none it opens the index itself.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from core.errors import PlumblineError
from core.retrieval.found import MODES
from core.settings import load
from eval import retrieval

SHOWN = ("recall@1", "recall@5", "recall@10", "recall@20", "mrr@10", "ndcg@10")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the process' exit code."""
    asked = _parser().parse_args(arguments)
    try:
        queries = retrieval.read(asked.queries)
        with retrieval.asking(load(), asked.index) as ask:
            found = retrieval.evaluate(queries, ask, asked.mode or MODES)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    document = {"index": asked.index, "queries": len(queries), "modes": found}
    if asked.json:
        asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(table(found))
    return 0


def table(found: dict[str, dict[str, Any]]) -> str:
    """Return the modes as rows; one that could not run says why."""
    rows = [f"{'mode':<10}" + "".join(f"{name:>11}" for name in SHOWN)]
    for mode, figures in found.items():
        cells = "".join(f"{figures[name]:>11.3f}" for name in SHOWN if name in figures)
        rows.append(f"{mode:<10}" + (cells or f"  {figures['why']}"))
    return "\n".join(rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("retrieval", help="how well an index brings back what is asked for")
    one.add_argument("--queries", type=Path, required=True, metavar="FILE.jsonl")
    one.add_argument("--index", required=True, help="the name of an index (python -m ingest list)")
    one.add_argument("--mode", action="append", choices=MODES, help="only this; may be repeated")
    one.add_argument("--json", type=Path, metavar="OUT", help="where to write the figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
