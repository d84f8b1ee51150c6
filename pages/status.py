"""The Status tab: how well everything works, what runs and why, how it is set.

It asks the services and lays out their answers; it refreshes only while somebody looks.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

import gradio as gr

from core.errors import PlumblineError
from core.present.numbers import THIN
from core.server.routes.status import told_settings
from core.services import Services
from core.telemetry.process import live
from pages import _html, _status
from pages._page import PRIVATE, Page, Shell

EVERY_SECONDS = 2.0
KEPT_READINGS = 60
SHOWN_PACKAGES = (
    "gradio", "fastapi", "duckdb", "torch", "transformers", "huggingface_hub", "peft", "numpy",
)  # fmt: skip


def build(services: Services, shell: Shell) -> None:
    """Lay out the tab and wire it."""
    look = Look(services, shell)
    with gr.Column(elem_classes="status-page"):
        head = _section("status-head", _html.loading("Asking every part how it is."))
        figures = _section("status-cards", "")
        parts = _section("status-parts", "")
        jobs = _section("status-jobs", "")
        _section("status-fixed", look.fixed())
    timer = gr.Timer(EVERY_SECONDS, active=False)
    shown = [head, figures, parts, jobs]
    timer.tick(look.refresh, None, shown, **PRIVATE)
    shell.tabs.select(look.selected, None, [timer, *shown], **PRIVATE)
    shell.demo.load(look.opened, None, [timer, *shown], **PRIVATE)
    head.act(look.again, None, shown, concurrency_limit=None, **PRIVATE)
    jobs.act(look.cancel, None, shown, **PRIVATE)


class Look:
    """What the tab shows, for every visitor at once."""

    def __init__(self, services: Services, shell: Shell) -> None:
        self._services = services
        self._shell = shell
        self._readings: deque[_status.Reading] = deque(maxlen=KEPT_READINGS)
        self._checked = ""

    def selected(self, request: gr.Request, event: gr.SelectData) -> list[Any]:
        """Start looking when the tab is opened, and stop when it is left."""
        return self._switch(request, event.value == PAGE.title)

    def opened(self, request: gr.Request) -> list[Any]:
        """Start looking at once when the address asks for this tab."""
        return self._switch(request, self._shell.link(request).tab == PAGE.slug)

    def refresh(self, request: gr.Request) -> list[str]:
        """Return everything that changes by itself."""
        return self._shown(request, "")

    def again(self, request: gr.Request) -> Iterator[list[str]]:
        """Look again for a model, saying how long it takes."""
        if self._services.settings.public:
            yield self._shown(request, "Only whoever runs this server may do that.")
            return
        started = time.monotonic()
        check = threading.Thread(target=self._services.catalog.warm, daemon=True)
        check.start()
        while check.is_alive():
            waited = int(time.monotonic() - started)
            self._checked = f"Looking for a model, {waited}{THIN}s so far."
            yield self._shown(request, "")
            check.join(0.5)
        self._checked = f"Checked at {datetime.now(UTC):%H:%M:%S} UTC."
        yield self._shown(request, "")

    def cancel(self, request: gr.Request, event: gr.EventData) -> list[str]:
        """End a job of this visitor."""
        id = str((event._data or {}).get("id") or "")
        said = ""
        try:
            if self._services.jobs.get(id).owner == self._shell.owner(request):
                self._services.jobs.cancel(id)
        except PlumblineError as error:
            said = f"{error}"
        return self._shown(request, said)

    def fixed(self) -> str:
        """Return what stays as it is while the process runs."""
        rows = told_settings(self._services.settings)
        return _status.settings(rows) + _status.versions(_versions())

    def _switch(self, request: gr.Request, looking: bool) -> list[Any]:
        if not looking:
            return [gr.Timer(active=False), *[gr.skip()] * 4]
        return [gr.Timer(active=True), *self._shown(request, "")]

    def _shown(self, request: gr.Request, said: str) -> list[str]:
        services = self._services
        usage = live(services.settings.data_dir)
        self._readings.append(_status.Reading(time.monotonic(), usage.rss_bytes, usage.cpu_percent))
        report = services.health.report()
        now = f"{datetime.now(UTC):%H:%M:%S} UTC"
        totals = services.generations.totals()
        cores = os.cpu_count() or 1
        owner = self._shell.owner(request)
        return [
            _status.overview(report, said or self._checked, services.settings.public),
            _status.cards(usage, totals, cores, tuple(self._readings), now),
            _status.running(report, services.catalog.state, self._figures()),
            _status.jobs(services.jobs.list(20), owner),
        ]

    def _figures(self) -> dict[str, float]:
        """Return what the device probe measured, where a local model made it run."""
        card = self._services.catalog.state.card
        if card is None or card.device is None or card.kind not in ("local", "bundled"):
            return {}
        from core.models.devices import probe

        settings = self._services.settings
        return probe(settings.device, settings.dtype).figures


def _section(name: str, value: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=_html.ACTIONS, apply_default_css=False)


def _versions() -> list[tuple[str, str]]:
    return [("python", python_version()), *((name, _version(name)) for name in SHOWN_PACKAGES)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


PAGE = Page("Status", "status", build)
