"""The tabs: the one ordered list, the frame around them, and how the whole is mounted.

It knows the order of tabs and how an address opens one. What a tab does is its own matter.
"""

from typing import Any

import gradio as gr

from core.server.visitors import secret_for
from core.services import Services
from pages import _frame, _progress, chat, evals, search, status, stress
from pages._html import ACTIONS
from pages._page import PRIVATE, Page, Shell
from pages._theme import mount_arguments

__all__ = ["PAGES", "build", "mount_arguments"]

PAGES: tuple[Page, ...] = (chat.PAGE, search.PAGE, evals.PAGE, stress.PAGE, status.PAGE)
WARMING_SECONDS = 1.5
HEALTH_SECONDS = 10
PROGRESS_SECONDS = 2


def build(services: Services) -> gr.Blocks:
    """Lay out every tab in one page; nothing is loaded or started by it."""
    slugs = tuple(page.slug for page in PAGES)
    with gr.Blocks(title="Plumbline", fill_width=True, analytics_enabled=False) as demo:
        header = gr.HTML(
            _frame.header(services), elem_id="header", js_on_load=ACTIONS, apply_default_css=False
        )
        notice = gr.HTML("", elem_id="banner", apply_default_css=False)
        ingesting = gr.HTML("", elem_id="ingesting", apply_default_css=False)
        warming = gr.Timer(WARMING_SECONDS)
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap") as tabs:
            shell = Shell(demo, tabs, warming, secret_for(services.settings), slugs)
            for page in PAGES:
                with gr.Tab(page.title, id=page.slug, elem_id=f"page-{page.slug}"):
                    page.build(services, shell)
        _wire(services, shell, header, notice, ingesting)
    return demo


def _wire(
    services: Services, shell: Shell, header: gr.HTML, notice: gr.HTML, ingesting: gr.HTML
) -> None:
    beat = gr.Timer(HEALTH_SECONDS)

    def opened(request: gr.Request) -> gr.Tabs:
        return gr.Tabs(selected=shell.link(request).tab or shell.slugs[0])

    def refresh() -> dict[Any, Any]:
        settled = services.catalog.state.phase in ("ready", "failed")
        running = services.ingests.running()
        return {
            header: _frame.header(services),
            notice: _frame.notice(services.health.report(), services.settings.is_open),
            ingesting: _progress.line(running),
            shell.warming: gr.Timer(active=not settled),
            beat: gr.Timer(PROGRESS_SECONDS if running else HEALTH_SECONDS),
        }

    shown = [header, notice, ingesting, shell.warming, beat]

    shell.demo.load(opened, None, [shell.tabs], **PRIVATE)
    shell.demo.load(refresh, None, shown, **PRIVATE)
    # A server that dies or comes back, and an ingest, are news for pages that are already open.
    beat.tick(refresh, None, shown, **PRIVATE)
    shell.warming.tick(refresh, None, shown, **PRIVATE)
