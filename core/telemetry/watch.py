"""All that is measured while Plumbline runs: the process, the model's memory, the model's server.

One object that the routes and the pages ask. It reads and keeps nothing on disk; a server is
asked for its page only when somebody looks, and no more often than every few seconds.
"""

import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

import psutil

from core.errors import PlumblineError
from core.memory.kept import Memory
from core.messages import ModelCard
from core.models.catalog import Catalog, ModelState
from core.settings import Settings
from core.telemetry.pages import Told, ask
from core.telemetry.sampler import Reading, Sampler
from core.telemetry.tiers import Projection, drive_writes

EVERY_S = 1.0
FRESH_S = 2.0
PATIENCE_S = 3.0
NO_SERVER = "No server answers here, so there is no page of figures to read."


class Telemetry:
    """Asks everybody who can tell; the sampler reads this process every second once started."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        self._settings = settings
        self._catalog = catalog
        self._asking = threading.Lock()
        self._told: Told | None = None
        self.sampler = Sampler(every_s=EVERY_S)

    def start(self) -> None:
        """Begin to read the process."""
        self.sampler.start()

    def stop(self) -> None:
        """End that."""
        self.sampler.stop()

    def reading(self) -> Reading:
        """Return the last reading, or a new one where that is old."""
        latest = self.sampler.latest()
        if latest is not None and time.time() - latest.at < FRESH_S:
            return latest
        return self.sampler.sample()

    def memory(self, session: str | None = None) -> Memory | None:
        """Return what the model keeps of a session, or of all; None where that is not told."""
        return self._catalog.memory(session)

    def silence(self) -> str:
        """Say why the model's memory is not told."""
        return _silence(self._catalog.state)

    def wear(self) -> Projection | None:
        """Return what the flash tier would write in a day at its pace so far."""
        memory = self.memory()
        if memory is None or memory.keeper != "flash":
            return None
        with suppress(OSError):
            capacity = psutil.disk_usage(str(self._settings.data_dir)).total
            written = memory.counts["written_bytes"]
            return drive_writes(written, time.time() - memory.since, capacity)
        return None

    def server(self) -> Told:
        """Return what the model's server told, asking anew where that is some seconds old."""
        told = self._told
        fresh = told is not None and time.time() - told.at < FRESH_S
        if told is not None and (fresh or not self._asking.acquire(blocking=False)):
            return told
        if told is None:
            self._asking.acquire()
        try:
            self._told = told = self._ask()
        finally:
            self._asking.release()
        return told

    def _ask(self) -> Told:
        from core.models.wire import Address, base_of
        from core.telemetry import names

        settings, card = self._settings, self._catalog.state.card
        try:
            book = names.read(settings.data_dir)
        except PlumblineError as error:
            return Told(time.time(), reason=error.message)
        wait = min(settings.connect_timeout, PATIENCE_S)
        places = []
        if _is_endpoint(card):
            key = settings.inference_key.get_secret_value()
            base = base_of(settings.inference_url)
            mine = Address(base, key, wait, PATIENCE_S, hidden=settings.public)
            places.append((mine, "/metrics"))
        for page in book.pages:
            parts = urlsplit(page)
            base = f"{parts.scheme}://{parts.netloc}"
            place = Address(base, "", wait, PATIENCE_S, hidden=settings.public)
            places.append((place, page.removeprefix(base) or "/"))
        return ask(places, book.names) if places else Told(time.time(), reason=NO_SERVER)


def _is_endpoint(card: ModelCard | None) -> bool:
    return card is not None and card.kind == "endpoint"


def _silence(state: ModelState) -> str:
    card = state.card
    if state.phase in ("choosing", "loading"):
        return "The model is still loading."
    if card is None or card.kind == "quote":
        return "No language model is loaded, so nothing is kept of a chat."
    if card.kind == "endpoint":
        return "The model's server keeps it and tells nothing of a single chat."
    return "This model does not tell what it keeps."
