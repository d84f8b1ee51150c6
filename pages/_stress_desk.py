"""What a view of Stress works with, and what it gives back.

It knows who looks, over which services, and who may end a run. It shows nothing itself.
"""

from dataclasses import dataclass

from core.errors import NotFound
from core.services import Services
from eval.stress.service import Listed, Stress
from pages._html import text
from pages._stress_asked import TABS, Asked, View, go

OPEN_STATES = ("queued", "running")


@dataclass(frozen=True)
class Desk:
    """The services of one visitor at one moment."""

    services: Services
    stress: Stress
    owner: str

    @property
    def shared(self) -> bool:
        """Say whether others reach this server too."""
        return self.services.settings.public or self.services.settings.is_open

    def may_change(self, id: str) -> bool:
        """Say whether this visitor may end or go on with a run; one that was brought has no job."""
        try:
            owner = self.services.jobs.get(id).owner
        except NotFound:
            return False
        return owner == self.owner or (not owner and not self.shared)

    def under_way(self) -> list[Listed]:
        """Return the runs that are queued or running, whoever began them, newest first."""
        return [run for run in self.stress.list() if run.state in OPEN_STATES]


@dataclass(frozen=True)
class Shown:
    """A view: its head, the pictures that grow while it runs, and what stands below them."""

    head: str
    figures: str = ""
    body: str = ""


def framed(title: str, inner: str, tools: str = "") -> str:
    """Return the top of a view: the sentence, what can be done, and what stands below."""
    buttons = f'<div class="head-tools">{tools}</div>' if tools else ""
    return f'<header class="stress-about"><h1>{title}</h1>{buttons}</header>{inner}'


def nav(asked: Asked) -> str:
    """Return the places of Stress, the one that is open marked."""
    at: View = "runs" if asked.view == "run" else asked.view
    links = "".join(
        go(Asked(view=view), text(name), extra=' aria-current="page"' if view == at else "")
        for view, name in TABS.items()
    )
    return f'<nav class="places" aria-label="Stress">{links}</nav>'


def button(label: str, act: str, kind: str = "", **data: object) -> str:
    """Return a button that does something to a run."""
    extra = "".join(f' data-{key}="{text(value)}"' for key, value in data.items())
    return (
        f'<button type="button" class="button {kind}" data-act="stress-do" data-do="{act}"{extra}>'
        f"{text(label)}</button>"
    )
