"""Public data sets as suites: TriviaQA, HotpotQA, GSM8K, HH-RLHF, a seeded sample of each.

It knows where each lies, how its rows are written, on the hub and in its authors' own files, and
what an item is made of. The sample is kept as JSON under DATA_DIR/datasets and used again.
"""

import gzip
import json
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.records import Gold, Item
from eval.datasets import hub
from eval.datasets.files import form_of, rows
from eval.datasets.rows import row_of

Row = Mapping[str, Any]
MOST = 100_000
_CALCULATION = re.compile(r"<<[^<>]*>>")
_TURN = re.compile(r"\n\n(?=Human: |Assistant: )")


@dataclass(frozen=True, slots=True)
class Published:
    """A public data set: its place on the hub, its licence, and how a row becomes an item."""

    title: str
    hub: str
    files: str
    license: str
    criterion: str
    made: Callable[[Row, random.Random], Item | None]
    said: str


def trivia(row: Row, _: random.Random) -> Item | None:
    """Return a question of TriviaQA with every alias of its answer."""
    row = {key.lower().replace("_", ""): value for key, value in row.items()}
    answer = {key.lower(): value for key, value in (row.get("answer") or {}).items()}
    known = [answer.get("value"), *(answer.get("aliases") or ())]
    references = tuple(dict.fromkeys(str(each) for each in known if each))
    question = str(row.get("question") or "")
    if not question or not references:
        return None
    return Item(str(row.get("questionid") or ""), question, references)


def hotpot(row: Row, _: random.Random) -> Item | None:
    """Return a question of HotpotQA with the passages it is given and the titles that answer it."""
    question, answer = str(row.get("question") or ""), str(row.get("answer") or "")
    if not question or not answer:
        return None
    titles = [title for title, _ in _pairs(row.get("supporting_facts"), "title", "sent_id")]
    passages = _pairs(row.get("context"), "title", "sentences")
    return Item(
        id=str(row.get("id") or row.get("_id") or ""),
        question=question,
        references=(answer,),
        kind=str(row.get("type") or ""),
        contexts=tuple(f"{title}\n{''.join(sentences)}" for title, sentences in passages),
        gold=tuple(Gold(title) for title in dict.fromkeys(titles)),
        details={"level": row["level"]} if row.get("level") else {},
    )


def gsm(row: Row, _: random.Random) -> Item | None:
    """Return a problem of GSM8K with its last number, and its steps beside it."""
    question = str(row.get("question") or "")
    steps, mark, last = str(row.get("answer") or "").rpartition("####")
    if not question or not mark or not last.strip():
        return None
    details = {"steps": _CALCULATION.sub("", steps).strip()}
    return Item("", question, (last.strip().replace(",", ""),), details=details)


def preference(row: Row, rng: random.Random) -> Item | None:
    """Return a conversation of HH-RLHF with the two replies, in a drawn order."""
    chosen, rejected = (_TURN.split(str(row.get(key) or "")) for key in ("chosen", "rejected"))
    shared = chosen[:-1]
    pair = [said.removeprefix("Assistant: ").strip() for said in (chosen[-1], rejected[-1])]
    if not shared or shared != rejected[:-1] or not all(pair) or pair[0] == pair[1]:
        return None
    right = pair[0]
    rng.shuffle(pair)
    question = "\n\n".join(part.strip() for part in shared).strip()
    letter = chr(65 + pair.index(right))
    return Item("", question, (right, letter), choices=tuple(pair))


PUBLISHED: dict[str, Published] = {
    "triviaqa": Published(
        "TriviaQA",
        "mandarjoshi/trivia_qa",
        r"rc\.nocontext/validation-.*\.parquet",
        "not said by its authors",
        "contains",
        trivia,
        "Trivia questions without passages, every alias of the answer accepted (validation split).",
    ),
    "hotpotqa": Published(
        "HotpotQA",
        "hotpotqa/hotpot_qa",
        r"distractor/validation-.*\.parquet",
        "CC-BY-SA-4.0",
        "contains",
        hotpot,
        "Questions over two Wikipedia passages, given with eight others (distractor, validation).",
    ),
    "gsm8k": Published(
        "GSM8K",
        "openai/gsm8k",
        r"main/test-.*\.parquet",
        "MIT",
        "numeric",
        gsm,
        "Grade school word problems with worked steps (test split).",
    ),
    "hh-rlhf": Published(
        "HH-RLHF",
        "Anthropic/hh-rlhf",
        r"(helpful|harmless)-base/test\.jsonl\.gz",
        "MIT",
        "choice_likelihood",
        preference,
        "Conversations with two replies, of which people preferred one (test, base). Some are "
        "offensive. Conversations that differ before the last reply are left out.",
    ),
}


