"""A text of a data set as Markdown: its title, its sections, its paragraphs.

Data sets made from encyclopedias keep a section's heading as a short line of its own and lose
its mark. It knows what such a line looks like. It knows no data set.
"""

import re

MAX_HEADING = 60
MAX_WORDS = 8
_ENDS = re.compile(r"[.,:;!?…。，：；！？、)\]»”\"']$")
_MARKED = re.compile(r"^#{1,6} \S", re.MULTILINE)


def markdown(text: str, title: str = "", section: str = "") -> str:
    """Return the text under its title, with its sections' headings marked."""
    body = text.strip()
    if not _MARKED.search(body):
        body = _with_sections(body)
    heads = [f"{'#' * level} {words}" for level, words in ((1, title), (2, section)) if words]
    return "\n\n".join([*heads, body]) + "\n"


def _with_sections(text: str) -> str:
    """Return the text with each line that looks like a heading marked as one."""
    blocks = re.split(r"\n\s*\n", text)
    out = []
    for number, block in enumerate(blocks):
        first, _, rest = block.partition("\n")
        is_last = number == len(blocks) - 1
        if number and is_heading(first) and (_is_prose(rest) or (not rest.strip() and not is_last)):
            out.append(f"## {first.strip()}")
            block = rest
        if block.strip():
            out.append(block.rstrip())
    return "\n\n".join(out)


def is_heading(line: str) -> bool:
    """Say whether a line looks like a heading: short, not begun in lower case, without an end."""
    words = line.split()
    return (
        0 < len(words) <= MAX_WORDS
        and len(line) <= MAX_HEADING
        and not line[0].isspace()
        and not line[0].islower()
        and line[0].isalnum()
        and not _ENDS.search(line.rstrip())
    )


def _is_prose(text: str) -> bool:
    """Say whether text begins with a line that is a sentence rather than a list's item."""
    first = text.partition("\n")[0]
    return len(first) > MAX_HEADING or bool(re.search(r"[.!?。！？]\s*$", first))
