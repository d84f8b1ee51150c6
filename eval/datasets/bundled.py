"""The suites that come with the product: a card with front matter beside a file of items.

It reads assets/suites. A file that no longer is what its card says is refused, since every figure
about it would be about something else.
"""

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from core.errors import StateError
from core.records import Suite
from eval.datasets.rows import Version

SUITES = Path(__file__).resolve().parents[2] / "assets" / "suites"
_FENCE = "---\n"


def suites(folder: Path = SUITES) -> dict[str, Suite]:
    """Return the bundled suites by name."""
    cards = sorted(folder.glob("*.md"), key=lambda card: card.stem)
    return {card.stem: _suite(card) for card in cards}


def lines(folder: Path, name: str, first: int = 0, most: int | None = None) -> Iterator[str]:
    """Yield the items of a suite in order, from `first` on."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as file:
        for line in islice(file, first, None if most is None else first + most):
            yield line.rstrip("\n")


def _suite(card: Path) -> Suite:
    file = card.with_suffix(".jsonl")
    stamp = (card.stat().st_mtime_ns, file.stat().st_mtime_ns, file.stat().st_size)
    return _read(card, stamp)


@lru_cache(maxsize=32)
def _read(card: Path, _: tuple[int, ...]) -> Suite:
    import yaml

    front, text = card.read_text(encoding="utf-8").split(_FENCE, 2)[1:]
    about = yaml.safe_load(front)
    kinds: Counter[str] = Counter()
    version = Version()
    for line in lines(card.parent, card.stem):
        version.add(line)
        kinds[json.loads(line).get("kind", "")] += 1
    if str(version) != about["version"]:
        raise StateError(
            f"The bundled suite {card.stem!r} is not what its card says.",
            f"Get the file again, or make it again: {about['made']}",
        )
    return Suite(
        name=card.stem,
        title=about["title"],
        version=about["version"],
        criterion=about["criterion"],
        count=kinds.total(),
        card=text.strip(),
        license=about["license"],
        kinds=dict(sorted(kinds.items())),
        source={"bundled": True, "made": about["made"], "corpus": about.get("corpus", "")},
    )
