"""What happens in Evals: a place is opened, a run is begun, changed, labelled, put away.

It turns what the runs say into what the components show. Views are in `_evals_*`; what a button
does is in `_evals_doing`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from core.errors import PlumblineError
from core.services import Services
from eval.datasets.service import Datasets
from pages import (
    _evals_board,
    _evals_compare,
    _evals_doing,
    _evals_new,
    _evals_one,
    _evals_run,
    _evals_runs,
    _evals_suites,
    _html,
)
from pages._evals_asked import Asked, go, link, read
from pages._evals_desk import OPEN_STATES, Desk, Shown, framed, nav
from pages._page import Shell
from pages._stream import attempt

Updates = dict[Any, Any]
Given = dict[str, Any]

SLUG, TITLE = "evals", "Evals"
TICK_S = 1.5
CHARTS = 3
SCHEMES = ("light", "dark")
VIEWS = {
    "runs": _evals_runs.show,
    "new": _evals_new.show,
    "run": _evals_run.show,
    "compare": _evals_compare.show,
    "leaderboard": _evals_board.show,
    "datasets": _evals_suites.show,
    "one": _evals_one.show,
}
DOING = {
    "run": "Adding up the samples.",
    "compare": "Comparing the runs, sample by sample.",
    "leaderboard": "Reading the runs of the suite.",
    "datasets": "Reading the suites.",
}
WORKING = {
    "one": "Answering the question and scoring the answer.",
    "start": "Choosing the samples.",
    "first": "Choosing the samples.",
    "export": "Writing the file.",
    "publish": "Making the bundle: pages, charts and data.",
}


@dataclass(frozen=True)
class Parts:
    """The components Evals writes to; the last three remember what the page shows."""

    places: gr.HTML
    live: gr.HTML
    said: gr.HTML
    head: gr.HTML
    charts: gr.Column
    first: gr.Plot
    second: gr.Plot
    third: gr.Plot
    body: gr.HTML
    file: gr.File
    timer: gr.Timer
    link: gr.Textbox
    stand: gr.Textbox
    scheme: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Return every component, as an event's outputs."""
        return [getattr(self, field.name) for field in fields(self)]


class Evaluating:
    """The behaviour of the Evals tab, for every visitor at once."""

    def __init__(self, services: Services, shell: Shell, parts: Parts) -> None:
        self._services = services
        self._suites = Datasets(services.settings, services.store)
        self._shell = shell
        self._parts = parts

    def opened(self, request: gr.Request, scheme: str) -> Iterator[Updates]:
        """Show what the address asks for, where it asks for this tab."""
        if self._shell.link(request).tab != SLUG:
            yield {self._parts.scheme: scheme}
            return
        yield from self._show(request, read(dict(request.query_params)), scheme)

    def selected(
        self, request: gr.Request, event: gr.SelectData, address: str, stand: str, scheme: str
    ) -> Iterator[Updates]:
        """Show the tab when it is opened, and stop looking after runs when it is left."""
        if event.value != TITLE:
            yield {self._parts.timer: gr.Timer(active=False)}
        elif stand:
            yield self.tick(request, address, stand, scheme)
        else:
            yield from self._show(request, Asked(), scheme)

    def act(self, request: gr.Request, event: gr.EventData, address: str) -> Iterator[Updates]:
        """Go somewhere, or do something and show what follows from it."""
        given: Given = dict(event._data or {})
        scheme = str(given.get("scheme") or SCHEMES[0])
        if given.get("act") == "go":
            yield from self._show(request, _read(str(given.get("to") or "")), scheme)
            return
        asked, act = _read(address), str(given.get("do"))
        if act in WORKING:
            yield {self._parts.said: _html.loading(WORKING[act])}
        done = attempt(lambda: _evals_doing.do(self._desk(request, scheme), asked, given))
        if isinstance(done, PlumblineError):
            yield {self._parts.said: _html.failure(done)}
            return
        if done.file:
            yield {self._parts.file: gr.File(str(done.file), visible=True)}
        if done.body is not None:
            yield {self._parts.body: done.body}
            return
        if done.piece is not None:
            yield {self._parts.said: done.piece}
            return
        yield from self._show(request, done.asked, scheme, done.said)

    def tick(self, request: gr.Request, address: str, stand: str, scheme: str) -> Updates:
        """Say how far runs are; show the view anew once something in it has changed."""
        asked, parts = _read(address), self._parts
        desk = attempt(lambda: self._desk(request, scheme))
        if isinstance(desk, PlumblineError):
            return {parts.said: _html.failure(desk)}
        runs, now = self._standing(desk, asked)
        updates: Updates = {
            parts.live: _evals_runs.live(desk, runs),
            parts.timer: gr.Timer(active=bool(runs)),
            parts.stand: now,
        }
        if now != stand and asked.view in ("runs", "run") and not asked.sample:
            shown = attempt(lambda: VIEWS[asked.view](desk, asked))
            if isinstance(shown, Shown):
                updates |= self._put(shown, asked)
        return updates

    def _show(
        self, request: gr.Request, asked: Asked, scheme: str, said: str = ""
    ) -> Iterator[Updates]:
        """Show a place; what takes longer says first what is being done."""
        parts = self._parts
        if asked.view in DOING:
            yield {parts.said: _html.loading(DOING[asked.view])}
        desk = attempt(lambda: self._desk(request, scheme))
        if isinstance(desk, PlumblineError):
            yield {parts.head: _html.failure(desk), parts.said: ""}
            return
        shown = attempt(lambda: VIEWS[asked.view](desk, asked))
        if isinstance(shown, PlumblineError):
            back = go(Asked(), "All runs", "button")
            shown = Shown(framed("That cannot be shown.", _html.failure(shown) + back))
        runs, now = self._standing(desk, asked)
        yield {
            **self._put(shown, asked),
            parts.said: said,
            parts.live: _evals_runs.live(desk, runs),
            parts.timer: gr.Timer(active=bool(runs)),
            parts.link: link(asked),
            parts.stand: now,
            parts.scheme: scheme,
        }

    def _put(self, shown: Shown, asked: Asked) -> Updates:
        parts = self._parts
        plots, to = (parts.first, parts.second, parts.third), _html.text(link(asked))
        updates: Updates = {
            parts.places: nav(asked),
            parts.head: f'<div class="evals-view" data-link="{to}">{shown.head}</div>',
            parts.body: shown.body,
            parts.charts: gr.Column(visible=bool(shown.charts)),
        }
        for n, plot in enumerate(plots):
            there = n < len(shown.charts)
            updates[plot] = (
                gr.Plot(shown.charts[n], visible=True) if there else gr.Plot(visible=False)
            )
        return updates

    def _standing(self, desk: Desk, asked: Asked) -> tuple[list[Any], str]:
        """Return the runs under way, and what must be the same for the view to be still right."""
        runs = _evals_runs.under_way(desk)
        if asked.view == "run" and asked.run:
            of = attempt(lambda: desk.evals.get(asked.run, desk.owner))
            if isinstance(of, PlumblineError):
                return runs, "-"
            shown = [run for run in runs if run.id == of.id]
            return shown if of.state in OPEN_STATES else [], f"{of.id} {of.state} {of.done}"
        told = ",".join(f"{run.id} {run.state}" for run in runs)
        return runs, told or "-"

    def _desk(self, request: gr.Request, scheme: str) -> Desk:
        chosen = scheme if scheme in SCHEMES else SCHEMES[0]
        owner = self._shell.owner(request)
        return Desk(self._services, self._services.evals, self._suites, owner, chosen)


def _read(address: str) -> Asked:
    return read(dict(parse_qsl(address)))
