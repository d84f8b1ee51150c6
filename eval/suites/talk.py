"""The suite chat-basics: what people ask about the product, in words that training did not see.

It knows the written intents, the terms and the tabs. Questions about settings are left out: they
would change with every new setting.
"""

from core.bundled.chat import Intent, intents
from core.records import Item

SETTINGS = ("help ", "set ", "default ")


def items() -> list[Item]:
    """Return every held-out way of asking, with what is to be said."""
    asked = [intent for intent in intents() if not intent.name.startswith(SETTINGS)]
    return [
        Item(
            id=f"{intent.name.replace(' ', '-')}-{n}",
            question=question,
            references=(intent.say,),
            kind=_kind(intent),
            cluster=intent.name,
        )
        for intent in asked
        for n, question in enumerate(intent.phrasings(held_out=True), 1)
    ]


def _kind(intent: Intent) -> str:
    first, space, _ = intent.name.partition(" ")
    return first if space else "talk"
