"""Answers as they are compared: normalised words, whole-word search, and what is a refusal.

It knows how the SQuAD metric folds a text, and what has to go first from an answer about code:
citations and backticks. It does not know what is right.
"""

import re
import string
from functools import lru_cache

from core.assistant.support import REFUSAL

_CITE = re.compile(r"\s*\[\d+\]")
_FENCE = re.compile(r"^[ \t]*(?:`{3,}|~{3,})[^\n]*$", re.M)
_ARTICLE = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_REFUSALS = re.compile(
    r"\b(?:i (?:do not|don't|cannot|can't|am unable to|am not able to) "
    r"(?:know|answer|tell|find|determine|say)\b"
    r"|(?:the |this |these )?(?:\w+ )?(?:context|evidence|passages?|documents?|sources?|text|code) "
    r"(?:does not|do not|doesn't|don't) (?:say|tell|contain|mention|provide|specify|include|hold)\b"
    r"|not (?:mentioned|stated|specified|given|found|answerable) (?:in|by|from) "
    r"(?:the |this |these )?(?:\w+ )?(?:context|evidence|passages?|documents?|sources?|text)\b"
    r"|unanswerable\b|no answer\b)"
)
# A refusal stands at the start; deeper in, the same words only qualify what was answered.
_OPENING = 160


def plain(answer: str) -> str:
    """Return an answer without citations, code fences and backticks."""
    return _CITE.sub("", _FENCE.sub("", answer)).replace("`", "").strip()


def normalised(text: str) -> str:
    """Return a text as SQuAD compares it: no case, punctuation, articles, or odd spaces."""
    bare = plain(text).lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLE.sub(" ", bare).split())


def tokens(text: str) -> list[str]:
    """Return the words of a normalised text."""
    return normalised(text).split()


def folded(text: str) -> str:
    """Return a text for whole-word search: no case, single spaces, punctuation kept."""
    return " ".join(plain(text).casefold().split())


def holds(answer: str, reference: str) -> bool:
    """Say whether an answer holds a reference as whole words, or as a whole number."""
    wanted = folded(reference)
    return bool(wanted) and _whole(wanted).search(folded(answer)) is not None


def is_refusal(answer: str) -> bool:
    """Say whether an answer declines to answer."""
    opening = folded(answer)[:_OPENING].replace("’", "'")
    return REFUSAL in opening or _REFUSALS.search(opening) is not None


@lru_cache(maxsize=4096)
def _whole(wanted: str) -> re.Pattern[str]:
    """Match where no word, and no digit of the same number, goes on before or after."""
    before = r"(?<!\w)(?<!\d[.,])" if wanted[0].isalnum() or wanted[0] == "_" else ""
    before += r"(?<!-)" if wanted[0].isdigit() else ""
    after = r"(?!\w)(?![.,]\d)" if wanted[-1].isalnum() or wanted[-1] == "_" else ""
    return re.compile(before + re.escape(wanted) + after)
