"""What stands in an empty conversation: one sentence, and questions to start from.

It knows which questions suit what can answer now. It does not answer them.
"""

from core.messages import ModelCard
from pages._html import text

FOR_MODELS = (
    ("Explain", "Explain what a Python generator is, with a five-line example."),
    ("Read", "What does functools.lru_cache keep, and when does it forget?"),
    ("Write", "Write a function that splits a list into chunks of n, and a test for it."),
    ("Compare", "When is a dataclass a better choice than a named tuple?"),
)
FOR_QUOTES = (
    ("Know", "What is Plumbline?"),
    ("Trust", "Where does Plumbline keep my chats?"),
    ("Connect", "How do I connect a language model?"),
    ("Limits", "What happens when no language model is connected?"),
)


def welcome(card: ModelCard | None, kiosk: bool = False) -> str:
    """Return the empty conversation."""
    quotes = card is not None and card.kind == "quote"
    questions = FOR_QUOTES if quotes else FOR_MODELS
    cards = "".join(
        f'<li><button type="button" class="starter" data-act="starter" data-text="{text(words)}">'
        f"<span>{label}</span>{text(words)}</button></li>"
        for label, words in questions
    )
    return (
        f'<div class="welcome"><h1>{text(_sentence(quotes))}</h1>'
        f"<p>{text(_explained(card, quotes, kiosk))}</p>"
        f'<ul class="starters" aria-label="Questions to start from">{cards}</ul></div>'
    )


def strip(card: ModelCard | None) -> str:
    """Return the questions in one row under a conversation, and the way back to the start."""
    questions = FOR_QUOTES if card is not None and card.kind == "quote" else FOR_MODELS
    buttons = "".join(
        f'<button type="button" class="starter" data-act="starter-anew" data-text="{text(words)}">'
        f"{text(words)}</button>"
        for _, words in questions
    )
    return f'<div class="strip" aria-label="Ask another question">{buttons}</div>'


def _sentence(quotes: bool) -> str:
    if quotes:
        return "Ask about Plumbline, and see the lines each answer is quoted from."
    return "Ask, and see which model answered, how fast, and what it cost."


def _explained(card: ModelCard | None, quotes: bool, kiosk: bool) -> str:
    ways = "Touch a question." if kiosk else "Type a question below, or start from one of these."
    if quotes:
        return f"No language model is connected, so answers are quotes, word for word. {ways}"
    if card is None:
        return f"The model is still loading; a question asked now waits for it. {ways}"
    return f"Answers come from {card.label}. {ways}"
