"""What an app of Plumbline is made of, as far as it needs no tab and no suite.

app.py builds it once; the server and the pages are handed it. It starts nothing itself.
"""

from dataclasses import dataclass

from core.assistant.sessions import Sessions
from core.jobs.queue import Jobs
from core.models.catalog import Catalog
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store
from core.store.generations import Generations
from core.telemetry.health import Health


@dataclass(frozen=True)
class Services:
    """The parts, wired."""

    settings: Settings
    store: Store
    chats: Chats
    generations: Generations
    catalog: Catalog
    sessions: Sessions
    jobs: Jobs
    health: Health
