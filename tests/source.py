"""The project's own files, as git lists them: what the tests about the tree walk over."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ("app.py", "core/", "pages/", "ingest/", "eval/")


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the tree: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def name(path: Path) -> str:
    """Return the path as it is written in the tree, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def python(*starts: str) -> list[Path]:
    """Return the Python files whose name begins with one of these; all of them without any."""
    return [
        path for path in files() if path.suffix == ".py" and name(path).startswith(starts or ("",))
    ]


def shipped() -> list[Path]:
    """Return the Python files a user runs."""
    return python(*SHIPPED)


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
