"""What is told of an ingest: counts, sizes, times, canaries, and whether the source has moved on.

It knows how a report is put together and how it reads in a terminal. It decides nothing.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.present.numbers import count, size
from core.present.times import moment, seconds
from core.records import Corpus
from core.store.values import now
from ingest.sources import Source, revision

if TYPE_CHECKING:
    import pyarrow as pa

# About what documents.approximate_tokens counts, in what Arrow's regular expressions can say.
_TOKENS = r"\d|_*[A-Z]?[a-z]+|_*[A-Z]+|\n *|[^\w\s]+|[^\x00-\x7f]"
STAGES = {
    "fetch": "fetching",
    "find": "finding files",
    "read": "reading",
    "cut": "cutting",
    "write": "handing over",
    "lexical": "word index",
    "split": "splitting",
    "embed": "embedding",
    "vectors": "vector index",
    "total": "in all",
}


def of_files(tally: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return what a worker met, as it stands in a report."""
    skipped = dict(tally["skipped"])
    return {
        "revision": at,
        "files": {
            "seen": tally["seen"],
            "indexed": tally["indexed"],
            "changed": tally["cut"],
            "skipped": sum(skipped.values()),
            "failed": tally["failures"],
        },
        "skipped": skipped,
        "folders": dict(tally["folders"]),
        "failed": list(tally["failed"]),
        "bytes": tally["bytes"],
    }


def of_rows(rows: "pa.Table") -> dict[str, Any]:
    """Return what the chunks of a generation add up to."""
    import pyarrow.compute as compute

    counts = compute.call_function(
        "count_substring_regex", [rows["text"]], compute.MatchSubstringOptions(_TOKENS)
    )
    return {
        "chunks": len(rows),
        "tokens": compute.call_function("sum", [counts]).as_py() or 0,
        "languages": _counted(rows, "language"),
        "kinds": _counted(rows, "kind"),
    }


def of_folder(folder: Path) -> int:
    """Return how many bytes the files in a folder take."""
    sizes = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            sizes += path.stat().st_size if path.is_file() else 0
    return sizes


def freshness(
    source: Source, report: Mapping[str, Any], paths: Iterable[str] = ()
) -> dict[str, Any]:
    """Return whether a source is still as it was read; `paths` are a folder's indexed files."""
    stale, said = _moved(source, report, paths)
    return {"checked": now().isoformat(), "stale": stale, "said": said}


def _moved(source: Source, report: Mapping[str, Any], paths: Iterable[str]) -> tuple[bool, str]:
    at = report.get("revision", "")
    if source.kind == "package":
        installed = revision(source)
        if not installed:
            return True, f"{source.title} {at} is indexed; it is not installed any more."
        if installed != at:
            return True, f"{source.title} {at} is indexed; {installed} is installed."
        return False, f"{source.title} {at} is indexed, and it is what is installed."
    if source.kind in ("git", "hub"):
        which = f" at {at[:12]}" if at else ""
        return False, f"Fetched{which}; whether it has moved on since is not looked up."
    place = Path(source.place)
    files = [place / path for path in paths] if source.kind == "folder" else [place]
    since = datetime.fromisoformat(str(report["started"])).timestamp()
    changed = sum(_changed(path, since) for path in files)
    if changed:
        return True, f"{count(changed, 'file')} changed or vanished since it was read."
    return False, "No file of it has changed since it was read."


def _changed(path: Path, since: float) -> bool:
    try:
        return path.stat().st_mtime > since
    except OSError:
        return True


def text(corpus: Corpus) -> str:
    """Return a corpus with its report, as a terminal shows it."""
    report = corpus.report
    state = {"ready": "by words and by meaning", "lexical": "by words"}.get(corpus.state)
    rows = [
        ("index", f"{corpus.name}, generation {corpus.generation}"),
        ("source", f"{corpus.title} {report.get('revision', '')}".strip()),
        ("searchable", state or f"no ({corpus.state})"),
        *_counts(report),
        *_times(report),
        *_canaries(report),
        ("freshness", report.get("freshness", {}).get("said", "")),
        ("finished", _when(report.get("finished"))),
        *_refused(report.get("refused")),
        ("trouble", corpus.error or ""),
    ]
    return "\n".join(f"{name:<12}{said}" for name, said in rows if said)


def listed(corpus: Corpus) -> str:
    """Return a corpus in one line."""
    chunks = count(corpus.report.get("chunks"), "chunk")
    return f"{corpus.name:<24}{corpus.state:<10}{chunks:<20}{corpus.title}"


def _counts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    files = report.get("files")
    if not files:
        return []
    rows = [
        (
            "files",
            f"{files['seen']:,} seen, {files['indexed']:,} indexed "
            f"({files['changed']:,} new or changed), {files['skipped']:,} skipped, "
            f"{files['failed']:,} failed",
        )
    ]
    for row, noun in (("skipped", "file"), ("folders", "folder")):
        if report.get(row):
            rows.append(("skipped", ", ".join(_each(report[row], noun))))
    rows += [("failed", f"{each['path']}: {each['why']}") for each in report["failed"]]
    rows.append(("chunks", f"{report['chunks']:,} of about {count(report['tokens'], 'token')}"))
    held = f"{size(report['bytes'])} of source"
    index = report.get("index_bytes")
    rows.append(("size", f"{held}, {size(index)} of index files" if index else held))
    if report.get("embedder"):
        embedded = report.get("embedded")
        new = "" if embedded is None else f", {embedded:,} pieces newly embedded"
        rows.append(("embedder", f"{report['embedder']}{new}"))
    return rows


def _each(reasons: Mapping[str, int], noun: str) -> list[str]:
    return [f"{count(n, noun)} {reason}" for reason, n in reasons.items()]


def _times(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    took = report.get("seconds", {})
    said = [f"{STAGES[stage]} {seconds(took[stage])}" for stage in STAGES if stage in took]
    return [("time", ", ".join(said))] if said else []


def _canaries(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    songs = report.get("canaries", [])
    passed = sum(song["passed"] for song in songs)
    rows = [("canaries", f"{passed} of {len(songs)} queries found their chunk")] if songs else []
    return rows + [("missed", song["said"]) for song in songs if not song["passed"]]


def _refused(refused: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    if not refused:
        return []
    rows = [("refused", f"{_when(refused['finished'])}: {refused['said']}")]
    return rows + [("missed", song["said"]) for song in refused["canaries"] if not song["passed"]]


def _when(text: str | None) -> str:
    return moment(datetime.fromisoformat(text)) if text else ""


def _counted(rows: "pa.Table", column: str) -> dict[str, int]:
    counts = {each["values"]: each["counts"] for each in rows[column].value_counts().to_pylist()}
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
