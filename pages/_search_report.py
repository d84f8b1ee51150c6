"""The report of an ingest as HTML: what the corpus is made of, what was left out, how long it took.

It knows the keys of a report. What was not measured is a dash, never a zero.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.present.numbers import DASH, count, size
from core.present.times import seconds
from core.records import Corpus
from ingest.report import STAGES
from pages._html import badge, sentence, text, when

CUTTINGS = {
    "code": "by symbol",
    "window-800": "windows of 800 tokens",
    "window-512": "windows of 512 tokens",
    "window-256": "windows of 256 tokens",
    "window-128": "windows of 128 tokens",
}
KINDS = {
    "package": "installed package",
    "folder": "folder",
    "archive": "archive",
    "git": "repository",
    "hub": "Hub dataset",
    "corpus": "ready chunks",
}
ON_THIS_MACHINE = frozenset({"folder", "archive", "corpus"})
MOST_LISTED = 20
_COMMIT = re.compile(r"[0-9a-f]{40}")


def facts(corpus: Corpus, shared: bool) -> str:
    """Return what is known of a corpus, one line for each fact; strangers are told no folder."""
    rows = _facts(corpus, corpus.report, shared)
    lines = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f'<dl class="facts-list">{lines}</dl>'


def folds(report: Mapping[str, Any]) -> str:
    """Return the longer parts of the report, folded, each with its figure in the summary."""
    return "".join(
        (
            _skipped(report.get("skipped") or {}),
            _failed(report.get("failed") or ()),
            _timed(report.get("seconds") or {}),
            _canaries(report.get("canaries") or ()),
        )
    )


def _facts(corpus: Corpus, report: Mapping[str, Any], shared: bool) -> list[tuple[str, str]]:
    """Return what is known of a corpus; what was not measured is a dash."""
    files = report.get("files") or {}
    source = corpus.source
    kind = KINDS.get(str(source.get("kind")), str(source.get("kind") or ""))
    hidden = shared and source.get("kind") in ON_THIS_MACHINE
    place = "" if hidden else str(source.get("place") or "")
    from_where = ("Source", f"{text(kind)} {_breaking(place)}".strip() or DASH)
    if not report:
        return [from_where, ("Cut", _cutting(corpus.settings))]
    revision = report.get("revision")
    return [
        from_where,
        *([("Revision", _short(str(revision)))] if revision else ()),
        ("Freshness", _freshness(report.get("freshness") or {})),
        ("Files", _files(files)),
        ("Chunks", f"{count(report.get('chunks'))}, {_cutting(corpus.settings)}"),
        ("Text", f"{size(report.get('bytes'))}, {count(report.get('tokens'), 'token')}"),
        ("Embedder", text(report.get("embedder") or DASH)),
        ("Indexed", _indexed(report.get("finished"))),
    ]


def _cutting(settings: Mapping[str, Any]) -> str:
    """Return how the files were cut, in words where it is one of the presets."""
    cutting = settings.get("cutting") or ""
    name = str(cutting.get("name", "") if isinstance(cutting, Mapping) else cutting)
    return text(CUTTINGS.get(name, name)) or DASH


def _files(files: Mapping[str, Any]) -> str:
    parts = [f"{count(files.get('indexed'))} of {count(files.get('seen'))}"]
    if files.get("failed"):
        parts.append(f"{count(files['failed'])} failed")
    return ", ".join(parts)


def _short(revision: str) -> str:
    """Return a version whole and a commit as it is usually named."""
    return text(revision[:12] if _COMMIT.fullmatch(revision) else revision)


def _freshness(freshness: Mapping[str, Any]) -> str:
    if not freshness:
        return DASH
    mark = "◐ behind its source" if freshness.get("stale") else "✓ fresh"
    said = str(freshness.get("said") or "")
    return f'{mark}<br><span class="quiet">{text(sentence(said))}</span>' if said else mark


def _indexed(finished: object) -> str:
    try:
        return when(datetime.fromisoformat(str(finished)))
    except ValueError:
        return DASH


def _breaking(path: str) -> str:
    """Return a path or an address that may break after each slash."""
    return text(path).replace("/", "/<wbr>")


def _fold(title: str, told: str, body: str) -> str:
    return (
        f'<details class="fold"><summary>{title} <span class="quiet">{told}</span></summary>'
        f"{body}</details>"
    )


def _skipped(skipped: Mapping[str, int]) -> str:
    if not skipped:
        return ""
    rows = sorted(skipped.items(), key=lambda item: -item[1])
    body = "".join(
        f'<div><dt>{text(reason)}</dt><dd class="num">{count(n)}</dd></div>' for reason, n in rows
    )
    total = count(sum(skipped.values()), "file")
    return _fold("Skipped", total, f'<dl class="pairs">{body}</dl>')


def _failed(failed: Sequence[Mapping[str, Any]]) -> str:
    if not failed:
        return ""
    items = "".join(
        f"<li><code>{_breaking(str(one.get('path', '')))}</code> "
        f'<span class="quiet">{text(sentence(str(one.get("why", ""))))}</span></li>'
        for one in failed[:MOST_LISTED]
    )
    return _fold("Failed", count(len(failed), "file"), f'<ul class="listed">{items}</ul>')


def _timed(timed: Mapping[str, float]) -> str:
    stages = {name: value for name, value in timed.items() if name != "total"}
    if not stages:
        return ""
    longest = max(stages.values()) or 1
    body = "".join(
        f'<div><dt>{text(STAGES.get(name, name))}</dt><dd class="num">{seconds(value)}'
        f'<i class="share" style="width:{100 * value / longest:.0f}%"></i></dd></div>'
        for name, value in stages.items()
    )
    whole = seconds(timed.get("total", sum(stages.values())))
    mark = badge("measured", "Timed on this machine, during the last ingest")
    return _fold("Time", f"{whole} {mark}", f'<dl class="pairs timed">{body}</dl>')


def _canaries(canaries: Sequence[Mapping[str, Any]]) -> str:
    if not canaries:
        return ""
    passed = sum(1 for one in canaries if one.get("passed"))
    items = "".join(
        f'<li><span class="{"ok" if one.get("passed") else "down"} mark">'
        f"{'✓' if one.get('passed') else '✕'}</span> {text(one.get('query', ''))}"
        + (
            f' <span class="quiet">{text(sentence(str(one["said"])))}</span>'
            if one.get("said") and not one.get("passed")
            else ""
        )
        + "</li>"
        for one in canaries
    )
    told = f"{passed} of {len(canaries)} passed"
    note = (
        '<p class="quiet">Queries whose answer is known. A new index is served only if they '
        "find it.</p>"
    )
    return _fold("Checks", told, f'{note}<ul class="listed">{items}</ul>')
