"""Whether the words of an answer stand in its evidence.

It compares text with text. It does not know how an answer was made, and it cannot tell whether
what stands there is true.
"""

import re
from collections.abc import Sequence

from core.documents import Evidence, header
from core.retrieval.lexical import tokens

REFUSAL = "the retrieved context does not say"
SHARE = 0.7
_SPAN = re.compile(r"`([^`\n]+)`")
_CITE = re.compile(r"\[(\d+)\]")


def citations(answer: str, count: int) -> tuple[int, ...]:
    """Return the numbers an answer cites, in order, of those that there are."""
    found = dict.fromkeys(int(n) for n in _CITE.findall(answer))
    return tuple(n for n in found if 1 <= n <= count)


def is_talk(answer: str) -> bool:
    """Say whether an answer cites nothing and names nothing: small talk, or about the product."""
    return not (_CITE.search(answer) or _SPAN.search(answer) or REFUSAL in answer.lower())


def is_supported(answer: str, evidence: Sequence[Evidence]) -> bool:
    """Say whether what an answer names stands in what it cites, and most of its words too.

    An answer that cites nothing is compared with all of its evidence; one that says that the
    evidence does not tell claims nothing.
    """
    if REFUSAL in answer.lower():
        return True
    cited = citations(answer, len(evidence)) or range(1, len(evidence) + 1)
    shown = "\n".join(_shown(evidence[n - 1], n) for n in cited)
    flat = "".join(shown.split())
    if not all("".join(span.split()) in flat for span in _SPAN.findall(answer)):
        return False
    words = set(tokens(_CITE.sub("", answer)))
    return len(words & set(tokens(shown))) >= SHARE * len(words)


def _shown(evidence: Evidence, n: int) -> str:
    return f"{header(evidence.chunk, n)}\n{evidence.chunk.text}"
