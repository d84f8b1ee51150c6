"""What a model is shown first: which chunks, which of their lines, and how large the parts may be.

It compares words with words. It does not cut; core/documents.py does.
"""

from core.documents import Chunk, Evidence
from core.retrieval.lexical import tokens

LARGEST = 1_200
SHARE = 8
UNKNOWN = 4_096
ANCHORS = 2
FAR = 2


def matching(chunk: Chunk, question: str) -> list[int]:
    """Return the lines of a chunk that share the most words with a question."""
    wanted = set(tokens(question))
    shared = [len(wanted & set(tokens(row))) for row in chunk.text.splitlines()]
    best = max(shared, default=0)
    return [i for i, count in enumerate(shared) if count == best > 0][:ANCHORS]


def named(evidence: Evidence, question: str) -> bool:
    """Say whether a question names the definition that a chunk holds."""
    return distance(evidence, question) < FAR


def distance(evidence: Evidence, question: str) -> int:
    """Return 0 where a question names a chunk's definition in full, 1 by its last part, else 2.

    What makes a class is named with the class: its parameters are asked for by its name.
    """
    symbol = evidence.chunk.symbol.removesuffix(".__init__")
    said = {word.strip("`?.,:;()") for word in question.split()}
    if not symbol or said.isdisjoint((symbol, symbol.rpartition(".")[2])):
        return FAR
    return 0 if symbol in said else 1
