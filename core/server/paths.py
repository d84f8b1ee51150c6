"""File paths in words that leave the house: cut to their last name."""

import re

_FILE = re.compile(r"(?<![\w/:.])/(?:[^\s/'\":,;]+/)+([^\s/'\":,;]*)")


def without_paths(text: str) -> str:
    """Return the text with absolute file paths cut to their last name."""
    return _FILE.sub(lambda found: f"…/{found[1]}", text)
