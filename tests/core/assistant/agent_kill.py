"""An agent that is killed in the middle of a run: run as a program it is the one who dies.

`python agent_kill.py DATA_DIR` makes two calls, says so, and then hangs in its third model call.
"""

import os
import sys
import time
from pathlib import Path

import core.process  # noqa: F401
from core.assistant.methods.agent import Agent
from core.assistant.toolbox import tools
from core.messages import Message, Params, Stop
from core.seams import Step
from core.store.connection import Store
from core.store.threads import Threads
from tests.core.assistant.scripted import Scripted

QUESTION = "What is 6 * 7, and that plus 1?"
LINES = ('Action: calculator("6 * 7")', 'Action: calculator("42 + 1")')


class Hangs(Scripted):
    """Says its lines and then nothing more."""

    def stream(self, messages, params, stop):
        """Say the next line, or say that there is none and hang."""
        if len(self.asked) == len(LINES):
            os.write(1, b"hangs\n")
            time.sleep(60)
        yield from super().stream(messages, params, stop)


def main(data_dir: Path) -> None:
    """Begin a run that does not end."""
    agent = Agent(Hangs(*LINES), tools(), threads=Threads(Store.open(data_dir)))
    for item in agent.answer([Message("user", QUESTION)], Params(), Stop()):
        if isinstance(item, Step) and item.kind == "thread":
            os.write(1, f"{item.text}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
