"""Prompts as files: each has a name, words and a hash that goes on every record made with it.

It reads core/assistant/prompts. It does not know who fills them or which model reads them.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("prompts")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The words of one prompt file; `{name}` in them is filled in."""

    name: str
    text: str

    @property
    def mark(self) -> str:
        """Return the name with the hash of the words, as it stands on records."""
        return f"{self.name}@{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"

    def fill(self, **words: str) -> str:
        """Return the words with what stands in braces replaced; other braces stay."""
        return _SLOT.sub(lambda slot: words.get(slot[1], slot[0]), self.text)


@cache
def prompt(name: str) -> Prompt:
    """Return a prompt by the name of its file."""
    return Prompt(name, (FOLDER / f"{name}.md").read_text(encoding="utf-8").strip())


def names() -> tuple[str, ...]:
    """Return the name of every prompt there is."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.md")))
