"""A run as one page that stands alone: its sentence, its pictures, every turn, where it comes from.

The page asks for nothing from anywhere: type, colours and pictures are inside it. Everything that
came from a person or a model is escaped by the template or where the pictures are drawn.
"""

from base64 import b64encode
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.present import plots
from core.present.numbers import DASH, size
from core.present.times import moment, seconds
from eval.stress.drawing import NAMES, draw, parts
from eval.stress.picture import SMALLS, origin, png
from eval.stress.state import State, Turn

__all__ = ["html", "png"]

HERE = Path(__file__).resolve().parent
ASSETS = HERE.parents[1] / "assets"
STYLES = ("tokens", "plots")
FACES = {
    "Inter": "inter-latin-wght-normal",
    "Instrument Serif": "instrument-serif-latin-400-normal",
}
COLUMNS = ("Turn", "Context, tokens", "First token", "Tokens/s", "In memory", "On flash", "Same")


def html(state: State) -> bytes:
    """Return the page of a run."""
    drawing = draw(state)
    lanes = [
        {"name": NAMES.get(lane.name, lane.name), "drawn": plots.bars(chart)}
        for lane, chart in drawing.lanes
    ]
    smalls = [
        {"name": title, "drawn": plots.lines(chart)}
        for name, title in SMALLS
        if (chart := getattr(drawing, name)) is not None
    ]
    tables = [
        {"name": NAMES.get(lane.name, lane.name), "rows": [_row(turn) for turn in lane.turns]}
        for lane in state.lanes
        if lane.turns
    ]
    filled = _template().render(
        style=_style(),
        state=state,
        lines=parts(state.summary),
        budget=size(state.budget_bytes),
        begun=moment(state.created),
        origin=origin(state),
        badge="replayed" if state.replayed else "measured",
        lanes=lanes,
        smalls=smalls,
        columns=COLUMNS,
        tables=tables,
        figures=[(name, figure) for name, figure in state.figures.items() if figure.text],
        facts=_facts(state),
    )
    return filled.encode()


def _row(turn: Turn) -> tuple[str, ...]:
    same = {None: DASH, True: "✓ same", False: "✕ different"}[turn.same]
    number = f"{turn.session + 1}.{turn.turn}" if turn.session else str(turn.turn)
    speed = DASH if turn.tokens_per_s is None else f"{turn.tokens_per_s:.3g}"
    return (
        number,
        DASH if turn.prompt_tokens is None else f"{turn.prompt_tokens:,}",
        seconds(turn.first_token_s),
        speed,
        size(turn.ram_bytes),
        size(turn.flash_bytes),
        same,
    )


def _facts(state: State) -> list[tuple[str, str]]:
    named: list[tuple[str, Any]] = [
        *((f"model: {key}", value) for key, value in state.model.items()),
        *((f"machine: {key}", value) for key, value in state.machine.items()),
    ]
    return [(name.replace("_", " "), _fact(value)) for name, value in named if value]


def _fact(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


@lru_cache(maxsize=1)
def _template() -> Any:  # noqa: ANN401  jinja types it by its environment
    loader = FileSystemLoader(HERE)
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return made.get_template("sheet.html")


@lru_cache(maxsize=1)
def _style() -> str:
    faces = "".join(
        f'@font-face {{ font-family: "{name}"; font-weight: 100 900; src: url(data:font/woff2;'
        f"base64,{b64encode((ASSETS / 'fonts' / f'{file}.woff2').read_bytes()).decode()}) "
        'format("woff2"); }\n'
        for name, file in FACES.items()
    )
    sheets = "".join((ASSETS / "css" / f"{name}.css").read_text("utf-8") for name in STYLES)
    return f"{faces}{sheets}"
