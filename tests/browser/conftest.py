"""One app, one model server and one Chromium for all browser tests; a fresh visitor for each."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from bench._app import app
from tests.browser import modelserver
from tests.browser.modelserver import ModelServer

PATIENCE_MS = 40_000
expect.set_options(timeout=PATIENCE_MS)
Open = Callable[..., Page]
SIZE: ViewportSize = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def model() -> Iterator[ModelServer]:
    with modelserver.serving() as server:
        yield server


@pytest.fixture(scope="session")
def address(model: ModelServer) -> Iterator[str]:
    """Return where the app is that answers with the model server."""
    with app(inference_url=model.url, model_name=modelserver.NAME) as running:
        yield running.url


@pytest.fixture(scope="session")
def quotes_address() -> Iterator[str]:
    """Return where the app is that has no language model."""
    with app(model="quote") as running:
        yield running.url


@pytest.fixture(scope="session")
def kiosk_address(model: ModelServer) -> Iterator[str]:
    """Return where the app is that stands in a booth."""
    with app(
        inference_url=model.url, model_name=modelserver.NAME, kiosk="1", theme="pascari"
    ) as running:
        yield running.url


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser window that fetches scripts and fonts once for all tests."""
    made = browser.new_context(viewport=SIZE)
    yield made
    made.close()


def cleared(window: BrowserContext, url: str) -> Page:
    """Return the page of a visitor who was never here: no cookie, nothing kept, one page open.

    It is the same page again where it can be: a new one would compile every script anew.
    """
    page, *others = window.pages or [window.new_page()]
    for other in others:
        other.close()
    page.unroute_all()
    page.set_viewport_size(SIZE)
    window.clear_cookies()
    page.goto(f"{url.partition('/?')[0]}/assets/svg/favicon.svg")
    page.evaluate("localStorage.clear()")
    return page


@pytest.fixture
def opened(browser: Browser, window: BrowserContext) -> Iterator[Open]:
    """Return a function that opens an address as a visitor; what went wrong fails the test.

    No request may leave the machine, no script may fail and no dialog may open. The first
    visitor of a test has the shared window, others have one of their own.
    """
    wrong: list[str] = []
    taken = False
    with ExitStack() as ending:

        def open_page(url: str, page: Page | None = None, **context) -> Page:
            nonlocal taken
            if page is None and not taken and not context:
                taken, page = True, cleared(window, url)
                ending.callback(watch(page, wrong))
            elif page is None:
                made = browser.new_context(**{"viewport": SIZE} | context)
                ending.callback(made.close)
                page = made.new_page()
                watch(page, wrong)
            page.set_default_timeout(PATIENCE_MS)
            page.goto(url)
            page.locator("#log .conversation").wait_for(state="attached")
            return page

        yield open_page
    assert wrong == []


def watch(page: Page, wrong: list[str]) -> Callable[[], None]:
    """Note everything that must not happen on a page, until what is returned is called."""

    def asked(request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws") and parts.hostname not in LOCAL:
            wrong.append(f"asked {request.url}")

    def opened(dialog: Dialog) -> None:
        wrong.append(f"dialog {dialog.message}")
        dialog.dismiss()

    noted = {
        "request": asked,
        "websocket": lambda socket: wrong.append(f"socket {socket.url}"),
        "pageerror": lambda error: wrong.append(f"error {error}"),
        "dialog": opened,
    }
    for event, note in noted.items():
        page.on(event, note)
    return lambda: [page.remove_listener(event, note) for event, note in noted.items()]


LOCAL = frozenset({"127.0.0.1", "localhost"})


@pytest.fixture
def page(opened: Open, address: str) -> Page:
    """Return the Chat tab as a new visitor sees it."""
    return opened(address)
