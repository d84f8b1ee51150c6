"""The suite codeqa-retrieval: chosen questions with gold spans, and the files they are about.

It knows what eval/suites/codeqa.yaml wants and how the suite is written and read again. It does
not know how a question is phrased or how anything is retrieved.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.bundled.corpus import python_files
from core.bundled.splits import load_splits
from core.errors import NotFound
from eval.suites import definitions, made, wording
from eval.suites.definitions import Definition, File, blanked

HERE = Path(__file__).parent
SUITES = HERE.parents[1] / "assets" / "suites"
NAME = "codeqa-retrieval"
SPLITS = ("test", "tune")
ABSENT_FILES = 40


@dataclass(frozen=True, slots=True)
class Gold:
    """A span of bytes that answers a question."""

    path: str
    span: tuple[int, int]
    symbol: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question; without gold it has no answer in the split's files."""

    id: str
    split: str
    kind: str
    text: str
    gold: tuple[Gold, ...]


def build() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Make the suite from what is installed: its questions, and its files with what is blanked."""
    wanted = yaml.safe_load((HERE / "codeqa.yaml").read_text(encoding="utf-8"))
    natural = yaml.safe_load((HERE / "natural.yaml").read_text(encoding="utf-8"))
    questions: list[dict[str, Any]] = []
    files: dict[str, Any] = {}
    for split in SPLITS:
        _check_held_out(split, wanted[split]["packages"])
        rng = random.Random(f"{wanted['seed']} {split}")
        found = definitions.read(wanted[split]["packages"])
        every = [one for file in found.values() for one in file.definitions]
        chosen = [
            *_by_hand(natural[split], every),
            *_made(every, wanted[split]["kinds"], rng),
        ]
        hidden = {one.gold[0].path: [] for one in chosen}
        for one in chosen:
            if one.kind == "docstring":
                hidden[one.gold[0].path].append(one.gold[0].doc_span)
        absent = [*natural["unanswerable"][split], *_absent(wanted[split]["absent"], found, rng)]
        questions += _rows(split, chosen, absent)
        files[split] = {
            file.path: {
                "package": file.package,
                "version": str(wanted[split]["packages"][file.package]["version"]),
                "sha256": file.sha256,
                "blank": sorted(hidden.get(file.path, [])),
            }
            for file in found.values()
        }
    return questions, files


def write(folder: Path = SUITES) -> Path:
    """Make the suite and write it; the same packages give the same bytes."""
    questions, files = build()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}.jsonl"
    lines = (json.dumps(row, ensure_ascii=False) for row in questions)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    kept = json.dumps(files, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / f"{NAME}.files.json").write_text(kept + "\n", encoding="utf-8")
    return path


def load(split: str, folder: Path = SUITES) -> list[Question]:
    """Return a split's questions."""
    lines = (folder / f"{NAME}.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Question(
            row["id"],
            row["split"],
            row["kind"],
            row["question"],
            tuple(Gold(g["path"], tuple(g["span"]), g["symbol"]) for g in row["gold"]),
        )
        for row in rows
        if row["split"] == split
    ]


def texts(split: str, folder: Path = SUITES, root: Path | None = None) -> dict[str, bytes]:
    """Return the split's files as they are to be indexed, or say which is not the one asked about.

    The docstrings that questions were made of are blanked; every byte keeps its place.
    """
    kept = json.loads((folder / f"{NAME}.files.json").read_text(encoding="utf-8"))[split]
    base = root or definitions.packages_folder()
    found: dict[str, bytes] = {}
    for path, facts in kept.items():
        file = base / path
        raw = file.read_bytes() if file.is_file() else b""
        if File(facts["package"], path, raw).sha256 != facts["sha256"]:
            raise NotFound(
                f"{path} is not the file of {facts['package']} {facts['version']} that the suite "
                f"{NAME} asks about.",
                "Install requirements-dev.txt, or make the suite again: python -m eval.suites.",
            )
        found[path] = blanked(raw, facts["blank"])
    return found


def _check_held_out(split: str, packages: Sequence[str]) -> None:
    splits = load_splits()
    allowed = splits.test if split == "test" else splits.dev
    if set(packages) - set(allowed):
        raise NotFound(f"{sorted(set(packages) - set(allowed))} are not held out for {split}.")


def _by_hand(asked: dict[str, list[list[str]]], every: list[Definition]) -> Iterator[made.Made]:
    known = {f"{one.path}::{one.symbol}": one for one in every}
    for rows in asked.values():
        for question, *places in rows:
            yield made.Made("natural", question, tuple(known[place] for place in places))


def _made(every: list[Definition], counts: dict[str, int], rng: random.Random) -> list[made.Made]:
    """Choose so many of each kind, the packages in turn, no definition twice."""
    library = made.Library(every)
    used: set[tuple[str, str]] = set()
    chosen: list[made.Made] = []
    for kind, count in counts.items():
        shelves: dict[str, list[made.Made]] = {}
        for one in made.MAKERS[kind](library, rng):
            shelves.setdefault(one.gold[0].package, []).append(one)
        for shelf in shelves.values():
            rng.shuffle(shelf)
        taken = 0
        while taken < count and any(shelves.values()):
            for shelf in shelves.values():
                one = next((one for one in _popped(shelf) if not used & _places(one)), None)
                if one is not None and taken < count:
                    used |= _places(one)
                    chosen.append(one)
                    taken += 1
    return chosen


def _popped(shelf: list[made.Made]) -> Iterator[made.Made]:
    while shelf:
        yield shelf.pop()


def _places(one: made.Made) -> set[tuple[str, str]]:
    return {(gold.path, gold.symbol) for gold in one.gold}


def _absent(wanted: dict[str, Any], files: dict[str, File], rng: random.Random) -> list[str]:
    """Ask about definitions of packages that are not there, by docstring and by name."""
    words = {word for file in files.values() for word in re.findall(rb"[A-Za-z_]\w+", file.raw)}
    questions: list[str] = []
    share = wanted["count"] // len(wanted["packages"])
    for package in wanted["packages"]:
        sources = [File(package, path, text.encode()) for path, text in python_files(package)]
        some = rng.sample(sources, min(ABSENT_FILES, len(sources)))
        every = [one for file in some for one in file.definitions]
        rng.shuffle(every)
        asked: list[str] = []
        for one in every:
            if one.name.encode() in words or one.name.startswith("_") or not one.doc:
                continue
            by_name = len(asked) % 3 == 2
            question = (
                wording.phrase("where", rng, s=one.name)
                if by_name
                else wording.reworded(one.doc, rng)
            )
            if question and len(asked) < share:
                asked.append(question)
        questions += asked
    return questions


def _rows(split: str, chosen: Sequence[made.Made], absent: Sequence[str]) -> list[dict[str, Any]]:
    rows = [
        {
            "kind": one.kind,
            "question": one.question,
            "gold": [{"path": g.path, "span": g.span, "symbol": g.symbol} for g in one.gold],
        }
        for one in chosen
    ]
    rows += [{"kind": "unanswerable", "question": text, "gold": []} for text in absent]
    return [{"id": f"{split}-{n:04}", "split": split, **row} for n, row in enumerate(rows, 1)]
