"""The Chat tab: past chats, the conversation, its evidence and its settings.

It lays out components and wires them to `_conversation`. It holds no SQL and calls no model.
"""

from functools import partial

import gradio as gr

from core.services import Services
from pages import _chats, _html, _options
from pages._conversation import Conversation, Parts
from pages._page import Page, Shell

PLACEHOLDER = "Ask a question"
PRIVATE = {"api_visibility": "private", "show_progress": "hidden"}


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    kiosk = services.settings.kiosk
    with gr.Row(elem_classes="chat-page" + (" kiosk-chat" if kiosk else "")):
        chats = _panel("chats-panel", _html.loading("Opening your chats."))
        with gr.Column(elem_classes="talk"):
            with gr.Column(elem_classes="scroll", elem_id="conversation"):
                log = _actions("log", _html.loading("Opening the conversation."))
                live = _actions("live", "")
            with gr.Column(elem_classes="composer"):
                ask = _field()
                with gr.Row(elem_classes="composer-row"):
                    summary = gr.HTML(
                        _options.summary(None), elem_classes="grow", apply_default_css=False
                    )
                    send = gr.Button("Send", variant="primary", elem_id="send")
                    stop = gr.Button("Stop", elem_id="stop", visible=False)
        evidence = _panel("evidence-panel", _chats.evidence([]))
        drawer = _options.Drawer(services.settings)
    chat = gr.State(None)
    parts = Parts(chats, log, live, evidence, ask, send, stop, chat)
    _wire(shell, parts, Conversation(services, shell, parts, drawer), drawer, summary)


def _wire(
    shell: Shell,
    parts: Parts,
    talk: Conversation,
    drawer: _options.Drawer,
    summary: gr.HTML,
) -> None:
    given = [parts.ask, parts.chat, *drawer.fields]
    streaming = {**PRIVATE, "outputs": parts.all, "concurrency_limit": None}
    gr.on([parts.send.click, parts.ask.submit], talk.send, given, **streaming)
    for html in (parts.log, parts.live):
        asked = partial(getattr(html, "ask"), **streaming)
        asked(talk.ask, [parts.chat, *drawer.fields])
        html.act(talk.act, [parts.chat], parts.all, trigger_mode="multiple", **PRIVATE)
    parts.chats.act(talk.act, [parts.chat], parts.all, trigger_mode="multiple", **PRIVATE)
    parts.stop.click(talk.stop, None, [parts.live], queue=False, **PRIVATE)
    checked = [drawer.said, summary]
    gr.on([f.change for f in drawer.fields], drawer.check, drawer.fields, checked, **PRIVATE)
    drawer.reset.click(drawer.defaults, None, drawer.fields, **PRIVATE)
    shell.demo.load(talk.open, None, parts.all, **PRIVATE)
    shell.demo.load(drawer.check, drawer.fields, checked, **PRIVATE)
    shell.demo.load(talk.model, None, [drawer.model], **PRIVATE)
    shell.demo.unload(talk.leave)


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
    return gr.HTML(
        value, elem_id=name, js_on_load=_html.ACTIONS_AND_ASKS, apply_default_css=False
    )


PAGE = Page("Chat", "chat", build)
