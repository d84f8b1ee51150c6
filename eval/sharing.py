"""The commands that share runs: make a bundle, look at it, put it on the hub.

It knows words and flags. What a bundle is and where it goes is known in publish.py and push.py.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(commands: "Commands") -> None:
    """Add the commands."""
    made = commands.add_parser("publish", help="runs as pages that open from disk, with their data")
    made.add_argument("runs", nargs="+", metavar="RUN", help="a run's name or id; several compare")
    made.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder")
    made.add_argument("--title", default="", help="what the bundle is called")
    made.set_defaults(run=_published)
    shown = commands.add_parser("view", help="look at a bundle in a viewer of its own")
    shown.add_argument("bundle", type=Path, metavar="DIR")
    shown.add_argument("--port", type=int, default=8501, help="port to listen on (8501)")
    shown.set_defaults(run=_viewed)
    sent = commands.add_parser("push", help="put a bundle on the Hugging Face hub")
    sent.add_argument("bundle", type=Path, metavar="DIR")
    sent.add_argument("--to", required=True, metavar="OWNER/NAME")
    sent.add_argument("--space", action="store_true", help="as a static Space, not a data set")
    sent.add_argument("--private", action="store_true", help="for you alone, where it is new")
    sent.set_defaults(run=_pushed)


def _published(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.asking import asking
    from eval.publish import gather, publish

    with asking(settings) as evals:
        sources = [gather(evals, name) for name in asked.runs]
        out = publish(sources, asked.out, asked.title, hide=[settings.data_dir])
    sys.stdout.write(f"Open {out / 'index.html'}, or `python -m eval view {out}`.\n")
    return 0


def _viewed(asked: argparse.Namespace, _: Settings) -> int:
    from eval.push import checked
    from eval.viewer.command import view

    checked(asked.bundle)
    return view(asked.bundle, asked.port)


def _pushed(asked: argparse.Namespace, _: Settings) -> int:
    from eval.push import push

    kind = "space" if asked.space else "dataset"
    sys.stdout.write(f"{push(asked.bundle, asked.to, kind, private=asked.private)}\n")
    return 0
