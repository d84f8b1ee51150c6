"""Queries to start from: written ones for a corpus we know, those of the report for any other.

It knows corpora by their source. It does not search.
"""

from core.records import Corpus

WRITTEN = {
    "transformers": (
        "Where is the learning rate scheduler stepped during training?",
        "stop generating when a string appears",
        "apply_rotary_pos_emb",
        "How are chat templates rendered?",
        "split a long audio file into chunks",
        "TrainerCallback on_log",
    ),
}
MOST = 6


def examples(corpus: Corpus | None) -> tuple[str, ...]:
    """Return queries that are answered by this corpus; none where none is known."""
    if corpus is None or not corpus.generation:
        return ()
    place = str(corpus.source.get("place") or "").rpartition("/")[2].removesuffix(".git")
    if corpus.source.get("kind") in ("package", "git") and place in WRITTEN:
        return WRITTEN[place]
    return tuple(map(str, corpus.report.get("examples") or ()))[:MOST]
