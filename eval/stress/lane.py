"""One lane of a stress run, in a process of its own: `python -m eval.stress.lane ORDER.json`.

It reads what it is to do and does it; what happens is written to its output, line by line.
"""

import core.process  # isort: skip

import json
import sys
from pathlib import Path

from core.errors import PlumblineError
from eval.stress.plan import ENDPOINT
from eval.stress.telling import named, tell


def main(order: Path) -> int:
    """Run the lane that the order describes; return the process' exit code."""
    core.process.prepare()
    told = json.loads(order.read_text(encoding="utf-8"))
    try:
        if told["lane"] == ENDPOINT:
            from eval.stress.endpoint import Served

            return Served(told).run()
        from eval.stress.local import Lane

        return Lane(told).resume() if told["resume"] else Lane(told).run()
    except PlumblineError as error:
        tell("failure", kind="error", **named(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
