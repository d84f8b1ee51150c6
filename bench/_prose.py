"""Sections of the READMEs that installed packages carry, to be found by their headings.

A corpus without code or symbols, on which nothing was chosen or fitted. It knows how a README is
split; it does not know what is done with the sections.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core.documents import Chunk
from eval.suites.definitions import packages_folder

SEED, ASKED, OTHERS = 1, 250, 750
LEAST, MOST = 150, 3_000
_HEADING = re.compile(r"^#{1,4} +(.+?)\s*#*$|^([^\n]+)\n(?:={4,}|-{4,}|~{4,})$", re.MULTILINE)


def sections(root: Path | None = None) -> tuple[list[Chunk], list[tuple[str, int]]]:
    """Return sections without their headings, and (heading, place of its section) to ask."""
    found = list(dict.fromkeys(_all(root or packages_folder())))
    times = Counter(heading.lower() for heading, _ in found)
    asked = [
        at
        for at, (heading, _) in enumerate(found)
        if times[heading.lower()] == 1
        and len(heading.split()) > 1
        and not re.search(r"\d", heading)
    ]
    rng = random.Random(SEED)
    chosen = set(rng.sample(asked, min(ASKED, len(asked))))
    rest = [at for at in range(len(found)) if at not in chosen]
    kept = sorted(chosen | set(rng.sample(rest, min(OTHERS, len(rest)))))
    chunks = [
        Chunk(f"text/{n}", 1, 1, found[at][1], id=f"s{n}", span=(0, len(found[at][1].encode())))
        for n, at in enumerate(kept)
    ]
    return chunks, [(found[at][0], n) for n, at in enumerate(kept) if at in chosen]


def _all(root: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(root.glob("*.dist-info/METADATA")):
        text = file.read_text(encoding="utf-8", errors="replace").partition("\n\n")[2]
        heads = list(_HEADING.finditer(text))
        starts = [*(head.start() for head in heads), len(text)]
        for head, end in zip(heads, starts[1:], strict=True):
            body = text[head.end() : end].strip()[:MOST]
            if len(body) >= LEAST:
                yield re.sub(r"[^\w\s'-]", " ", head[1] or head[2]).strip(), body
