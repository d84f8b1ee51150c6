"""What would fit, as HTML: a model, a memory, a context; and a map of both. All of it modelled.

It knows fields and verdicts. The arithmetic is core/memory/fitting.py's.
"""

from collections.abc import Mapping
from typing import Any

from core.errors import BadInput, PlumblineError
from core.memory.arithmetic import BYTES
from core.memory.fitting import LONGEST, WEIGHTS, Verdict, known, what_fits
from core.present.numbers import count, size
from pages import _stress_fields as fields
from pages._html import badge, failure, text, tip
from pages._stream import attempt
from pages._stress_asked import Asked, link
from pages._stress_desk import Desk, Shown, framed
from pages._stress_words import card, table

SAYS = (
    "How many tokens of context fit beside the weights of a model: computed from its published "
    "shape. Nothing is run, and what a program needs besides is not counted."
)
DEFAULTS = Asked(
    view="fit",
    model="Llama-3.1-8B",
    memory="24",
    context="131072",
    dtype="fp16",
    weights="fp16",
    batch="1",
)
NAMES = ("model", "memory", "context", "dtype", "weights", "batch")
MEMORIES = (8, 16, 24, 32, 48, 80, 128)
CONTEXTS = (2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072)
GB = 10**9


def show(desk: Desk, asked: Asked) -> Shown:
    """Return the calculator, holding what the address says."""
    del desk
    asked = full(asked)
    return Shown(
        framed("What would fit?", f'<p class="says">{SAYS}</p>{_form(asked)}'), told(asked)
    )


def full(asked: Asked) -> Asked:
    """Return a place in which every field has a value."""
    given: dict[str, Any] = {
        name: getattr(asked, name) or getattr(DEFAULTS, name) for name in NAMES
    }
    return Asked(view="fit", **given)


def of(given: Mapping[str, Any]) -> Asked:
    """Return the place that the fields of the form name."""
    found: dict[str, Any] = {name: str(given.get(name) or "")[:40] for name in NAMES}
    return full(Asked(view="fit", **found))


def told(asked: Asked) -> str:
    """Return what fits, or what is wrong with the fields."""
    made = attempt(lambda: _told(asked))
    return failure(made) if isinstance(made, PlumblineError) else made


def _told(asked: Asked) -> str:
    verdict = _verdict(asked, _gigabytes(asked.memory), _whole("The context", asked.context))
    sign, kind = ("✓", "good") if verdict.fits else ("✕", "bad")
    mark = badge("modelled", verdict.formula)
    return (
        f'<div class="fitting" data-link="{text(link(asked))}">'
        f'<p class="verdict"><b class="{kind}">{sign}</b> {text(verdict.sentence)} {mark}</p>'
        f"{_cards(verdict, _most(asked), mark)}{_map(asked, verdict, mark)}"
        f'<p class="says">{text(verdict.formula[:1].upper() + verdict.formula[1:])}.</p></div>'
    )


def _verdict(asked: Asked, memory: int, context: int) -> Verdict:
    batch = _whole("The batch", asked.batch)
    return what_fits(asked.model, memory, context, asked.dtype, asked.weights, batch)


def _most(asked: Asked) -> int:
    """Return the longest context that fits."""
    first = _verdict(asked, _gigabytes(asked.memory), LONGEST).fails_at
    return LONGEST if first is None else max(0, first - 1)


def _cards(verdict: Verdict, most: int, mark: str) -> str:
    left = max(0, verdict.memory_bytes - verdict.weight_bytes)
    room = f"{size(left)} beside the weights" if left else "the weights alone are larger"
    cards = (
        card("Weights", size(verdict.weight_bytes), verdict.weights, mark),
        card("Keys and values", size(verdict.kv_bytes), f"of {verdict.context:,} tokens", mark),
        card("A token", size(verdict.token_bytes), _format(verdict), mark),
        card("Room for", count(most, "token"), room, mark),
    )
    return f'<ul class="cards">{"".join(cards)}</ul>'


def _format(verdict: Verdict) -> str:
    return f"{verdict.dtype}, {count(verdict.batch, 'session')} at once"


def _map(asked: Asked, verdict: Verdict, mark: str) -> str:
    """Return memory against context; the row of the memory that was asked for stands out."""
    here = verdict.memory_bytes / GB
    memories = sorted({*MEMORIES, here})
    rows = "".join(
        f'<tr{" class=asked" if memory == here else ""}><th scope="row">{memory:,.4g}</th>'
        + "".join(_cell(_verdict(asked, round(memory * GB), context)) for context in CONTEXTS)
        + "</tr>"
        for memory in memories
    )
    columns = ("Memory, GB", *(f"#{context:,}" for context in CONTEXTS))
    name = "Which context fits into which memory"
    said = "✓ fits. ✕ with a number: so many tokens fit. ✕ alone: not even the weights do."
    return (
        f'<section class="fit-map"><h2>Memory and context, in tokens {mark} {tip("Signs", said)}'
        f"</h2>{table(name, columns, [rows])}</section>"
    )


def _cell(verdict: Verdict) -> str:
    if verdict.fits:
        return '<td class="number good" title="It fits.">✓</td>'
    holds = max(0, (verdict.fails_at or 0) - 1)
    shown = f"✕ {count(holds)}" if holds else "✕"
    return f'<td class="number bad" title="{text(verdict.sentence)}">{shown}</td>'


def _form(asked: Asked) -> str:
    models = [(each.name, f"{each.name} ({count(each.parameters)} weights)") for each in known()]
    formats = [(name, name) for name in BYTES]
    return (
        '<form class="stress-fields" id="fit-form" data-stress="fit"><fieldset>'
        '<legend class="offscreen">What is asked</legend>'
        f"{fields.select('model', 'Model', models, asked.model)}"
        f"{fields.number('memory', 'Memory, GB', asked.memory, '0.001', step='any')}"
        f"{fields.number('context', 'Context, tokens', asked.context, '1')}"
        f"{fields.select('weights', 'Weights in', [(n, n) for n in WEIGHTS], asked.weights)}"
        f"{fields.select('dtype', 'Keys and values in', formats, asked.dtype)}"
        f"{fields.number('batch', 'Sessions at once', asked.batch, '1')}</fieldset></form>"
    )


def _gigabytes(told: str) -> int:
    try:
        return round(float(told) * GB)
    except (ValueError, OverflowError):
        raise BadInput(f"“{told}” is not a size of memory.", "Write gigabytes in digits.") from None


def _whole(what: str, told: str) -> int:
    if told.isascii() and told.isdecimal():
        return int(told)
    raise BadInput(f"{what}: “{told}” is not a whole number.", "Write digits alone.")
