"""The composition root: settings, lock, store, services, server, pages, in that order.

It wires and starts; everything it wires lives elsewhere. `python app.py --help` lists the flags.
"""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import core.process  # noqa: F401  must come before anything imports torch
from core.errors import PlumblineError, SettingsError
from core.server import flags
from core.settings import Settings, load, lookalikes, shown
from core.telemetry.announced import announced

if TYPE_CHECKING:
    from core.services import Services


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
        else:
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
    from core.server.doctor import versions
    from core.services import Services
    from core.store.snapshots import Snapshots
    from eval.service import measure
    from ingest.service import bring, default_name

    services = Services.open(settings, ending, bring, default_name, measure)
    Snapshots(services.store).save(shown(settings), versions())
    return services


def compose(services: "Services", token: str):  # noqa: ANN201
    """Return the server; its pages are made once the port is open, and then the model is chosen."""
    from core.server.factory import build
    from core.server.later import Later
    from eval import routes as evals
    from eval.datasets import routes as datasets
    from eval.stress import routes as stress
    from ingest import routes as ingests

    rest = Later(lambda: paged(services), lambda: warm(services))
    routers = [part.router for part in (ingests, datasets, evals, stress)]
    return build(services, routers, token, rest, datasets.UPLOADS)


def paged(services: "Services"):  # noqa: ANN201
    """Return the tabs as an app of their own; Gradio is the longest import of the start."""
    import gradio as gr
    from fastapi import FastAPI

    import pages
    from core.server.factory import adopt

    blocks, arguments = pages.build(services), pages.mount_arguments(services.settings)
    return adopt(gr.mount_gradio_app(FastAPI(openapi_url=None), blocks, path="/", **arguments))


def opened(services: "Services", url: str) -> None:
    """Say where the page is and take up detached work."""
    from eval import service as evals
    from ingest import service as ingests

    warning = " Everybody who can reach it may use it." if services.settings.is_open else ""
    print(f"Plumbline is open at {url} (Ctrl-C stops it).{warning}", flush=True)
    services.jobs.start()
    services.telemetry.start()
    for part in (ingests, evals):
        part.follow(services)


def warm(services: "Services") -> None:
    """Choose and load what answers, say it, and then open or make the default index."""
    from ingest.service import begin

    services.catalog.warm()
    print("\n".join(announced(services.catalog.state, services.store)), flush=True)
    begin(services)


if __name__ == "__main__":
    sys.exit(main())
