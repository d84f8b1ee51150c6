"""The corpus that a bundled suite asks about: its files, checked, in a folder of their own.

It copies files of installed packages. Taking them in is the ingest's matter, which is started as
the command that it is.
"""

import hashlib
import json
import subprocess
import sys
import sysconfig
from pathlib import Path

from core.errors import BadInput, NotFound
from eval.datasets.bundled import SUITES

FOLDER = "corpora"
NAMES = ("codeqa",)


def texts(name: str, folder: Path = SUITES, root: Path | None = None) -> dict[str, bytes]:
    """Return a corpus' files by their paths, or say which is not the one asked about."""
    listed = folder / f"{name}.files.json"
    if name not in NAMES or not listed.is_file():
        raise NotFound(
            f"There is no corpus {name!r} of a bundled suite.", f"There is: {', '.join(NAMES)}."
        )
    base = root or Path(sysconfig.get_paths()["purelib"])
    found: dict[str, bytes] = {}
    for path, about in json.loads(listed.read_text(encoding="utf-8")).items():
        file = base / path
        raw = file.read_bytes() if file.is_file() else b""
        if hashlib.sha256(raw).hexdigest() != about["sha256"]:
            raise NotFound(
                f"{path} is not the file of {about['package']} {about['version']} that the suite "
                f"{name} asks about.",
                "Install requirements.txt, or make the suite again: python -m eval.suites.",
            )
        found[path] = raw
    return found


def lay_out(name: str, data_dir: Path) -> Path:
    """Write the files of a corpus under DATA_DIR and return the folder; what is there is reused."""
    folder = data_dir / "datasets" / FOLDER / name
    wanted = texts(name)
    for path, raw in wanted.items():
        file = folder / path
        if not file.is_file() or file.read_bytes() != raw:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(raw)
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.relative_to(folder).as_posix() not in wanted:
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
