"""The Stress tab: a session that runs out of memory, the same one on flash, and what would fit.

It lays out components and wires them to `_stressing`. It runs nothing and reads no store.
"""

import gradio as gr

from core.services import Services
from pages import _html
from pages._page import PRIVATE, Page, Shell
from pages._stress_asked import Asked
from pages._stress_desk import nav
from pages._stressing import SLUG, TICK_S, TITLE, Parts, Stressing


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    with gr.Column(elem_classes="stress-page"):
        places = _piece("stress-places", nav(Asked()))
        said = _piece("stress-said", "")
        head = _piece("stress-head", _html.loading("Reading the runs."))
        file = gr.File(visible=False, label="Saved", elem_id="stress-file-made", interactive=False)
        live = _piece("stress-live", "")
        figures = _piece("stress-figures", "")
        body = _piece("stress-body", "")
    # Kept by the page, not by the process: where it is, and what it showed.
    link, stand = (gr.Textbox("", visible=False) for _ in range(2))
    timer = gr.Timer(TICK_S, active=False)
    parts = Parts(places, said, head, live, figures, body, file, timer, link, stand)
    _wire(shell, parts, Stressing(services, shell, parts))


def _wire(shell: Shell, parts: Parts, does: Stressing) -> None:
    given = {**PRIVATE, "outputs": parts.all, "concurrency_limit": None}
    kept = [parts.link, parts.stand]
    shell.demo.load(does.opened, None, **given)
    shell.tabs.select(does.selected, kept, **given)
    parts.timer.tick(does.tick, kept, **given)
    for html in (parts.places, parts.said, parts.head, parts.figures, parts.body):
        html.act(does.act, [parts.link], trigger_mode="multiple", **given)


def _piece(name: str, value: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=_html.ACTIONS, apply_default_css=False)


PAGE = Page(TITLE, SLUG, build)
