"""The Chat tab: past chats, the conversation, its evidence and its settings.

It lays out components and wires them to `_conversation`. It holds no SQL and calls no model.
"""

import gradio as gr

from core.assistant.options import Options
from core.services import Services
from pages import _compared, _evidence, _html, _options
from pages._conversation import Conversation, Parts
from pages._page import PRIVATE, Page, Shell

PLACEHOLDER = "Ask a question"
BAR = (
    '<div class="bar"><button type="button" class="button quiet" data-act="chats" '
    f'aria-controls="chats-panel" aria-expanded="false">{_html.icon("list")}Chats</button>'
    '<button type="button" class="button quiet" data-act="evidence-panel" '
    f'aria-controls="evidence-panel" aria-expanded="false">{_html.icon("quote")}Evidence</button>'
    "</div>"
)


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    with gr.Row(elem_classes="chat-page"):
        chats = _panel("chats-panel", _html.loading("Opening your chats."))
        with gr.Column(elem_classes="talk"):
            gr.HTML(BAR, elem_classes="talk-bar", apply_default_css=False)
            with gr.Column(elem_id="conversation"):
                log = _actions("log", _html.loading("Opening the conversation."))
                live = _actions("live", "")
            weights = gr.HTML("", elem_id="weights", apply_default_css=False)
            with gr.Column(elem_classes="composer"):
                strip = _actions("strip", "") if services.settings.kiosk else None
                pick = _actions("pick", _compared.picker())
                ask = _field()
                with gr.Row(elem_classes="composer-row"):
                    summary = gr.HTML(
                        _options.summary(Options()), elem_classes="grow", apply_default_css=False
                    )
                    send = gr.Button("Send", variant="primary", elem_id="send")
                    stop = gr.Button("Stop", elem_id="stop", visible=False)
        evidence = _panel("evidence-panel", _evidence.panel([]))
        drawer = _options.Drawer(services)
    # Kept by the page, not by the process: a restart must not lose which chat is open.
    chat = gr.Textbox("", visible=False)
    parts = Parts(chats, log, live, evidence, ask, send, stop, chat)
    talk = Conversation(services, shell, parts, drawer)
    _wire(shell, parts, talk, drawer, summary, pick)
    # The conversation changes with whatever is asked, answered, opened or deleted.
    weighed = {**PRIVATE, "trigger_mode": "always_last", "concurrency_limit": None}
    parts.log.change(talk.weighed, [parts.chat], [weights], **weighed)
    _wire_model(shell, parts, talk, drawer, summary, strip)


def _wire(
    shell: Shell,
    parts: Parts,
    talk: Conversation,
    drawer: _options.Drawer,
    summary: gr.HTML,
    pick: gr.HTML,
) -> None:
    given = [parts.ask, parts.chat, *drawer.fields]
    streaming = {**PRIVATE, "outputs": parts.all, "concurrency_limit": None}
    acting = {**PRIVATE, "trigger_mode": "multiple", "concurrency_limit": None}
    gr.on([parts.send.click, parts.ask.submit], talk.send, given, **streaming)
    for html in (parts.log, parts.live, pick):
        html.ask(talk.ask, [parts.chat, *drawer.fields], **streaming)
        html.act(talk.act, [parts.chat], parts.all, **acting)
    parts.chats.act(talk.act, [parts.chat], parts.all, **acting)
    parts.stop.click(talk.stop, None, [parts.live], queue=False, **PRIVATE)
    checked = [*drawer.told, summary]
    last = {**PRIVATE, "trigger_mode": "always_last"}
    # One event says and keeps: what the summary shows is what a reload brings back.
    changed = [f.change for f in drawer.fields]
    gr.on(changed, drawer.take, drawer.fields, [*checked, drawer.kept], **last)
    drawer.reset.click(drawer.begin_again, None, [*drawer.fields, drawer.kept], **PRIVATE)
    shell.demo.load(drawer.corpora, None, [drawer.ways.corpus], **PRIVATE)
    shell.demo.load(drawer.restore, [drawer.kept], drawer.fields, **PRIVATE)
    shell.demo.load(talk.open, None, parts.all, **PRIVATE)
    shell.demo.load(drawer.check, drawer.fields, checked, **PRIVATE)
    shell.demo.unload(talk.leave)


def _wire_model(
    shell: Shell,
    parts: Parts,
    talk: Conversation,
    drawer: _options.Drawer,
    summary: gr.HTML,
    strip: gr.HTML | None,
) -> None:
    """Say which model answers as soon as it is known, wherever the page speaks of it."""
    for event in (shell.demo.load, shell.warming.tick):
        event(drawer.shown, None, [drawer.model], **PRIVATE)
        if strip is not None:
            event(talk.strip, None, [strip], **PRIVATE)
    shell.warming.tick(drawer.check, drawer.fields, [*drawer.told, summary], **PRIVATE)
    shell.warming.tick(talk.greet, [parts.chat], [parts.log], **PRIVATE)
    if strip is not None:
        given, streaming = [parts.chat, *drawer.fields], {**PRIVATE, "outputs": parts.all}
        strip.ask(talk.ask, given, concurrency_limit=None, **streaming)


def _field() -> gr.Textbox:
    return gr.Textbox(
        label="Your question",
        show_label=False,
        placeholder=PLACEHOLDER,
        lines=1,
        max_lines=8,
        autofocus=False,
        elem_id="ask",
    )


def _panel(name: str, value: str) -> gr.HTML:
    return gr.HTML(
        value,
        elem_id=name,
        elem_classes=["panel", name],
        js_on_load=_html.ACTIONS,
        apply_default_css=False,
    )


def _actions(name: str, value: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=_html.ACTIONS_AND_ASKS, apply_default_css=False)


PAGE = Page("Chat", "chat", build)
