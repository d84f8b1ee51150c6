"""What the terminal says once it is known what answers: each fact once, a sentence a line.

It puts a state into words. It does not print and decides nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models.catalog import ModelState
    from core.store.connection import Store


def announced(state: "ModelState", store: "Store") -> list[str]:
    """Return what was found damaged, then what answers and why."""
    return [*store.notices, f"Answers: {_answers(state)}"]


def _answers(state: "ModelState") -> str:
    card = state.card
    hints = dict.fromkeys(error.hint for error in state.missed if error.hint)
    if card is None:
        hint = state.error.hint if state.error else ""
        return f"none yet. {state.why} {hint}".rstrip()
    if state.missed:
        return " ".join((f"{card.label}. {state.why}", *hints))
    if card.kind == "quote":
        return f"{card.label}, because {_inside(state.why)}"
    if card.kind == "endpoint":
        return f"{card.label} ({card.server})."
    return f"{card.label}. {state.why}"


def _inside(sentence: str) -> str:
    """Return a sentence as the second half of another; names of settings keep their capitals."""
    first = sentence.split("=")[0].split(" ")[0]
    return sentence if first.isupper() else sentence[:1].lower() + sentence[1:]
