"""The line under a conversation that says what it weighs: messages, context, memory.

It knows words and order. It is handed figures and measures nothing; what nobody measured it
says so, with the reason.
"""

from collections.abc import Mapping
from typing import Any

from core.memory.kept import Memory
from core.present.numbers import count, percent, size
from core.telemetry.pages import Told
from pages._html import badge, tip

HOW = (
    "Messages are counted, tokens are those of the last answer with its prompt, and memory is what "
    "the model holds of this chat now: its keys and values"
)
NO_COUNT = "The model told no token counts."
OF_ALL = "The server tells it of all chats together on its page of figures."


def line(messages: int, weighs: Mapping[str, Any], memory: Memory | str, told: Told) -> str:
    """Return the line; a text instead of memory is the reason why it is not measured."""
    known, unknown = [count(messages, "message")], {}
    if weighs.get("tokens") is None:
        unknown["context"] = NO_COUNT
    else:
        known.append(_context(weighs["tokens"], weighs.get("context_length")))
    if isinstance(memory, Memory):
        known += _places(memory)
    else:
        unknown["memory"] = memory
    share = told.figure("kv_use")
    if share is not None and not isinstance(memory, Memory):
        known.append(f"the server’s cache {percent(share)} full {tip('What that is', OF_ALL)}")
    known[-1] += f" {badge('measured', HOW)}"
    if unknown:
        why = tip("Why", " ".join(unknown.values()))
        known.append(f"{' and '.join(unknown)} not measured {why}")
    rows = "".join(f"<li>{part}</li>" for part in known)
    return f'<ul class="weights" aria-label="What this chat weighs">{rows}</ul>'


def _context(tokens: int, whole: int | None) -> str:
    if not whole:
        return f"{count(tokens, 'token')} of context"
    return f"{tokens:,} of {whole:,} tokens of context"


def _places(memory: Memory) -> list[str]:
    """Return where the keys and values of the chat lie."""
    tiers = memory.tiers
    places = []
    if tiers.vram:
        places.append(f"{size(tiers.vram)} on the card")
    if tiers.ram or not tiers.vram:
        places.append(f"{size(tiers.ram)} in memory")
    if memory.keeper == "flash":
        places.append(f"{size(tiers.flash)} on flash")
    return places
