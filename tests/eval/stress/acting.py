"""A lane that only acts: it tells what its order's title says, and may end without a word."""

import json
import os
import signal
import sys
import time
from pathlib import Path

from eval.stress.telling import tell

ORDER = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def main() -> None:
    if ORDER["resume"]:
        return
    sys.stdout.write("a library says something\n")
    tell("lane", limit="rlimit", turns=2, malloc=[n for n in os.environ if "MALLOC" in n])
    tell("asking", session=0, turn=1)
    counts = {"prompt_tokens": 10, "reused_tokens": 0, "written_tokens": 2}
    tell("turn", session=0, turn=1, first_token_s=0.1, total_s=0.1, digest="d", **counts)
    tell("asking", session=0, turn=2)
    how = ORDER["scenario"]["title"]
    if how == "killed" and ORDER["lane"] == "memory":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "aborted" and ORDER["lane"] == "memory":
        sys.exit("terminate called after throwing an instance of 'std::bad_alloc'")
    if how == "hangs":
        time.sleep(60)
    tell("lane_end")


main()
