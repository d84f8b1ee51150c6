"""What a tab is, and what all tabs share while the page is built.

It knows that pages have titles, slugs and a builder. It does not know any one of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.services import Services
from pages import _visitor

# Every event stays private: what others may call is /v1, and nothing else.
PRIVATE: Any = {"api_visibility": "private", "show_progress": "hidden"}


@dataclass(frozen=True)
class Shell:
    """What a page may use besides the services: the Blocks, the tabs, who is looking.

    `warming` ticks only until a model has been chosen.
    """

    demo: gr.Blocks
    tabs: gr.Tabs
    warming: gr.Timer
    secret: str
    slugs: tuple[str, ...]

    def owner(self, request: gr.Request) -> str:
        """Return the owner of the rows this visitor may see."""
        return _visitor.owner(request, self.secret)

    def link(self, request: gr.Request) -> _visitor.Link:
        """Return what the opened address asks for."""
        return _visitor.link(request, self.slugs)


@dataclass(frozen=True)
class Page:
    """A tab: what it is called, its place in the address, and what lays it out."""

    title: str
    slug: str
    build: Callable[[Services, Shell], None]
