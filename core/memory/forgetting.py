"""Forgets a session's files where nothing keeps conversations on flash now.

A chat that was held while the flash tier was on may be deleted while it is off, or while another
kind of model answers. It imports what reads the files only where there are any.
"""

import sys
from pathlib import Path

from core.memory.key import name_of


def forget(folder: Path, session: str) -> None:
    """Delete what a session alone uses in a folder that no tier is open on."""
    if not (folder / "sessions" / f"{name_of(session)}.json").is_file():
        return
    from core.memory.counters import Counters
    from core.memory.shelf import Shelf

    shelf = Shelf(folder, sys.maxsize, Counters())
    shelf.forget(session)
    shelf.close()
