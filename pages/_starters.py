"""What stands in an empty conversation: one sentence, and questions to start from.

It knows which questions suit what can answer now. It does not answer them.
"""

from core.messages import ModelCard
from pages._html import text

BUNDLED = (
    "A tiny bundled model answers from the evidence it is shown; connect a larger one for open "
    "questions."
)
Starters = tuple[tuple[str, str], ...]

FOR_MODELS: Starters = (
    ("Explain", "Explain what a Python generator is, with a five-line example."),
    ("Read", "What does functools.lru_cache keep, and when does it forget?"),
    ("Write", "Write a function that splits a list into chunks of n, and a test for it."),
    ("Compare", "When is a dataclass a better choice than a named tuple?"),
)
FOR_TRANSFORMERS: Starters = (
    ("Place", "Where is EarlyStoppingCallback defined?"),
    ("Call", "What parameters does set_seed take?"),
    ("Family", "What are the base classes of BertModel?"),
    ("Find", "What does TextIteratorStreamer do?"),
)
FOR_BUNDLED: Starters = (
    ("Know", "What can you do?"),
    ("Limits", "What can you not do?"),
    ("Connect", "How do I connect a larger model?"),
    ("Trust", "Where are my chats kept?"),
)
FOR_QUOTES: Starters = (
    ("Know", "What is Plumbline?"),
    ("Trust", "Where does Plumbline keep my chats?"),
    ("Connect", "How do I connect a language model?"),
    ("Limits", "What happens when no language model is connected?"),
)


def choose(card: ModelCard | None, corpus: str = "") -> Starters:
    """Return the questions that suit what answers and what is searched."""
    kind = card.kind if card is not None else ""
    if corpus == "transformers" and kind != "quote":
        return FOR_TRANSFORMERS
    return {"quote": FOR_QUOTES, "bundled": FOR_BUNDLED}.get(kind, FOR_MODELS)


def welcome(card: ModelCard | None, kiosk: bool = False, corpus: str = "", title: str = "") -> str:
    """Return the empty conversation."""
    quotes = card is not None and card.kind == "quote"
    cards = "".join(
        f'<li><button type="button" class="starter" data-act="starter" data-text="{text(words)}">'
        f"<span>{label}</span>{text(words)}</button></li>"
        for label, words in choose(card, corpus)
    )
    return (
        f'<div class="welcome"><h1>{text(_sentence(quotes, title))}</h1>'
        f"<p>{text(_explained(card, quotes, kiosk))}</p>"
        f'<ul class="starters" aria-label="Questions to start from">{cards}</ul></div>'
    )


def strip(card: ModelCard | None, corpus: str = "") -> str:
    """Return the questions in one row under a conversation, and the way back to the start."""
    buttons = "".join(
        f'<button type="button" class="starter" data-act="starter-anew" data-text="{text(words)}">'
        f"{text(words)}</button>"
        for _, words in choose(card, corpus)
    )
    return f'<div class="strip" aria-label="Ask another question">{buttons}</div>'


def _sentence(quotes: bool, title: str) -> str:
    if quotes:
        return "Ask about Plumbline, and see the lines each answer is quoted from."
    if title:
        return f"Ask about {title}, and open the lines each answer stands on."
    return "Ask, and see which model answered, how fast, and what it cost."


def _explained(card: ModelCard | None, quotes: bool, kiosk: bool) -> str:
    ways = "Touch a question." if kiosk else "Type a question below, or start from one of these."
    if quotes:
        return f"No language model is connected, so answers are quotes, word for word. {ways}"
    if card is None:
        return f"The model is still loading; a question asked now waits for it. {ways}"
    if card.kind == "bundled":
        return f"{BUNDLED} {ways}"
    return f"Answers come from {card.label}. {ways}"
