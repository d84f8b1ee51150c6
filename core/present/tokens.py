"""The design tokens as values: read from the one style sheet that defines them.

It knows palettes, schemes and contrast, and writes docs/design-system.md from them. It does not
know pages or charts; those refer to tokens by name.
"""

import re
from functools import lru_cache
from pathlib import Path

SHEET = Path(__file__).resolve().parents[2] / "assets" / "css" / "tokens.css"
PALETTES = ("studio", "pascari")
SCHEMES = ("light", "dark")
AA_TEXT, AA_SHAPE = 4.5, 3.0

GROUNDS = ("paper", "surface")
TEXTS = ("ink", "quiet", "good", "bad", "warn", "info")
# Every pair the style sheets put on each other, with the contrast it must reach.
PAIRS: tuple[tuple[str, str, float], ...] = (
    *((text, ground, AA_TEXT) for text in TEXTS for ground in GROUNDS),
    ("on-accent", "accent", AA_TEXT),
    ("on-highlight", "highlight", AA_TEXT),
    ("paper", "ink", AA_TEXT),
    *(("line-strong", ground, AA_SHAPE) for ground in GROUNDS),
)

_BLOCK = re.compile(r":root((?:\[[^\]]+\])*)\s*\{([^}]*)\}")
_ENTRY = re.compile(r"--([\w-]+):\s*([^;]+);")
_COLOUR = re.compile(r"#[0-9A-F]{6}")
_INTRO = """# Design system

Generated from `assets/css/tokens.css` by `python -m docs.generate`. Every colour on the screen is
one of these tokens; a test recomputes each contrast below and fails under 4.5 for text and under
3 for the edges of fields and the focus ring.
"""


@lru_cache(maxsize=1)
def colours() -> dict[tuple[str, str], dict[str, str]]:
    """Return the colour of every token for each palette and scheme."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for selector, body in _BLOCK.findall(SHEET.read_text(encoding="utf-8")):
        named = dict(re.findall(r'\[data-(\w+)="(\w+)"\]', selector))
        if named:
            entries = dict(_ENTRY.findall(body))
            found[named["palette"], named["scheme"]] = {
                name: value for name, value in entries.items() if _COLOUR.fullmatch(value)
            }
    return found


def shared() -> dict[str, str]:
    """Return the tokens that are the same everywhere: type, space, shape, motion."""
    for selector, body in _BLOCK.findall(SHEET.read_text(encoding="utf-8")):
        if not selector:
            return dict(_ENTRY.findall(body))
    return {}


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast ratio of two colours."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def document() -> str:
    """Return docs/design-system.md."""
    return "\n".join((_INTRO, _colour_table(), "", _contrast_table(), "", _shared_table(), ""))


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _columns() -> list[tuple[str, str]]:
    return [(palette, scheme) for palette in PALETTES for scheme in SCHEMES]


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _colour_table() -> str:
    every = colours()
    names = list(every[_columns()[0]])
    rows = [[f"`{name}`", *(f"`{every[key][name]}`" for key in _columns())] for name in names]
    return "## Colours\n\n" + _table(["token", *(f"{p} {s}" for p, s in _columns())], rows)


def _contrast_table() -> str:
    every = colours()
    rows = [
        [
            f"`{front}` on `{back}`",
            f"{least:g}",
            *(f"{contrast(every[key][front], every[key][back]):.1f}" for key in _columns()),
        ]
        for front, back, least in PAIRS
    ]
    head = ["pair", "at least", *(f"{p} {s}" for p, s in _columns())]
    return "## Contrast\n\n" + _table(head, rows)


def _shared_table() -> str:
    rows = [[f"`{name}`", f"`{value}`"] for name, value in shared().items()]
    return "## Type, space, shape, motion\n\n" + _table(["token", "value"], rows)
