"""Which paths the rules of .gitignore files, and the globs a user gave, speak of.

It knows how rules of nested folders combine. It does not walk folders.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from pathspec import GitIgnoreSpec

from core.errors import BadInput, TooLarge

MAX_STARS = 4
MAX_LINES = 5_000
MAX_SECONDS = 60.0
_HINT = "Write it as in a .gitignore file: *.py, docs/, src/**/test_*.py."


def compiled(globs: Sequence[str]) -> GitIgnoreSpec:
    """Return the user's globs, checked."""
    for glob in globs:
        if stars(glob) > MAX_STARS:
            raise BadInput(f"{glob!r} has more than {MAX_STARS} stars.", "Give simpler globs.")
        if not glob.strip() or glob.startswith(("#", "!")) or not is_rule(glob):
            raise BadInput(f"{glob!r} is not a glob.", _HINT)
    return GitIgnoreSpec.from_lines(globs)


def stars(glob: str) -> int:
    """Return how many parts of a glob match anything: the time a match takes grows with each."""
    return sum(1 if part == "**" else part.count("*") for part in glob.strip().split("/"))


def is_rule(line: str) -> bool:
    """Say whether a line can be read as a rule."""
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one folder's .gitignore: they speak of paths under that folder."""

    folder: str
    spec: GitIgnoreSpec

    @classmethod
    def read(cls, folder: str, text: str) -> "Rules":
        """Return the rules in the text; a line that is not one is passed over, as git does."""
        lines = text.splitlines()[:MAX_LINES]
        kept = [line for line in lines if stars(line) <= MAX_STARS and is_rule(line)]
        return cls(folder, GitIgnoreSpec.from_lines(kept))

    def verdict(self, path: str) -> bool | None:
        """Say whether the path is ignored, kept on purpose, or not spoken of."""
        return self.spec.check_file(path.removeprefix(self.folder)).include


@dataclass(slots=True)
class Ignored:
    """Decides by all rules between the root and a path, within a limit of time."""

    spent: float = field(default=0.0)

    def __call__(self, path: str, rules: tuple[Rules, ...]) -> bool:
        """Say whether a path is ignored; the rules of the nearest folder that speaks decide."""
        started = time.perf_counter()
        verdicts = (each.verdict(path) for each in reversed(rules))
        found = next((verdict for verdict in verdicts if verdict is not None), False)
        self.spent += time.perf_counter() - started
        if self.spent > MAX_SECONDS:
            raise TooLarge(
                f"The .gitignore rules of this source take more than {MAX_SECONDS:.0f} s to apply.",
                "Give a smaller folder, or simplify its .gitignore files.",
            )
        return found
