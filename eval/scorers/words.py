"""Answers as they are compared: normalised words, whole-word search, and what is a refusal.

It knows how the SQuAD metric folds a text, and what has to go first from an answer about code:
citations and backticks. It does not know what is right.
"""

import re
import string

from core.assistant.support import REFUSAL

_CITE = re.compile(r"[ \t]?\[\d+\]")
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
_INNER = re.compile(r"[.,]\d")
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
    said, wanted = folded(answer), folded(reference)
    at = said.find(wanted) if wanted else -1
    while at >= 0:
        if _stands_alone(said, at, at + len(wanted)):
            return True
        at = said.find(wanted, at + 1)
    return False


def is_refusal(answer: str) -> bool:
    """Say whether an answer declines to answer."""
    opening = folded(answer)[:_OPENING].replace("’", "'")
    return REFUSAL in opening or _REFUSALS.search(opening) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether no word, and no number, goes on before or after a part of a text."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    first, last = text[start], text[end - 1]
    if first.isdigit() and before.endswith("-"):
        return False
    if _is_word(first) and (_is_word(before[-1:]) or _INNER.fullmatch(before[::-1])):
        return False
    return not (_is_word(last) and (_is_word(after[:1]) or _INNER.fullmatch(after)))


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
