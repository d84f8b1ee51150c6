"""An ingest as its worker does it: read and cut, rank by words, embed; asking the owner between.

It knows the order of the steps. The database, the indexes and what is served are the owner's,
who answers from ingest/intake.py.
"""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import Corrupt, Stopped
from core.jobs.work import Work
from core.settings import Settings, load
from ingest import parts
from ingest.chunk.cutting import cutting
from ingest.exchange import Asking, whole
from ingest.found import Caps
from ingest.pipeline import Parts, Tally, read
from ingest.sources import Source, opened

if TYPE_CHECKING:
    import pyarrow as pa

LEXICAL = "lexical"
SEEN = "seen.json"
PIECES = "pieces.parquet"
# Shares of the bar. What embedding takes beside the rest differs from corpus to corpus.
READ_TO, INDEXED_TO, SPLIT_TO, EMBEDDED_TO = 0.06, 0.1, 0.14, 0.97

Say = Callable[[float | None, str], None]


def run(work: Work) -> None:
    """Do one attempt at an ingest."""
    asking = Asking(work)
    known = asking.ask("known")["files"]
    tally, revision = _read(work, known)
    whole(work.folder / SEEN, json.dumps(tally.paths).encode())
    told = asking.ask("read", revision=revision, tally=tally.summary())
    if told["unchanged"]:
        return
    rows = parts.read_rows(work.folder / told["rows"])
    took = _index(work, rows, told["lexical"]) if told["index"] else {}
    wanted = asking.ask("indexed", seconds=took, built=told["index"])["wanted"]
    if wanted:
        _embed(work, asking, rows, frozenset(_names(work.folder / wanted)))


def _read(work: Work, known: dict[str, str]) -> tuple[Tally, str]:
    source = Source.read(work.args["source"])
    say = _saying(work, 0.0, READ_TO)
    began = time.perf_counter()
    with opened(
        source,
        work.folder,
        Caps.of(_settings(work)),
        say=lambda text: say(None, text),
        stop=work.cancelled,
    ) as tree:
        fetched = time.perf_counter() - began
        out = Parts(work.folder, work.emit)
        tally = read(tree, known, cutting(work.args["cutting"]), out, say)
        tally.seconds["fetch"] = fetched
        return tally, tree.revision


def _index(work: Work, rows: "pa.Table", earlier: str) -> dict[str, float]:
    """Build the word index of all rows in the job's folder, from an earlier one if it can."""
    from core.retrieval.lexical import LexicalIndex

    work.report(READ_TO, f"Building the word index of {len(rows):,} chunks.")
    began = time.perf_counter()
    folder = work.folder / LEXICAL
    shutil.rmtree(folder, ignore_errors=True)
    columns = {name: rows[name].to_pylist() for name in ("id", "path", "symbol", "context", "text")}
    try:
        index = LexicalIndex.open(Path(earlier)).updated(columns) if earlier else None
    except Corrupt:
        index = None
    (index or LexicalIndex.build(columns)).save(folder)
    work.report(INDEXED_TO, "The word index is built.")
    return {"lexical": time.perf_counter() - began}


def _embed(work: Work, asking: Asking, rows: "pa.Table", wanted: frozenset[str]) -> None:
    """Split and embed the wanted chunks; only what no corpus has embedded yet is computed."""
    import pyarrow as pa

    from core.retrieval.embed import open_embedder
    from ingest import embedding

    began = time.perf_counter()
    embedder = open_embedder(_settings(work))
    rows = rows.filter(pa.array([id in wanted for id in rows["id"].to_pylist()]))
    places, texts = embedding.split(embedder, rows, _saying(work, INDEXED_TO, SPLIT_TO))
    parts.write_pieces(work.folder / PIECES, places)
    took = {"split": time.perf_counter() - began}
    missing = _names(work.folder / asking.ask("split")["missing"])
    say = _saying(work, SPLIT_TO, EMBEDDED_TO)
    lacking = {digest: texts[digest] for digest in missing}
    took |= embedding.embed(embedder, lacking, work.folder, work.emit, say)
    work.report(EMBEDDED_TO, "Writing the vector index.")
    asking.ask("embedded", seconds=took, embedded=len(lacking))


def _saying(work: Work, start: float, end: float) -> Say:
    """Return what tells a step's fraction as one of the whole, and ends when asked to."""

    def say(fraction: float | None, text: str) -> None:
        if work.cancelled():
            raise Stopped("The ingest was asked to end.")
        work.report(None if fraction is None else start + fraction * (end - start), text)

    return say


def _settings(work: Work) -> Settings:
    return load({**work.args["settings"], "host": "127.0.0.1"}, env_file=None)


def _names(path: Path) -> list[str]:
    return json.loads(path.read_text(encoding="utf-8"))
