"""The corpus that a bundled suite asks about: its files, checked, in a folder of their own.

It copies files of installed packages. Taking them in is the ingest's matter, which is started as
the command that it is.
"""

import subprocess
import sys
from pathlib import Path

from core.errors import BadInput
from eval.suites import bundle

FOLDER = "corpora"


def lay_out(name: str, data_dir: Path) -> Path:
    """Write the files of a corpus under DATA_DIR and return the folder; what is there is reused."""
    folder = data_dir / "datasets" / FOLDER / name
    texts = bundle.texts(name)
    for path, raw in texts.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != raw:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.relative_to(folder).as_posix() not in texts:
            file.unlink()
    return folder


def ingest(name: str, folder: Path, embed: bool = True) -> int:
    """Take the folder in as the index of that name; return the command's exit code."""
    words = [sys.executable, "-m", "ingest", str(folder.resolve()), "--name", name]
    words += ["--title", f"The code that {name} asks about"]
    done = subprocess.run([*words, *([] if embed else ["--no-embed"])], check=False)
    if done.returncode < 0:
        raise BadInput(f"The ingest of {name} was ended by signal {-done.returncode}.")
    return done.returncode
