"""The settings drawer of Chat: its fields, what they may hold, and what is said when they do not.

It knows words and limits, and keeps what was typed in the visitor's browser. It never clamps a
value silently: what is wrong is said beside its field and not sent.
"""

from dataclasses import asdict
from typing import Any, cast

import gradio as gr

from core.assistant.options import MOST_TOKENS, Options
from core.assistant.way import DEFAULT
from core.errors import BadInput
from core.messages import Overflow
from core.models.catalog import ModelState
from core.present.numbers import count, digits
from core.services import Services
from pages import _ways
from pages._html import icon, sentence, text
from pages._ways import Value

MAX_SYSTEM = 20_000
KEPT = "plumbline-answers"
FIELDS = 4  # of a way
ASKED: Overflow = "refuse"
FITTING: dict[Overflow, str] = {
    "refuse": "Ask me",
    "drop": "Leave out the oldest",
    "summarise": "Summarise the oldest",
}

HEAD = (
    '<div class="drawer-head"><h2>Settings of your answers</h2>'
    '<button type="button" class="tool" data-act="settings" title="Close settings" '
    f'aria-label="Close settings">{icon("close")}</button></div>'
)
NOTHING_TO_SET = (
    "No language model is connected. Answers are quotes, word for word, so there is nothing to set."
)
COMPARE = (
    '<button type="button" class="button quiet" data-act="compare" aria-expanded="false" '
    f'aria-controls="compare">{icon("columns")}Compare</button>'
)
RIGHT = '<p class="right">✓ Used from the next question on, and kept in this browser.</p>'
LOOK = '<p class="right">Nothing can be asked until what is marked ✕ is changed.</p>'


class Drawer:
    """The fields, built inside the page that is being laid out."""

    def __init__(self, services: Services) -> None:
        self._catalog = services.catalog
        self._library = services.library
        self._longest = services.settings.max_tokens
        self._most = self._longest if services.settings.public else MOST_TOKENS
        self._notes: dict[str, gr.HTML] = {}
        # Unreadable to nobody who has the browser; without a key a restart would lose it.
        self.kept = gr.BrowserState(None, storage_key=KEPT, secret=KEPT)
        with gr.Column(elem_id="settings", elem_classes="drawer"):
            gr.HTML(HEAD, apply_default_css=False)
            self.model = gr.HTML(elem_classes="model-card", apply_default_css=False)
            with gr.Column(elem_classes="model-settings"):
                self._build()

    def _build(self) -> None:
        self.ways = _ways.Ways()
        self._note("top_k")
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
        self._note("temperature")
        self.top_p = gr.Number(
            1, label="Top-p", info="Share of likely words to choose from; above 0, up to 1."
        )
        self._note("top_p")
        self.max_tokens = gr.Number(
            self._longest,
            label="Longest answer",
            info=f"In tokens, at most {self._most:,}; about three quarters of a word each.",
        )
        self._note("max_tokens")
        self.overflow = gr.Dropdown(
            [(label, name) for name, label in FITTING.items()],
            value=ASKED,
            label="When a chat no longer fits",
            info="A model reads only so much at once. Nothing of a chat is deleted.",
        )
        self.seed = gr.Textbox(
            label="Seed",
            info="The same whole number repeats the same answer; blank picks a new one.",
            max_lines=1,
            max_length=20,
        )
        self._note("seed")
        self.said = gr.HTML(elem_classes="said-settings", apply_default_css=False)
        self.reset = gr.Button("Reset to the defaults", variant="secondary")

    def _note(self, name: str) -> None:
        self._notes[name] = gr.HTML(
            "", elem_classes=["said-settings", "beside"], apply_default_css=False
        )

    @property
    def fields(self) -> list[gr.Textbox | gr.Number | gr.Dropdown]:
        """Return the fields in the order `read` takes their values."""
        own = [self.system, self.temperature, self.top_p, self.max_tokens, self.seed]
        return [*own, *self.ways.fields, self.overflow]

    @property
    def told(self) -> list[gr.HTML]:
        """Return what `check` writes to, but for the summary, which comes last."""
        return [*self._notes.values(), self.said]

    def read(self, *values: Value) -> Options:
        """Return checked options, or raise what is wrong with them in words."""
        if quotes(self._catalog.state):
            return Options()
        options, wrong = as_options(*values, most=self._most)
        if wrong:
            raise BadInput(" ".join(wrong.values()), "Change it in Settings and send again.")
        return options

    def check(self, *values: Value) -> list[str]:
        """Return what is said beside each field and below, and the summary under the input."""
        if quotes(self._catalog.state):
            return [*("" for _ in self.told), summary(Options(), quoting=True)]
        options, wrong = as_options(*values, most=self._most)
        notes = [
            f'<p class="wrong" role="alert">✕ {text(wrong[name])}</p>' if name in wrong else ""
            for name in self._notes
        ]
        return [*notes, LOOK if wrong else RIGHT, summary(None if wrong else options)]

    def shown(self) -> str:
        """Return the line that says which model answers and why."""
        return standing(self._catalog.state)

    def take(self, *values: Value) -> list[Any]:
        """Return what `check` says, and what the browser keeps: the values, once all are right."""
        _, wrong = as_options(*values, most=self._most)
        unkept = wrong or quotes(self._catalog.state)
        return [*self.check(*values), gr.skip() if unkept else list(values)]

    def restore(self, kept: object) -> list[Any]:
        """Return the fields as this browser kept them, or as they are at first."""
        given = kept if isinstance(kept, list) and len(kept) == len(self.fields) else None
        if given is None or not all(map(_fits, given, self.defaults())):
            return self.defaults()
        return given

    def defaults(self) -> list[Any]:
        """Return the value of each field as it is at first."""
        standard = asdict(Options())
        own = [standard["system"], standard["temperature"], standard["top_p"], self._longest, ""]
        return [*own, DEFAULT.method, "", DEFAULT.retrieval, DEFAULT.top_k, ASKED]

    def corpora(self) -> dict[str, Any]:
        """Return what can be searched now, as the choices of its field."""
        return gr.update(choices=_ways.choices(self._library.list()))

    def begin_again(self) -> list[Any]:
        """Return the defaults for the fields, and for what the browser keeps."""
        return [*self.defaults(), None]


