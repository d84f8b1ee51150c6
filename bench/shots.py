"""Screenshots of every page in both palettes, light and dark, at three widths, into shots/.

    python -m bench.shots            all of them
    python -m bench.shots picture    docs/img/chat.png alone, the picture of README.md
    python -m bench.shots search DATA_DIR CORPUS QUERY
                                     docs/img/search.png: a search of an index that is there
    python -m bench.shots evals DATA_DIR RUN [RUN …]
                                     docs/img/evals.png: a run that is there, or several compared
    python -m bench.shots stress DATA_DIR RUN
                                     docs/img/stress.png: a stress run that is there

The Chat page is taken empty and with one answer. Run by `make shots`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, ViewportSize

import pages
from bench._app import PATIENCE_S, app
from bench._browser import chromium
from bench._record import ROOT

PALETTES = ("studio", "pascari")
SIZES: tuple[ViewportSize, ...] = (
    {"width": 390, "height": 844},
    {"width": 1440, "height": 900},
    {"width": 1920, "height": 1080},
)
QUESTION = "How do I connect a GPU server?"
SEND = "#send:visible"
TYPING = "#ask textarea:enabled"
LOADING = "#header .model .dot.warming"
DRAWN = "#evals-plot-0 .main-svg"
LANES = "#stress-figures .lane .bar"
FOUND = "#found .ranks .step + .arrow"  # by several stages: what words alone found comes first
ANSWERED = "#page-chat [data-act=retry]"


def main(words: list[str]) -> None:
    """Take the screenshots that are asked for."""
    with chromium() as browser:
        if words == ["picture"]:
            picture(browser, ROOT / "docs" / "img" / "chat.png")
            return
        if words[:1] == ["search"]:
            searched(browser, *words[1:], path=ROOT / "docs" / "img" / "search.png")
            return
        if words[:1] == ["evals"]:
            evaluated(browser, words[1], words[2:], ROOT / "docs" / "img" / "evals.png")
            return
        if words[:1] == ["stress"]:
            stressed(browser, *words[1:], path=ROOT / "docs" / "img" / "stress.png")
            return
        for palette in PALETTES:
            for path in every(browser, palette, ROOT / "shots"):
                print(path.relative_to(ROOT))


def every(browser: Browser, palette: str, folder: Path) -> Iterator[Path]:
    """Yield the path of each screenshot of one palette, once it is taken."""
    folder.mkdir(exist_ok=True)
    with app(theme=palette) as running:
        for scheme in ("light", "dark"):
            for size in SIZES:
                ending = f"{palette}-{scheme}-{size['width']}.png"
                with browser.new_context(viewport=size, color_scheme=scheme) as context:
                    page = context.new_page()
                    for tab in pages.PAGES:
                        page.goto(f"{running.url}/?tab={tab.slug}")
                        settle(page, f"#page-{tab.slug}")
                        yield taken(page, folder / f"{tab.slug}-{ending}")
                    ask(page, running.url)
                    yield taken(page, folder / f"answer-{ending}")


def picture(browser: Browser, path: Path) -> None:
    """Take the picture that README.md shows."""
    size: ViewportSize = {"width": 1280, "height": 760}
    with app() as running, browser.new_context(viewport=size, color_scheme="light") as context:
        page = context.new_page()
        ask(page, running.url)
        path.parent.mkdir(exist_ok=True)
        taken(page, path)


def searched(browser: Browser, data: str, corpus: str, query: str, path: Path) -> None:
    """Take the picture of Search: what one query finds in an index of this DATA_DIR."""
    size: ViewportSize = {"width": 1440, "height": 900}
    asked = urlencode({"tab": "search", "corpus": corpus, "q": query})
    with (
        app(data_dir=data) as running,
        browser.new_context(viewport=size, color_scheme="light") as context,
    ):
        page = context.new_page()
        page.goto(f"{running.url}/?{asked}")
        page.locator(FOUND).first.wait_for(timeout=PATIENCE_S * 1000)
        settle(page, "#page-search")
        taken(page, path)


def evaluated(browser: Browser, data: str, runs: list[str], path: Path) -> None:
    """Take the picture of Evals: a run of this DATA_DIR, or several side by side."""
    size: ViewportSize = {"width": 1440, "height": 900}
    asked = urlencode({"tab": "evals", "compare" if len(runs) > 1 else "run": ",".join(runs)})
    with (
        app(data_dir=data) as running,
        browser.new_context(viewport=size, color_scheme="light") as context,
    ):
        page = context.new_page()
        page.goto(f"{running.url}/?{asked}")
        page.locator(DRAWN).first.wait_for(timeout=PATIENCE_S * 1000)
        page.locator(LOADING).wait_for(state="detached", timeout=PATIENCE_S * 1000)
        settle(page, "#page-evals")
        taken(page, path)


def stressed(browser: Browser, data: str, run: str, path: Path) -> None:
    """Take the picture of Stress: a run of this DATA_DIR that is over."""
    size: ViewportSize = {"width": 1440, "height": 900}
    asked = urlencode({"tab": "stress", "run": run})
    with (
        app(data_dir=data) as running,
        browser.new_context(viewport=size, color_scheme="light") as context,
    ):
        page = context.new_page()
        page.goto(f"{running.url}/?{asked}")
        page.locator(LANES).first.wait_for(timeout=PATIENCE_S * 1000)
        page.locator(LOADING).wait_for(state="detached", timeout=PATIENCE_S * 1000)
        settle(page, "#page-stress")
        taken(page, path)


def ask(page: Page, url: str) -> None:
    """Ask one question on the Chat page and wait for the whole answer."""
    page.goto(url)
    page.locator(TYPING).fill(QUESTION, timeout=PATIENCE_S * 1000)
    page.locator(SEND).click()
    page.locator(ANSWERED).wait_for(timeout=PATIENCE_S * 1000)
    settle(page, "#page-chat")


def settle(page: Page, selector: str) -> None:
    """Wait until the page stands and its fonts are there."""
    page.locator(selector).wait_for(timeout=PATIENCE_S * 1000)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(700)


def taken(page: Page, path: Path) -> Path:
    """Write what is visible as a PNG and return its path."""
    page.screenshot(path=path)
    return path


if __name__ == "__main__":
    main(sys.argv[1:])
