"""Kills aimed at the moment an index is written: Plumbline's kept index against bare Chroma.

Every kill begins with a copy of the same folder, so that kills do not add up. A writer is killed
(SIGKILL) while or after the files of its graph are written, or at any moment of the call. Then
another process opens what is left and looks: can it be asked, is everything there that was
acknowledged, does it come back by its vector.
Run by `make bench-crash`; `python -m bench.crash 20` runs 20 kills on each side, and Ctrl-C ends
it with what there is.
"""

import json
import multiprocessing
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench._killed import FIRST, told
from bench._record import record

SIDES = ("keeper", "chroma")
KILLS = 100
SEED = 20_260_101
LOOK_S = 600
SIGN_S = 30.0
# Seconds up to which a kill waits: after the graph's files began to be written, within that
# writing or up to all that follows it; or at any moment of the call.
AIMS = (("flush", 0.15), ("flush", 0.3), ("flush", 0.8), ("call", 1.5))
# How often the head of a graph changes until its flush: the kept index makes a copy first.
CHANGES = {"keeper": 2, "chroma": 1}
# Every process is a fork of one that has imported all and opened nothing.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["chromadb", "pyarrow.compute", "bench._killed"])


def main() -> None:
    """Run the kills on both sides in turn, and keep what came of them."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    with tempfile.TemporaryDirectory(prefix="plumbline-crash-") as place:
        found = run(Path(place), kills, SEED)
    figures = {
        f"{side} {name}": value for side in found for name, value in summed(found[side]).items()
    }
    notes = (
        "Kills per side and what was left. unreadable: nothing could be asked, after a repair "
        "where one was due. lost: acknowledged and not kept any more. wrong: kills after which "
        "an acknowledged vector did not find its id."
    )
    record("crash", {"kills": len(found["chroma"]), **figures}, notes)
    if any(harm(each) for each in found["keeper"]):
        raise SystemExit("The kept index did not survive every kill.")


def run(
    place: Path, kills: int, seed: int, sides: tuple[str, ...] = SIDES, first: int = FIRST
) -> dict[str, list[dict[str, Any]]]:
    """Return what every kill left on each side, where `first` vectors were there before."""
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    for side in found:
        if _Child("fill", side, place / side, first).ended() != 0:
            raise SystemExit(f"The first folder of {side} could not be made.")
    dice = random.Random(seed)
    # Ctrl-C ends it early; whole rounds count.
    with suppress(KeyboardInterrupt):
        for number in range(kills):
            aim, most = AIMS[number % len(AIMS)]
            shot = aim, dice.uniform(0.0, most)
            outcomes = {side: one(place, side, first, *shot) for side in sides}
            for side, outcome in outcomes.items():
                found[side].append(outcome)
            print(f"{number + 1:>4} of {kills}", *(f"{s}: {o}" for s, o in outcomes.items()))
    return found


def one(place: Path, side: str, first: int, aim: str, delay: float) -> dict[str, Any]:
    """Kill one writer and return what is left."""
    folder = place / "killed"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(place / side, folder)
    child = _Child("write", side, folder, first)
    child.wait_for("writing 1")
    if aim == "flush":
        _await_flush(folder, CHANGES[side])
    time.sleep(delay)
    if child.kill() != -signal.SIGKILL:
        raise SystemExit(f"The writer of {side} ended by itself.")
    looked = _Child("look", side, folder, first, child.acknowledged())
    code, said = looked.ended(), looked.said()
    if code != 0 or not said:
        # A library that reads a torn file may end its whole process.
        return {"readable": False, "why": f"the process ended with {code}"}
    return json.loads(said[-1])


def harm(outcome: dict[str, Any]) -> int:
    """Return 1 for a kill after which something was unreadable, lost or wrong."""
    return int(not outcome["readable"] or outcome["lost"] > 0 or outcome["wrong"] > 0)


def summed(outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    """Return counts over kills, and how long opening took where that was noted."""
    readable = [each for each in outcomes if each["readable"]]
    sums: dict[str, Any] = {
        "unreadable": len(outcomes) - len(readable),
        "lost": sum(each["lost"] > 0 for each in readable),
        "wrong": sum(each["wrong"] > 0 for each in readable),
    }
    noted = [each for each in readable if "seconds" in each]
    if noted:
        sums["served_at_once"] = sum(each["served_at_once"] for each in noted)
        sums["repaired"] = sum(each["repaired"] for each in noted)
        sums["rebuilt"] = sum(each["rebuilt"] for each in noted)
        sums["open_and_repair_p50_s"] = round(statistics.median(e["seconds"] for e in noted), 2)
        sums["open_and_repair_max_s"] = round(max(each["seconds"] for each in noted), 2)
    return sums


class _Child:
    """A process of its own with all it needs imported, and the lines it has said so far."""

    def __init__(self, what: str, side: str, folder: Path, first: int, *more: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        heard, out = _FORKS.Pipe(duplex=False)
        words = [what, side, str(folder), str(first), *map(str, more)]
        self._process = _FORKS.Process(target=told, args=(out, words), daemon=True)
        self._process.start()
        out.close()
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, args=(heard,), daemon=True)
        self._reader.start()

    def _read(self, heard: Connection) -> None:
        with heard, open(heard.fileno(), encoding="utf-8", closefd=False) as lines:
            for line in lines:
                with self._news:
                    self._lines.append(line.strip())
                    self._news.notify_all()

    def wait_for(self, line: str) -> None:
        """Return once the line was said."""
        with self._news:
            if not self._news.wait_for(lambda: line in self._lines, LOOK_S):
                raise SystemExit(f"A process never said {line!r}.")

    def said(self) -> list[str]:
        """Return all that was said, once it has ended."""
        self._reader.join(10)
        return self._lines

    def kill(self) -> int | None:
        """Kill it; return how it ended."""
        self._process.kill()
        return self.ended()

    def ended(self) -> int | None:
        """Wait until it has ended; return how."""
        self._process.join(LOOK_S)
        return self._process.exitcode

    def acknowledged(self) -> int:
        """Return the last step that was acknowledged, once everything said is read."""
        steps = [line.split()[1] for line in self.said() if line.startswith("acknowledged ")]
        return max(map(int, steps), default=0)


def _await_flush(folder: Path, changes: int) -> None:
    """Return when the head of a graph has changed so often."""
    deadline, seen = time.monotonic() + SIGN_S, _heads(folder)
    while changes and time.monotonic() < deadline:
        now = _heads(folder)
        changes -= bool(now - seen)
        seen |= now
        time.sleep(0.001)


def _heads(folder: Path) -> set[tuple[str, int]]:
    found = set()
    # A folder that is removed meanwhile may be met half-way; the next look finds the rest.
    with suppress(FileNotFoundError):
        for head in folder.rglob("header.bin"):
            found.add((str(head), head.stat().st_mtime_ns))
    return found


if __name__ == "__main__":
    main()
