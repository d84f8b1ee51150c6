"""The composition root: settings, lock, store, services, server, pages, in that order.

It wires and starts; everything it wires lives elsewhere. `python app.py --help` lists the flags.
"""

import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import core.process  # noqa: F401  must come before anything imports torch
from core.errors import PlumblineError, SettingsError
from core.server import flags
from core.settings import Settings, load, lookalikes, shown

if TYPE_CHECKING:
    from core.services import Services

BUNDLED = Path(__file__).resolve().parent / "assets" / "models"


def main(arguments: list[str] | None = None) -> int:
    """Read the flags and run; return the process' exit code."""
    try:
        asked = flags.read(sys.argv[1:] if arguments is None else arguments)
        settings = load(asked.settings)
        for warning in lookalikes():
            print(warning, file=sys.stderr)
        if asked.doctor:
            from core.server import doctor

            print(doctor.report(settings))
            return 0
        start(settings)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, SettingsError) else 1
    return 0


def start(settings: Settings) -> None:
    """Own DATA_DIR, open the port, serve until told to stop, and let go of everything."""
    from core.server import logs, run
    from core.store.lock import Lock

    logs.configure(settings.log_level)
    run.end_on_signals()
    with ExitStack() as ending:
        lock = Lock.acquire(settings.data_dir, "")
        ending.callback(lock.release)
        sock = ending.enter_context(run.bind(settings))
        url = run.url_of(settings, sock)
        lock.announce(url)
        services = wire(settings, ending)
        app = compose(services, lock.owner.token)
        run.serve(app, sock, lambda: opened(services, url))


def wire(settings: Settings, ending: ExitStack) -> "Services":
    """Build every part and note how each is ended, in reverse order."""
    from core.assistant.methods.quote import Quote
    from core.assistant.sessions import Sessions
    from core.jobs.queue import Jobs
    from core.models.catalog import Catalog
    from core.retrieval.handbook import Handbook
    from core.server.doctor import versions
    from core.services import Services
    from core.store.chats import Chats
    from core.store.connection import Store
    from core.store.generations import Generations
    from core.store.snapshots import Snapshots
    from core.telemetry.health import Health

    store = Store.open(settings.data_dir, settings.store_memory)
    ending.callback(store.close)
    Snapshots(store).save(shown(settings), versions())
    chats, generations = Chats(store), Generations(store)
    catalog = Catalog(settings, generations, bundled_dir=BUNDLED)
    ending.callback(catalog.close)
    jobs = Jobs(store, settings.data_dir)
    ending.callback(jobs.stop)
    handbook = Handbook()
    quote = Quote(handbook.search, handbook.name)
    sessions = Sessions(settings, chats, catalog, quote, jobs.yielding)
    health = Health(settings, store, catalog)
    return Services(settings, store, chats, generations, catalog, sessions, jobs, health)


def compose(services: "Services", token: str):  # noqa: ANN201
    """Return the server with the pages mounted last, since a mount at / takes what is left."""
    import gradio as gr

    import pages
    from core.server.factory import adopt, build

    blocks = pages.build(services)
    arguments = pages.mount_arguments(services.settings)
    server = build(services, token=token)
    return adopt(gr.mount_gradio_app(server, blocks, path="/", **arguments))


def opened(services: "Services", url: str) -> None:
    """Say where the page is, then choose what answers and take up detached work."""
    warning = " Everybody who can reach it may use it." if services.settings.is_open else ""
    print(f"Plumbline is open at {url} (Ctrl-C stops it).{warning}", flush=True)
    threading.Thread(target=warm, args=(services,), name="warm", daemon=True).start()


def warm(services: "Services") -> None:
    """Choose and load what answers, and say it."""
    services.jobs.start()
    services.catalog.warm()
    state = services.catalog.state
    name = state.card.label if state.card else "nothing yet"
    print(f"Answers come from: {name}. {state.why}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