def sampled(
    name: str,
    data_dir: Path,
    n: int,
    seed: int,
    *,
    path: Path | None = None,
    fresh: bool = False,
    say: Callable[[str], object] = str,
) -> Path:
    """Return the file of a sample; made once for each size and seed, a local copy's each time."""
    if not 1 <= n <= MOST:
        raise BadInput(f"A sample has 1 to {MOST:,} questions, not {n:,}.")
    kept = data_dir / "datasets" / name / f"{'local-' if path else ''}n{n}-seed{seed}.json"
    if kept.is_file() and path is None and not fresh:
        say(f"The sample is in {kept} already.")
        return kept
    about = PUBLISHED[name]
    say(f"Reading {path or about.hub}.")
    with _opened(about, path) as (found, revision):
        chosen, total = reservoir(found, n, random.Random(f"{name} {seed}"))
    items = _numbered(name, about, chosen, random.Random(f"{name} {seed} order"))
    if not items:
        raise BadInput(
            f"No row of {path.name if path else about.hub} is one of {about.title}.",
            "Check that it is that data set.",
        )
    said = {"dataset": about.title, "source": path.name if path else about.hub}
    said |= {"revision": revision, "files": about.files if path is None else "", "seed": seed}
    said |= {"n": len(items), "of": total, "license": about.license}
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    text = json.dumps({**said, "rows": [row_of(item) for item in items]}, ensure_ascii=False)
    part.write_text(text, encoding="utf-8")
    part.replace(kept)
    say(f"{len(items):,} of {total:,} rows, seed {seed}, are in {kept}.")
    return kept


def body_of(name: str, file: Path, suite: str) -> dict[str, Any]:
    """Return what to ask for so that a sample becomes a suite."""
    about = PUBLISHED[name]
    said = json.loads(file.read_text(encoding="utf-8"))
    del said["rows"]
    card = (
        f"# {about.title}\n\n{about.said}\n\n{said['n']:,} of {said['of']:,} rows of "
        f"{said['source']}, drawn with seed {said['seed']}. Licence: {about.license}."
    )
    told = {"name": suite, "title": about.title, "criterion": about.criterion, "card": card}
    told |= {"license": about.license, "path": str(file.absolute()), "format": "json"}
    return told | {"origin": said}


def reservoir(
    found: Iterable[Row], n: int, rng: random.Random
) -> tuple[list[tuple[int, Row]], int]:
    """Draw n rows of a stream, each as likely as any other, and count them all."""
    chosen: list[tuple[int, Row]] = []
    total = 0
    for total, row in enumerate(found, 1):
        if len(chosen) < n:
            chosen.append((total, row))
        elif (place := rng.randrange(total)) < n:
            chosen[place] = (total, row)
    return sorted(chosen, key=lambda one: one[0]), total


def _numbered(
    name: str, about: Published, chosen: list[tuple[int, Row]], rng: random.Random
) -> list[Item]:
    """Make the items; what has no id of its own is called by its place in the data set."""
    from dataclasses import replace

    made = [(place, about.made(row, rng)) for place, row in chosen]
    return [
        item if item.id else replace(item, id=f"{name}-{place}")
        for place, item in made
        if item is not None
    ]


@contextmanager
def _opened(about: Published, path: Path | None) -> Iterator[tuple[Iterator[Row], str]]:
    if path is None:
        with hub.opened(about.hub, about.files) as (found, revision):
            yield found, revision
        return
    with _unpacked(path) as plain:
        yield (row for _, row in rows(plain, form_of(plain.name)) if isinstance(row, dict)), ""


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    if path.suffix != ".gz" or not path.is_file():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as out:
                shutil.copyfileobj(packed, out)
        except (OSError, EOFError) as error:
            raise BadInput(f"{path.name} is not a whole gzip file.", "Get it again.") from error
        yield plain


def _pairs(value: Any, first: str, second: str) -> list[tuple[str, Any]]:  # noqa: ANN401
    """Return pairs that are written as two lists in an object, or as a list of pairs."""
    if isinstance(value, dict):
        return list(zip(map(str, value.get(first) or ()), value.get(second) or (), strict=False))
    return [(str(each[0]), each[1]) for each in value or () if len(each) == 2]
