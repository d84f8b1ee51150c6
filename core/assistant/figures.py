"""What a conversation weighs: characters, tokens, share of the context, memory of this process.

It adds up what was measured. What no model call told stays None, never zero.
"""

from collections.abc import Sequence
from typing import Any

from core.messages import ModelCard
from core.records import ChatMessage
from core.telemetry.process import rss_bytes

MB = 1024 * 1024


def figures(messages: Sequence[ChatMessage], card: ModelCard | None) -> dict[str, Any]:
    """Return the figures of a chat; tokens are those of its last answer, prompt included."""
    last = next((m.details for m in reversed(messages) if m.role == "assistant"), {})
    read, written = last.get("tokens_in"), last.get("tokens_out")
    characters = sum(len(m.content) for m in messages)
    return weighed(characters, read, written, card, last.get("tokens_reused"))


def weighed(
    characters: int,
    read: int | None,
    written: int | None,
    card: ModelCard | None,
    reused: int | None = None,
) -> dict[str, Any]:
    """Return the figures of so many characters and of the call that read them all.

    Of its tokens `reused` were not read again, as their keys and values were still there.
    """
    tokens = None if read is None or written is None else read + written
    whole = card.context_length if card else None
    return {
        "context_chars": characters,
        "tokens": tokens,
        "tokens_reused": reused,
        "context_length": whole,
        "context_use": None if tokens is None or not whole else tokens / whole,
        "process_rss_mb": round(rss_bytes() / MB, 1),
    }


def markdown(title: str, messages: Sequence[ChatMessage]) -> str:
    """Return a chat as Markdown, each answer with the model and the places it stands on."""
    parts = [f"# {title}"]
    for message in messages:
        if message.role == "user":
            parts.append(f"## Question\n\n{message.content}")
            continue
        told = message.details
        by = " · ".join(str(told[name]) for name in ("model", "method") if told.get(name))
        parts.append(f"## Answer{f' ({by})' if by else ''}\n\n{message.content}")
        places = [
            f"- [{e['n']}] {e['path']}:{e['first_line']}-{e['last_line']}"
            for e in told.get("evidence") or []
        ]
        if places:
            parts.append("\n".join(places))
    return "\n\n".join(parts) + "\n"