def as_options(
    system: Value,
    temperature: Value,
    top_p: Value,
    max_tokens: Value,
    seed: Value,
    *way: Value,
    most: int = MOST_TOKENS,
) -> tuple[Options, dict[str, str]]:
    """Return options from fields, a blank being its default, and what is wrong with each."""
    standard = Options()
    wrong: dict[str, str] = {}
    longest = None if max_tokens is None else float(max_tokens)
    if longest is not None and not longest.is_integer():
        wrong["max_tokens"] = (
            f"The longest answer is {longest:g} tokens; it must be a whole number."
        )
        longest = None
    typed = str(seed or "").strip()
    if typed and not (typed.isascii() and typed.isdecimal()):
        wrong["seed"] = f"The seed is “{typed}”; it must be a whole number."
        typed = ""
    chosen, many = _ways.as_way(*way[:FIELDS]) if way else (DEFAULT, "")
    fitting = way[FIELDS] if len(way) > FIELDS else standard.overflow
    if many:
        wrong["top_k"] = many
    options = Options(
        system=str(system or ""),
        temperature=standard.temperature if temperature is None else float(temperature),
        top_p=standard.top_p if top_p is None else float(top_p),
        max_tokens=None if longest is None else int(longest),
        seed=int(typed) if typed else None,
        way=chosen,
        overflow=cast(Overflow, fitting if fitting in FITTING else standard.overflow),
    )
    return options, {**options.faults(most), **wrong}


def quotes(state: ModelState) -> bool:
    """Return whether answers are quotes, which no setting changes."""
    return state.card is not None and state.card.kind == "quote"


def standing(state: ModelState) -> str:
    """Return which model answers and why, or that none does and nothing can be set."""
    if quotes(state):
        return f'<p class="quiet no-settings">{NOTHING_TO_SET}</p>'
    label = state.card.label if state.card else "Not ready yet"
    return (
        f'<p class="label">Model</p><p>{text(label)}</p>'
        f'<p class="quiet">{text(sentence(state.why))}</p>'
    )


def summary(options: Options | None, quoting: bool = False) -> str:
    """Return the settings in one short line, or that they need a look."""
    if options is None:
        told = '<span class="wrong">a setting needs a look</span>'
    elif quoting:
        told = "quotes, word for word"
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
        way = f'<span class="method">{text(_ways.told(options.way))} · </span>'
        told = way + text(" · ".join(parts))
    return (
        '<button type="button" class="button quiet" data-act="settings" aria-expanded="false" '
        f'aria-controls="settings">{icon("tune")}Settings</button>{"" if quoting else COMPARE}'
        f'<span class="summary">{told}</span>'
    )


def _fits(value: object, standard: object) -> bool:
    if isinstance(standard, str):
        return isinstance(value, str)
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
