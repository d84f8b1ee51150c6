"""Items, samples and scores as plain documents, and back: in journals, in tables, over loopback.

It knows their fields. What is missing in an older document is taken as it usually is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from core.documents import Chunk, Evidence, Mark
from core.messages import ToolCall, Usage
from core.records import Gold, Item, Sample, Score

Told = dict[str, Any]


def packed(value: Item | Sample | Score | Evidence | Chunk) -> Told:
    """Return it as plain values."""
    return asdict(value)


def item_of(told: Mapping[str, Any]) -> Item:
    """Return an item from its document."""
    gold = tuple(
        Gold(each["path"], _pair(each.get("span")), each.get("symbol", ""))
        for each in told.get("gold", ())
    )
    lists = {name: _texts(told, name) for name in ("references", "choices", "contexts")}
    return Item(**{**told, **lists, "gold": gold})


def sample_of(told: Mapping[str, Any]) -> Sample:
    """Return a sample from its document."""
    return Sample(
        **{
            **told,
            "evidence": tuple(evidence_of(each) for each in told.get("evidence", ())),
            "marks": tuple(mark_of(each) for each in told.get("marks", ())),
            "usage": tuple(usage_of(each) for each in told.get("usage", ())),
            "steps": tuple(told.get("steps", ())),
            "prompts": _texts(told, "prompts"),
            "notices": _texts(told, "notices"),
        }
    )


def score_of(told: Mapping[str, Any]) -> Score:
    """Return a score from its document."""
    return Score(**told)


def evidence_of(told: Mapping[str, Any]) -> Evidence:
    """Return a piece of evidence from its document."""
    return Evidence(chunk_of(told["chunk"]), told["score"], tuple(told["found_by"]))


def mark_of(told: Mapping[str, Any]) -> Mark:
    """Return the mark of a sentence from its document."""
    return Mark(**{**told, "chunks": tuple(told["chunks"]), "lines": tuple(told["lines"])})


def chunk_of(told: Mapping[str, Any]) -> Chunk:
    """Return a chunk from its document."""
    return Chunk(**{**told, "names": _texts(told, "names"), "span": tuple(told["span"])})


def usage_of(told: Mapping[str, Any]) -> Usage:
    """Return what a call cost from its document."""
    calls = tuple(ToolCall(**call) for call in told.get("calls", ()))
    return Usage(**{**told, "notices": _texts(told, "notices"), "calls": calls})


def _texts(told: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(told.get(name, ()))


def _pair(span: Sequence[int] | None) -> tuple[int, int] | None:
    return (span[0], span[1]) if span else None
