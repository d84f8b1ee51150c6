"""Which method answers and what it searches, as fields of the drawer and back.

It knows labels and choices. It does not know how a method works.
"""

from typing import cast

import gradio as gr

from core.assistant.way import DEFAULT, METHODS, MOST_PASSAGES, Method, Way
from core.records import Corpus
from core.retrieval.found import MODES, Mode

# What a field of the page may hold.
Value = str | float | None
LABELS: dict[Method, str] = {
    "rag": "From evidence",
    "chat": "Conversation",
    "naive": "Model alone",
    "cot": "Step by step",
    "agent": "Agent",
}
DOES: dict[Method, str] = {
    "rag": "search, answer, cite",
    "chat": "nothing is searched",
    "naive": "one bare question",
    "cot": "think, then answer",
    "agent": "search and calculate",
}
SEARCHES: dict[Mode, str] = {
    "lexical": "By words",
    "dense": "By meaning",
    "hybrid": "By both",
    "reranked": "By both, then read again",
}
FIRST = "The default one"


class Ways:
    """The fields, built inside the drawer."""

    def __init__(self) -> None:
        self.method = gr.Dropdown(
            [(f"{label}: {DOES[name]}", name) for name, label in LABELS.items()],
            value=DEFAULT.method,
            label="Method",
            info="How a question is answered.",
        )
        self.corpus = gr.Dropdown(
            [(FIRST, "")],
            value="",
            label="Corpus",
            info="What is searched.",
            allow_custom_value=True,
        )
        self.retrieval = gr.Dropdown(
            [(label, name) for name, label in SEARCHES.items()],
            value=DEFAULT.retrieval,
            label="Searched",
            info="How passages are found.",
        )
        self.top_k = gr.Number(
            DEFAULT.top_k,
            label="Passages",
            info=f"How many are searched for, 1 to {MOST_PASSAGES}; a small model is shown fewer.",
        )

    @property
    def fields(self) -> list[gr.Dropdown | gr.Number]:
        """Return the fields in the order `as_way` takes their values."""
        return [self.method, self.corpus, self.retrieval, self.top_k]


def choices(corpora: list[Corpus]) -> list[tuple[str, str]]:
    """Return what can be searched, the default first."""
    served = [(each.title or each.name, each.name) for each in corpora if each.generation]
    return [(FIRST, ""), *served]


def as_way(method: Value, corpus: Value, retrieval: Value, top_k: Value) -> tuple[Way, str]:
    """Return the way the fields mean, a blank being its default, and what is wrong with it."""
    many = float(DEFAULT.top_k if top_k is None else top_k)
    wrong = ""
    if not many.is_integer() or not 1 <= many <= MOST_PASSAGES:
        wrong = f"{many:g} passages cannot be searched for; ask for 1 to {MOST_PASSAGES}."
        many = float(DEFAULT.top_k)
    way = Way(
        method=cast(Method, method if method in METHODS else DEFAULT.method),
        corpus=str(corpus or ""),
        retrieval=cast(Mode, retrieval if retrieval in MODES else DEFAULT.retrieval),
        top_k=int(many),
    )
    return way, wrong


def told(way: Way) -> str:
    """Return the way in a few words."""
    parts = [LABELS[way.method].lower()]
    if way.corpus and way.method in ("rag", "agent"):
        parts.append(way.corpus)
    return " · ".join(parts)
