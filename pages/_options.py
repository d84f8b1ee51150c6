"""The settings drawer of Chat: its fields, what they may hold, and what is said when they do not.

It knows words and limits. It never clamps a value silently: what is wrong is said and not sent.
"""

from dataclasses import asdict
from typing import Any

import gradio as gr

from core.assistant.options import Options
from core.errors import BadInput
from core.present.numbers import count, digits
from core.settings import Settings
from pages._html import icon, text

MAX_SYSTEM = 20_000

# What a field of the page may hold.
Value = str | float | None
HEAD = (
    '<div class="drawer-head"><h2>Settings of your answers</h2>'
    '<button type="button" class="tool" data-act="settings" title="Close settings" '
    f'aria-label="Close settings">{icon("close")}</button></div>'
)


class Drawer:
    """The fields, built inside the page that is being laid out."""

    def __init__(self, settings: Settings) -> None:
        self._longest = settings.max_tokens
        with gr.Column(elem_id="settings", elem_classes="drawer"):
            gr.HTML(HEAD, apply_default_css=False)
            self.model = gr.HTML(elem_classes="model-card", apply_default_css=False)
            self.system = gr.Textbox(
                label="System prompt",
                info="What the model is told before the conversation.",
                lines=4,
                max_lines=10,
                max_length=MAX_SYSTEM,
            )
            self.temperature = gr.Number(
                0, label="Temperature", info="0 always picks the likeliest word; up to 2."
            )
            self.top_p = gr.Number(
                1, label="Top-p", info="Share of likely words to choose from; above 0, up to 1."
            )
            self.max_tokens = gr.Number(
                settings.max_tokens,
                label="Longest answer",
                info="In tokens; about three quarters of a word each.",
                precision=0,
            )
            self.seed = gr.Textbox(
                label="Seed",
                info="The same whole number repeats the same answer; blank picks a new one.",
                max_lines=1,
                max_length=20,
            )
            self.said = gr.HTML(elem_classes="said-settings", apply_default_css=False)
            self.reset = gr.Button("Use the defaults", variant="secondary")

    @property
    def fields(self) -> list[gr.Textbox | gr.Number]:
        """Return the fields in the order `read` takes their values."""
        return [self.system, self.temperature, self.top_p, self.max_tokens, self.seed]

    def read(self, *values: Value) -> Options:
        """Return checked options, or raise what is wrong with them in words."""
        options = as_options(*values)
        options.params(self._longest)
        return options

    def check(self, *values: Value) -> tuple[str, str]:
        """Return what the drawer says about its values, and the summary under the input."""
        try:
            options = self.read(*values)
        except BadInput as error:
            wrong = f'<p class="wrong" role="alert">✕ {text(error.message)}</p>'
            return wrong, summary(None)
        return '<p class="right">✓ Used from the next question on.</p>', summary(options)

    def defaults(self) -> list[Any]:
        """Return the value of each field as it is at first."""
        standard = asdict(Options())
        return [standard["system"], standard["temperature"], standard["top_p"], self._longest, ""]


def as_options(
    system: Value, temperature: Value, top_p: Value, max_tokens: Value, seed: Value
) -> Options:
    """Return options from fields, where a blank field means its default."""
    standard = Options()
    return Options(
        system=str(system or ""),
        temperature=standard.temperature if temperature is None else float(temperature),
        top_p=standard.top_p if top_p is None else float(top_p),
        max_tokens=None if max_tokens is None else int(max_tokens),
        seed=_seed(str(seed or "")),
    )


def _seed(typed: str) -> int | None:
    if not typed.strip():
        return None
    if not typed.strip().isdecimal():
        raise BadInput(f"The seed is “{typed.strip()}”; it must be a whole number.", "Change it.")
    return int(typed)


def summary(options: Options | None) -> str:
    """Return the settings in one short line, or that they need a look."""
    if options is None:
        told = '<span class="wrong">a setting needs a look</span>'
    else:
        parts = [f"temperature {digits(options.temperature)}"]
        if options.top_p != 1:
            parts.append(f"top-p {digits(options.top_p)}")
        if options.max_tokens:
            parts.append(f"up to {count(options.max_tokens, 'token')}")
        if options.seed is not None:
            parts.append(f"seed {options.seed}")
        if options.system.strip():
            parts.append("with a system prompt")
        told = text(" · ".join(parts))
    return (
        '<button type="button" class="button quiet" data-act="settings" aria-expanded="false" '
        f'aria-controls="settings">{icon("tune")}Settings</button>'
        f'<span class="summary">{told}</span>'
    )
