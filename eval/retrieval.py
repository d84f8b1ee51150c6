"""How well an index brings back what queries ask for, mode by mode.

It knows queries with the ids of what is relevant, and an index by name; it asks the running app,
or opens the index itself where none runs. It does not know how the index was made or searched.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput, OwnedElsewhere
from core.measure.ranking import estimates, metrics
from core.retrieval.found import MODES, Mode, Query
from core.server import handover
from core.settings import Settings
from core.store.connection import Store
from core.store.lock import Lock, owner_of

if TYPE_CHECKING:
    from eval.commands import Commands

DEPTH = 20
SHOWN = ("recall@1", "recall@5", "recall@10", "recall@20", "mrr@10", "ndcg@10")
WAIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A query with the ids of the chunks that are relevant to it."""

    query: str
    relevant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a search gave: ids, best first; the mode that ran, and why where it is another."""

    ids: tuple[str, ...]
    used: str
    notice: str = ""


Ask = Callable[[str, Mode], Told]


def register(commands: "Commands") -> None:
    """Add the command."""
    one = commands.add_parser("retrieval", help="how well an index brings back what is asked for")
    one.add_argument("--queries", type=Path, required=True, metavar="FILE.jsonl")
    one.add_argument("--index", required=True, help="the name of an index (python -m ingest list)")
    one.add_argument("--mode", action="append", choices=MODES, help="only this; may be repeated")
    one.add_argument("--json", type=Path, metavar="OUT", help="where to write the figures")
    one.set_defaults(run=_measured)


def _measured(asked: argparse.Namespace, settings: Settings) -> int:
    queries = read(asked.queries)
    with asking(settings, asked.index) as ask:
        found = evaluate(queries, ask, asked.mode or MODES)
    document = {"index": asked.index, "queries": len(queries), "modes": found}
    if asked.json:
        asked.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{table(found)}\n")
    return 0


def table(found: dict[str, dict[str, Any]]) -> str:
    """Return the modes as rows; one that could not run says why."""
    rows = [f"{'mode':<10}" + "".join(f"{name:>11}" for name in SHOWN)]
    for mode, figures in found.items():
        cells = "".join(f"{figures[name]:>11.3f}" for name in SHOWN if name in figures)
        rows.append(f"{mode:<10}" + (cells or f"  {figures['why']}"))
    return "\n".join(rows)


def read(file: Path) -> list[Asked]:
    """Return the queries of a JSONL file, or say in which line one is wrong."""
    found: list[Asked] = []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file.name} cannot be read: {error}.", "Check the file's name.") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(_asked(line, f"Line {number} of {file.name}"))
    if not found:
        raise BadInput(f"{file.name} holds no query.", "Write one JSON object on each line.")
    return found


def evaluate(queries: Sequence[Asked], ask: Ask, modes: Sequence[Mode] = MODES) -> dict[str, Any]:
    """Return the figures of every mode, each with its interval; a mode that cannot run says why."""
    return {mode: _mode(queries, ask, mode) for mode in modes}


@contextmanager
def asking(settings: Settings, index: str) -> Iterator[Ask]:
    """Yield a way to search the index: through the app that owns DATA_DIR, or as its owner."""
    owner = owner_of(settings.data_dir)
    if owner is None:
        try:
            lock = Lock.acquire(settings.data_dir, "")
        except OwnedElsewhere:
            # Somebody became the owner between the look and the grip.
            owner = owner_of(settings.data_dir)
            if owner is None:
                raise
        else:
            try:
                yield from _alone(settings, index)
            finally:
                lock.release()
            return

    def remote(text: str, mode: Mode) -> Told:
        body = {"query": text, "corpus": index, "mode": mode, "top_k": DEPTH}
        told = handover.ask(owner, "POST", ("retrieve",), body, WAIT_S)
        # Below the relevance floor the best are told as misses; a ranking is judged all the same.
        ids = [hit["id"] for hit in told["hits"] or told["misses"]]
        return Told(tuple(ids), told["used"], told["notice"])

    yield remote


def _alone(settings: Settings, index: str) -> Iterator[Ask]:
    from core.retrieval.library import Library

    store = Store.open(settings.data_dir, settings.store_memory)
    library = Library(settings, store)

    def local(text: str, mode: Mode) -> Told:
        found = library.search(Query(text, index, mode, DEPTH))
        ids = [hit.chunk.id for hit in found.hits or found.misses]
        return Told(tuple(ids), found.used, found.notice)

    try:
        library.warm(index)
        yield local
    finally:
        library.close()
        store.close()


def _mode(queries: Sequence[Asked], ask: Ask, mode: Mode) -> dict[str, Any]:
    rows = []
    for asked in queries:
        told = ask(asked.query, mode)
        if told.used != mode:
            return {"queries": 0, "why": told.notice}
        place = {id: rank for rank, id in reversed([*enumerate(told.ids, 1)])}
        rows.append(metrics([place.get(id) for id in asked.relevant]))
    found = estimates(rows)
    return {
        "queries": len(rows),
        **{name: one.mean for name, one in found.items()},
        "intervals": {name: [one.low, one.high] for name, one in found.items()},
    }


def _asked(line: str, where: str) -> Asked:
    hint = 'Write {"query": "…", "relevant": ["id", …]}.'
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadInput(f"{where} is not JSON.", hint) from error
    query = row.get("query") if isinstance(row, dict) else None
    relevant = row.get("relevant") if isinstance(row, dict) else None
    if not isinstance(query, str) or not query.strip():
        raise BadInput(f"{where} has no query.", hint)
    if not isinstance(relevant, list) or not relevant:
        raise BadInput(f"{where} does not say what is relevant.", hint)
    return Asked(query, tuple(dict.fromkeys(str(id) for id in relevant)))
