"""Who is looking at the page: the owner of the rows it may see, and the link that was opened.

It knows requests as Gradio hands them over. It signs nothing itself.
"""

import re
from dataclasses import dataclass

import gradio as gr

from core.errors import Unauthorized
from core.server.visitors import owner_from

_ID = re.compile(r"^[\w-]{1,64}$")


@dataclass(frozen=True, slots=True)
class Link:
    """What an address asks for: a tab and a chat, each only if it could exist."""

    tab: str | None
    chat: str | None


def owner(request: gr.Request, secret: str) -> str:
    """Return the visitor's owner, or say that the browser keeps no cookie."""
    # The server's own layer has named the visitor already, the first time included.
    named = getattr(getattr(request.request, "state", None), "owner", None)
    found = named or owner_from(dict(request.headers), dict(request.cookies), secret)
    if not found:
        raise Unauthorized(
            "This page does not know you yet: your browser sent no visitor cookie.",
            "Allow cookies for this address and reload the page.",
        )
    return found


def link(request: gr.Request, slugs: tuple[str, ...]) -> Link:
    """Return the tab and chat of the address, leaving out what cannot exist."""
    asked = dict(request.query_params)
    tab, chat = asked.get("tab"), asked.get("chat", "")
    return Link(tab if tab in slugs else None, chat if _ID.match(chat) else None)
