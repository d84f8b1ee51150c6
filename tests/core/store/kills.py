"""A process that writes and says so, killed at random moments; and the search for what it said.

Run as a program it is the writer: `python kills.py DATA_DIR SEED`. Every line it prints is an
acknowledgement, written only after the store's call has returned.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.records import Generation
from core.store.chats import Chats
from core.store.connection import Store
from core.store.generations import Generations

ROOT = Path(__file__).resolve().parents[3]
OWNER = "visitor"
LIFE_S = 1.5


def write(data_dir: Path, seed: int) -> None:
    """Open, write, checkpoint, close, over and over, until somebody ends this."""
    dice = random.Random(seed)
    while True:
        store = Store.open(data_dir)
        say(f"notices {len(store.notices)}")
        chats, generations = Chats(store), Generations(store)
        chat = chats.create(OWNER)
        say(f"chat {chat.id}")
        for turn in range(dice.randint(5, 40)):
            message = chats.append(OWNER, chat.id, "user", "x" * dice.choice([3, 3000, 300_000]))
            say(f"message {message.id} {chat.id}")
            if turn % 7 == 0:
                ids = [f"{message.id}-{n}" for n in range(50)]
                generations.add_many([generation(id) for id in ids])
                say(*(f"generation {id}" for id in ids))
            if turn % 11 == 10:
                store.cursor().execute("CHECKPOINT")
        store.close()


def generation(id: str) -> Generation:
    """Return a model call with this id."""
    return Generation(id, datetime.now(UTC), "m", "h", {"seed": 1}, tokens_in=1)


def say(*lines: str) -> None:
    """Acknowledge, without a buffer that a kill would empty."""
    os.write(1, "".join(f"{line}\n" for line in lines).encode())


@dataclass(frozen=True)
class Said:
    """What one killed writer had acknowledged."""

    chats: set[str]
    messages: set[str]
    generations: set[str]
    notices: int


def kill_once(data_dir: Path, seed: int, after_s: float) -> Said:
    """Run a writer for this long, kill it, and return what it said."""
    command = [sys.executable, __file__, str(data_dir), str(seed)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment())
    try:
        time.sleep(after_s)
    finally:
        child.send_signal(signal.SIGKILL)
    output = child.communicate()[0].decode()
    assert child.returncode == -signal.SIGKILL, "the writer ended by itself"
    return parse(output)


def environment() -> dict[str, str]:
    """Return an environment in which a program outside the packages finds them."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def parse(output: str) -> Said:
    """Return what whole lines acknowledge; a line cut off by the kill says nothing."""
    lines = [line.split() for line in output.splitlines(keepends=True) if line.endswith("\n")]
    named = {kind: {words[1] for words in lines if words[0] == kind} for kind in KINDS}
    moved = sum(int(words[1]) for words in lines if words[0] == "notices")
    return Said(named["chat"], named["message"], named["generation"], moved)


KINDS = ("chat", "message", "generation")


def missing(data_dir: Path, said: list[Said]) -> Iterator[str]:
    """Yield whatever was acknowledged and cannot be found."""
    store = Store.open(data_dir)
    try:
        yield from store.notices
        kept = {
            table: {row[0] for row in store.rows(f"SELECT id FROM {table}")}
            for table in ("chats", "messages", "generations")
        }
    finally:
        store.close()
    for one in said:
        yield from one.chats - kept["chats"]
        yield from one.messages - kept["messages"]
        yield from one.generations - kept["generations"]


def survive(data_dir: Path, kills: int, seed: int) -> tuple[int, list[str]]:
    """Kill this many writers; return how many rows they acknowledged and what went wrong."""
    dice = random.Random(seed)
    said: list[Said] = []
    lost: list[str] = []
    for number in range(kills):
        said.append(kill_once(data_dir, seed + number, dice.uniform(0.0, LIFE_S)))
        lost += missing(data_dir, said)
    lost += [f"writer {n} found damage" for n, one in enumerate(said) if one.notices]
    return sum(len(s.chats) + len(s.messages) + len(s.generations) for s in said), lost


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
