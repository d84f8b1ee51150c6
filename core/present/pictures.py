"""Charts as pictures: matplotlib in our type and colours, written as SVG and PNG.

It knows tokens, fonts and files. It does not know what a chart shows. In the SVG each colour of a
token is a variable with that colour as its fallback: alone it is light, and inside a page it
follows the page's scheme. The same figure always gives the same bytes.
"""

import atexit
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from core.present.charts import SERIES
from core.present.tokens import colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONTS = Path(__file__).resolve().parents[2] / "assets" / "fonts"
FACES = ("inter-latin-wght-normal", "instrument-serif-latin-400-normal")
PALETTE, SCHEME = "studio", "light"
DPI = 160
NAMED = ("ink", "quiet", "line", "line-strong", "paper", "good", "bad")


@contextmanager
def figure(width: float, height: float) -> Iterator[tuple["Figure", "Axes"]]:
    """Give a figure of so many inches in our look; it is closed afterwards."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    _load_fonts()
    with mpl.rc_context(_look()):
        drawn = Figure(figsize=(width, height), layout="constrained")
        yield drawn, drawn.subplots()


@contextmanager
def mosaic(
    width: float, height: float, rows: list[list[str]], high: list[float]
) -> Iterator[tuple["Figure", dict[str, "Axes"]]]:
    """Give a figure of several parts by name, row by row; `high` is how high the rows are."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    _load_fonts()
    with mpl.rc_context(_look()):
        drawn = Figure(figsize=(width, height), layout="constrained")
        shape: Any = rows
        yield drawn, drawn.subplot_mosaic(shape, height_ratios=high)


def title(axes: "Axes", words: str) -> None:
    """Write what the chart finds above it, at its left edge."""
    axes.set_title(words, loc="left", fontfamily="Instrument Serif", fontsize=17, pad=12)


def badge(drawn: "Figure", words: str) -> None:
    """Write where the figures come from into the lower right corner."""
    token = colours()[PALETTE, SCHEME]
    drawn.supxlabel(words, x=0.995, ha="right", fontsize=8.5, color=token["quiet"])


def colour(n: int) -> str:
    """Return the n-th colour of a series."""
    return SERIES[SCHEME][n % len(SERIES[SCHEME])]


def token(name: str) -> str:
    """Return a token's colour."""
    return colours()[PALETTE, SCHEME][name]


def svg(drawn: "Figure") -> str:
    """Return the figure as SVG for a page, without a preamble."""
    import matplotlib as mpl

    out = io.StringIO()
    with mpl.rc_context(_look()):
        drawn.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    return _themed(text[text.index("<svg") :])


def png(drawn: "Figure") -> bytes:
    """Return the figure as PNG."""
    import matplotlib as mpl

    out = io.BytesIO()
    with mpl.rc_context(_look()):
        drawn.savefig(out, format="png", dpi=DPI, metadata={"Software": None})
    return out.getvalue()


def _look() -> Any:  # noqa: ANN401  matplotlib types its keys one by one
    quiet, line = token("quiet"), token("line")
    return {
        "font.family": ["Inter", "DejaVu Sans"],
        "font.size": 10.5,
        "text.color": token("ink"),
        "figure.facecolor": token("paper"),
        "axes.facecolor": token("paper"),
        "savefig.facecolor": token("paper"),
        "axes.edgecolor": token("line-strong"),
        "axes.labelcolor": quiet,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": line,
        "grid.linewidth": 0.8,
        "xtick.color": quiet,
        "ytick.color": quiet,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "axes.titlecolor": token("ink"),
        "axes.unicode_minus": True,
        "legend.frameon": False,
        # Text stays text: it can be searched, and takes the page's own fonts.
        "svg.fonttype": "none",
        "svg.hashsalt": "plumbline",
    }


def _themed(text: str) -> str:
    """Return the SVG with the colours of tokens and series as variables."""
    names = {token(name).lower(): name for name in NAMED}
    names |= {shade.lower(): f"series-{n}" for n, shade in enumerate(SERIES[SCHEME])}
    pattern = re.compile("|".join(names), re.IGNORECASE)
    return pattern.sub(lambda found: f"var(--{names[found[0].lower()]}, {found[0].lower()})", text)


@lru_cache(maxsize=1)
def _load_fonts() -> None:
    """Let matplotlib know our typefaces, which it reads in another format only."""
    from fontTools.ttLib import TTFont
    from matplotlib import font_manager

    folder = TemporaryDirectory(prefix="plumbline-fonts-")
    atexit.register(folder.cleanup)
    for face in FACES:
        font = TTFont(FONTS / f"{face}.woff2")
        font.flavor = None
        unpacked = Path(folder.name) / f"{face}.ttf"
        font.save(unpacked)
        font_manager.fontManager.addfont(unpacked)
