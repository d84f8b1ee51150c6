"""Follow-up questions made to stand alone, so that a search finds what they are about.

It knows by which words a question leans on the one before. It calls no model: what is searched
can be told word for word, and is the same every time.
"""

import re
from collections.abc import Sequence

from core.messages import Message

CODE = re.compile(r"\w_\w|[a-z][A-Z]|[A-Z][a-z]+[A-Z]|\w\(|\w\.\w|`")
SHORT = 4
_LEANS = re.compile(
    r"\b(it|its|that|this|they|them|their|those|these|one)\b|^(and|but|or|what about|how about)\b",
    re.IGNORECASE,
)
_TICKED = re.compile(r"`([^`\n]+)`")
_EDGES = "?.,:;!\"'"


def names_code(question: str) -> bool:
    """Say whether a question is written with a name from code, such as `from_pretrained`."""
    return bool(CODE.search(question))


def standalone(messages: Sequence[Message]) -> str:
    """Return the last question, with what it is about before it where it leans on earlier ones."""
    question = messages[-1].content.strip()
    earlier = [m for m in messages[:-1] if m.role != "system"]
    if not earlier or names_code(question) or not _leans(question):
        return question
    about = _about(earlier)
    return f"{about}: {question}" if about else question


def _leans(question: str) -> bool:
    return bool(_LEANS.search(question)) or len(question.split()) <= SHORT


def _about(earlier: Sequence[Message]) -> str:
    """Return the names in the last question that has any, else the first one its answer gives."""
    for message in reversed(earlier):
        found = _names(message.content) if message.role == "user" else _ticked(message.content)
        if found:
            return " ".join(found)
    return next((m.content.strip() for m in reversed(earlier) if m.role == "user"), "")


def _names(text: str) -> list[str]:
    words = (word.strip(_EDGES) for word in text.split())
    return list(dict.fromkeys(word.strip("`") for word in words if CODE.search(word)))


def _ticked(text: str) -> list[str]:
    return _TICKED.findall(text)[:1]
