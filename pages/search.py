"""The Search tab: the query, what it found, the map, and the corpus it is about.

It lays out components and wires them to `_searching`. It finds nothing and reads no source.
"""

import gradio as gr

from core.services import Services
from pages import _html, _search_add, _search_form
from pages._page import PRIVATE, Page, Shell
from pages._search_asked import Asked
from pages._searching import SLUG, TICK_S, TITLE, Parts, Searching

MAP_BAR = f'<div class="map-bar">{_html.tool("close", "Close the map", "close-map")}</div>'


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    shared = services.settings.public or services.settings.is_open
    with gr.Column(elem_classes="search-page"):
        with gr.Column(elem_classes="search-main"):
            about = _piece("search-about", _html.loading("Opening the corpora."))
            standing = _piece("search-standing", "")
            form = _piece("search-form", _search_form.form(Asked()))
            strip = _piece("search-strip", "")
            narrow = _piece("search-narrow", "")
            wrong = _piece("search-wrong", "")
            added = _piece("added", "")
            add = _piece("corpus-add", _search_add.form(shared))
            with gr.Column(elem_id="search-map", visible=False) as chart:
                _piece("map-bar", MAP_BAR)
                plot = gr.Plot(show_label=False, container=False, elem_id="map-plot", visible=False)
                note = _piece("map-note", "")
            found = _piece("found", "")
        with gr.Column(elem_id="corpus-panel"):
            card = _piece("corpus-card", "")
    # Kept by the page, not by the process: what is asked, and which state of which corpus shows.
    link, shown = gr.Textbox("", visible=False), gr.Textbox("", visible=False)
    timer = gr.Timer(TICK_S, active=False)
    parts = Parts(
        about, form, strip, narrow, wrong, standing, found, chart, plot, note, card, added, timer,
        link, shown,
    )  # fmt: skip
    _wire(shell, parts, Searching(services, shell, parts), add)


def _wire(shell: Shell, parts: Parts, does: Searching, add: gr.HTML) -> None:
    given = {**PRIVATE, "outputs": parts.all, "concurrency_limit": None}
    shell.demo.load(does.opened, None, **given)
    shell.tabs.select(does.selected, [parts.link, parts.shown], **given)
    parts.timer.tick(does.tick, [parts.link, parts.shown], **given)
    parts.form.ask(does.ask, [parts.shown], trigger_mode="multiple", **given)
    for html in (parts.form, parts.standing, parts.card, add):
        html.act(does.act, [parts.shown], trigger_mode="multiple", **given)


def _piece(name: str, value: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=_html.ACTIONS_AND_ASKS, apply_default_css=False)


PAGE = Page(TITLE, SLUG, build)
