"""What a view of Evals works with, and what it gives back.

It knows who looks, in which light, and over which services. It shows nothing itself.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.records import Run
from core.services import Evals, Services
from eval.datasets.service import Datasets
from pages._evals_asked import TABS as NAMES
from pages._evals_asked import Asked, View, go
from pages._html import text

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

OPEN_STATES = ("queued", "running")


@dataclass(frozen=True)
class Desk:
    """The services of one visitor at one moment."""

    services: Services
    evals: Evals
    suites: Datasets
    owner: str
    scheme: str

    @property
    def shared(self) -> bool:
        """Say whether others reach this server too."""
        return self.services.settings.public or self.services.settings.is_open

    @property
    def look(self) -> tuple[str, str]:
        """Return the palette and the scheme that charts are drawn in."""
        return self.services.settings.theme, self.scheme

    def may_change(self, run: Run) -> bool:
        """Say whether this visitor may cancel, delete or label a run."""
        return run.owner == self.owner or (not run.owner and not self.shared)


@dataclass(frozen=True)
class Shown:
    """A view: what stands above the charts, the charts, and what stands below them."""

    head: str
    body: str = ""
    charts: tuple["Figure", ...] = ()


def framed(title: str, inner: str, tools: str = "") -> str:
    """Return the top of a view: the sentence, what can be done, and what stands below."""
    buttons = f'<div class="head-tools">{tools}</div>' if tools else ""
    return f'<header class="evals-about"><h1>{title}</h1>{buttons}</header>{inner}'


def nav(asked: Asked) -> str:
    """Return the places of Evals, the one that is open marked."""
    at: View = "runs" if asked.view == "run" else asked.view
    links = "".join(
        go(Asked(view=view), text(name), extra=' aria-current="page"' if view == at else "")
        for view, name in NAMES.items()
    )
    return f'<nav class="places" aria-label="Evals">{links}</nav>'


def button(label: str, act: str, kind: str = "", **data: object) -> str:
    """Return a button that does something to a run, a suite or a configuration."""
    extra = "".join(f' data-{key}="{text(value)}"' for key, value in data.items())
    return (
        f'<button type="button" class="button {kind}" data-act="evals-do" data-do="{act}"{extra}>'
        f"{text(label)}</button>"
    )
