"""A process that tries to own a DATA_DIR, says how that went, and stays until its input ends."""

import sys
from pathlib import Path

from core.errors import OwnedElsewhere
from core.store.lock import Lock


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Acquire when told to go, print the outcome, hold on."""
    folder, url = Path(sys.argv[1]), sys.argv[2]
    say("ready")
    sys.stdin.readline()
    try:
        Lock.acquire(folder, url)
        say("won")
    except OwnedElsewhere as error:
        say(f"lost {error.message}")
    sys.stdin.read()


main()
