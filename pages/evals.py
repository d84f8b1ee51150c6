"""The Evals tab: runs and what they came to, new runs, comparisons, suites, one sample by itself.

It lays out components and wires them to `_evaluating`. It measures nothing and reads no store.
"""

import gradio as gr

from core.services import Services
from pages import _html
from pages._evals_asked import Asked
from pages._evals_desk import nav
from pages._evaluating import SLUG, TICK_S, TITLE, Evaluating, Parts
from pages._page import PRIVATE, Page, Shell

SCHEME = "() => document.documentElement.dataset.scheme"


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    with gr.Column(elem_classes="evals-page"):
        places = _piece("evals-places", nav(Asked()))
        live = _piece("evals-live", "")
        head = _piece("evals-head", _html.loading("Reading the runs."))
        said = _piece("evals-said", "")
        file = gr.File(visible=False, label="Saved", elem_id="evals-file", interactive=False)
        with gr.Column(elem_id="evals-charts", visible=False) as charts:
            first, second, third = (_plot(n) for n in range(3))
        body = _piece("evals-body", "")
    # Kept by the page, not by the process: where it is, what it showed, and in which light.
    link, stand, scheme = (gr.Textbox("", visible=False) for _ in range(3))
    timer = gr.Timer(TICK_S, active=False)
    parts = Parts(
        places,
        live,
        said,
        head,
        charts,
        first,
        second,
        third,
        body,
        file,
        timer,
        link,
        stand,
        scheme,
    )
    _wire(shell, parts, Evaluating(services, shell, parts))


def _wire(shell: Shell, parts: Parts, does: Evaluating) -> None:
    given = {**PRIVATE, "outputs": parts.all, "concurrency_limit": None}
    kept = [parts.link, parts.stand, parts.scheme]
    shell.demo.load(does.opened, [parts.scheme], js=SCHEME, **given)
    shell.tabs.select(does.selected, kept, **given)
    parts.timer.tick(does.tick, kept, **given)
    for html in (parts.places, parts.live, parts.said, parts.head, parts.body):
        html.act(does.act, [parts.link], trigger_mode="multiple", **given)


def _plot(n: int) -> gr.Plot:
    return gr.Plot(show_label=False, container=False, visible=False, elem_id=f"evals-plot-{n}")


def _piece(name: str, value: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=_html.ACTIONS, apply_default_css=False)


PAGE = Page(TITLE, SLUG, build)
