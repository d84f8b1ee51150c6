"""The bundled suites on disk: a file of items, a card with what they are, the files they are about.

It knows names and formats. What is asked is made by the module of each suite.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from core.records import Item
from eval.datasets.rows import Version, line_of
from eval.suites import facts, grounded, hops, sums, talk
from eval.suites.facts import Facts

HERE = Path(__file__).parent
SUITES = HERE.parents[1] / "assets" / "suites"
CARDS = HERE / "cards"

Wanted = Mapping[str, Any]


def _codeqa(wanted: Wanted, rng: random.Random) -> list[Item]:
    return grounded.items(_facts(), wanted["codeqa"], rng)


def _hop(wanted: Wanted, rng: random.Random) -> list[Item]:
    return hops.items(_facts(), wanted["codeqa-hop"], rng)


def _arith(wanted: Wanted, rng: random.Random) -> list[Item]:
    return sums.items(wanted["arith"], rng)


def _chat(_: Wanted, __: random.Random) -> list[Item]:
    return talk.items()


MAKERS: dict[str, Callable[[Wanted, random.Random], list[Item]]] = {
    "codeqa": _codeqa,
    "codeqa-hop": _hop,
    "arith": _arith,
    "chat-basics": _chat,
}


@lru_cache(maxsize=1)
def wanted() -> Wanted:
    """Return what the suites are to be made of."""
    return yaml.safe_load((HERE / "bundled.yaml").read_text(encoding="utf-8"))


def build(name: str) -> list[Item]:
    """Make a suite's items from what is installed; the same versions give the same items."""
    return MAKERS[name](wanted(), random.Random(f"{wanted()['seed']} {name}"))


def write(name: str, folder: Path = SUITES) -> int:
    """Make a suite and write it with its card; return how many items it holds."""
    items = build(name)
    lines = [line_of(item) for item in items]
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{line}\n" for line in lines)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (folder / f"{name}.md").write_text(_card(name, items, str(Version(lines))), encoding="utf-8")
    if name == "codeqa":
        kept = json.dumps(_files(), indent=1, ensure_ascii=False, sort_keys=True)
        (folder / "codeqa.files.json").write_text(kept + "\n", encoding="utf-8")
    return len(items)


@lru_cache(maxsize=1)
def _facts() -> Facts:
    return facts.read(wanted()["packages"])


def _files() -> dict[str, dict[str, str]]:
    packages = wanted()["packages"]
    return {
        path: {
            "package": file.package,
            "version": str(packages[file.package]["version"]),
            "sha256": file.sha256,
        }
        for path, file in _facts().files.items()
    }


def _card(name: str, items: Sequence[Item], version: str) -> str:
    kinds = Counter(item.kind for item in items)
    words: dict[str, object] = {f"n_{kind}": count for kind, count in kinds.items()}
    words |= {"count": len(items), "version": version, "seed": wanted()["seed"]}
    words |= {"lacking": sum(bool(item.cluster) for item in items if not item.answerable)}
    words |= {"unanswerable_share": round(100 * kinds["unanswerable"] / len(items))}
    words |= {"licenses": _licenses(), "packages": _packages(), "files": len(_facts().files)}
    return Template((CARDS / f"{name}.md").read_text(encoding="utf-8")).substitute(words)


def _licenses() -> str:
    found = {str(about["license"]) for about in wanted()["packages"].values()}
    return " AND ".join(sorted(found))


def _packages() -> str:
    counts = Counter(file.package for file in _facts().files.values())
    rows = [
        f"| {name} | {about['version']} | {about['license']} | {counts[name]} |"
        for name, about in wanted()["packages"].items()
    ]
    return "\n".join(["| Package | Version | Licence | Files |", "|---|---|---|---|", *rows])
