"""What a model is shown first: which chunks, which of their lines, and how large the parts may be.

It compares words with words. It does not cut; core/documents.py does.
"""

from core.documents import Chunk, Evidence
from core.retrieval.lexical import tokens

LARGEST = 1_200
SHARE = 8
UNKNOWN = 4_096
ANCHORS = 2


def matching(chunk: Chunk, question: str) -> list[int]:
    """Return the lines of a chunk that share the most words with a question."""
    wanted = set(tokens(question))
    shared = [len(wanted & set(tokens(row))) for row in chunk.text.splitlines()]
    best = max(shared, default=0)
    return [i for i, count in enumerate(shared) if count == best > 0][:ANCHORS]


def named(evidence: Evidence, question: str) -> bool:
    """Say whether a question names the definition that a chunk holds."""
    symbol = evidence.chunk.symbol
    said = {word.strip("`?.,:;()") for word in question.split()}
    return bool(symbol) and not said.isdisjoint((symbol, symbol.rpartition(".")[2]))
