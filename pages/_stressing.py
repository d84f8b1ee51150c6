"""What happens in Stress: a place is opened, a run is begun, watched, ended, replayed.

It turns what the runs say into what the components show. Views are in `_stress_*`; what a button
does is in `_stress_doing`. Many may watch one run; nobody who leaves ends it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from core.errors import PlumblineError
from core.services import Services
from eval.stress.service import Stress
from eval.stress.state import State
from pages import _html, _stress_doing, _stress_fit, _stress_new, _stress_run, _stress_runs
from pages._page import Shell
from pages._stream import attempt
from pages._stress_asked import Asked, go, link, read
from pages._stress_desk import OPEN_STATES, Desk, Shown, framed, nav

Updates = dict[Any, Any]
Given = dict[str, Any]

SLUG, TITLE = "stress", "Stress"
TICK_S = 1.0
VIEWS = {
    "start": _stress_new.show,
    "run": _stress_run.show,
    "runs": _stress_runs.show,
    "fit": _stress_fit.show,
}
WORKING = {
    "start": "Putting the run into the queue.",
    "export": "Writing the file.",
    "bring": "Reading the file.",
}


@dataclass(frozen=True)
class Parts:
    """The components Stress writes to; the last two remember what the page shows."""

    places: gr.HTML
    said: gr.HTML
    head: gr.HTML
    live: gr.HTML
    figures: gr.HTML
    body: gr.HTML
    file: gr.File
    timer: gr.Timer
    link: gr.Textbox
    stand: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Return every component, as an event's outputs."""
        return [getattr(self, field.name) for field in fields(self)]


class Stressing:
    """The behaviour of the Stress tab, for every visitor at once."""

    def __init__(self, services: Services, shell: Shell, parts: Parts) -> None:
        self._services = services
        self._stress = Stress(services.settings, services.jobs)
        self._shell = shell
        self._parts = parts

    def opened(self, request: gr.Request) -> Iterator[Updates]:
        """Show what the address asks for, where it asks for this tab."""
        if self._shell.link(request).tab == SLUG:
            yield from self._show(request, self._at_once(read(dict(request.query_params))))

    def selected(
        self, request: gr.Request, event: gr.SelectData, address: str, stand: str
    ) -> Iterator[Updates]:
        """Show the tab when it is opened, and stop watching when it is left."""
        if event.value != TITLE:
            yield {self._parts.timer: gr.Timer(active=False)}
        elif stand:
            yield self.tick(request, address, stand)
        else:
            yield from self._show(request, self._at_once(Asked()))

    def act(self, request: gr.Request, event: gr.EventData, address: str) -> Iterator[Updates]:
        """Go somewhere, or do something and show what follows from it."""
        given: Given = dict(event._data or {})
        if given.get("act") == "go":
            yield from self._show(request, _read(str(given.get("to") or "")))
            return
        act = str(given.get("do"))
        if act in WORKING:
            yield {self._parts.said: _html.loading(WORKING[act])}
        done = attempt(lambda: _stress_doing.do(self._desk(request), _read(address), given))
        if isinstance(done, PlumblineError):
            yield {self._parts.said: _html.failure(done)}
            return
        if done.file:
            yield {self._parts.file: gr.File(str(done.file), visible=True)}
        if done.figures is not None:
            yield {self._parts.figures: done.figures}
            return
        if done.piece is not None:
            yield {self._parts.said: done.piece}
            return
        yield from self._show(request, done.asked, done.said)

    def tick(self, request: gr.Request, address: str, stand: str) -> Updates:
        """Draw what has come of the run that is watched; its head only once it has changed."""
        asked, parts = _read(address), self._parts
        if asked.view != "run" or asked.play:
            return {parts.timer: gr.Timer(active=False)}
        state = attempt(lambda: self._stress.state(asked.run))
        if isinstance(state, PlumblineError):
            return {parts.said: _html.failure(state), parts.timer: gr.Timer(active=False)}
        going = state.state in OPEN_STATES
        updates: Updates = {parts.timer: gr.Timer(active=going)}
        if _stand(state) == stand:
            return updates | {parts.live: _stress_run.live(state)}
        shown = attempt(lambda: _stress_run.show(self._desk(request), asked))
        if isinstance(shown, PlumblineError):
            return updates | {parts.said: _html.failure(shown)}
        updates |= {
            parts.live: _stress_run.live(state),
            parts.figures: shown.figures,
            parts.body: shown.body,
            parts.stand: _stand(state),
        }
        if stand.partition("|")[0] != _stress_run.standing(state):
            updates[parts.head] = _head(shown, asked)
        return updates

    def _show(self, request: gr.Request, asked: Asked, said: str = "") -> Iterator[Updates]:
        """Show a place."""
        parts = self._parts
        desk = self._desk(request)
        shown = attempt(lambda: VIEWS[asked.view](desk, asked))
        if isinstance(shown, PlumblineError):
            back = go(Asked(view="runs"), "Stored runs", "button")
            shown = Shown(framed("That cannot be shown.", _html.failure(shown) + back))
        watched = asked.view == "run" and not asked.play
        state = attempt(lambda: self._stress.state(asked.run)) if watched else None
        there = isinstance(state, State)
        yield {
            parts.places: nav(asked),
            parts.said: said,
            parts.head: _head(shown, asked),
            parts.live: _stress_run.live(state) if there else "",
            parts.figures: shown.figures,
            parts.body: shown.body,
            parts.file: gr.File(visible=False),
            parts.timer: gr.Timer(active=there and state.state in OPEN_STATES),
            parts.link: link(asked),
            parts.stand: _stand(state) if there else "-",
        }

    def _at_once(self, asked: Asked) -> Asked:
        """Return the run that is under way, where no other place is asked for."""
        if asked != Asked():
            return asked
        running = attempt(lambda: [r for r in self._stress.list() if r.state in OPEN_STATES])
        if isinstance(running, PlumblineError) or not running:
            return asked
        return replace(asked, view="run", run=running[-1].id)

    def _desk(self, request: gr.Request) -> Desk:
        return Desk(self._services, self._stress, self._shell.owner(request))


def _stand(state: State) -> str:
    """Return what a run is, and after a bar how many turns it has."""
    turns = sum(len(lane.turns) + len(lane.failures) for lane in state.lanes)
    return f"{_stress_run.standing(state)}|{turns}"


def _head(shown: Shown, asked: Asked) -> str:
    to = _html.text(link(asked))
    play = ' data-play="1"' if asked.play else ""
    return f'<div class="stress-view" data-link="{to}"{play}>{shown.head}</div>'


def _read(address: str) -> Asked:
    return read(dict(parse_qsl(address)))
