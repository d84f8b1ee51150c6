"""The product's story, end to end and offline, as a visitor lives it; each capability extends it.

So far: open the page with no model at all, learn what it can do, ask, open the citation, index a
folder and search it, connect a model, ask it, see what the answer cost, and find everything again.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench._app import app
from tests.browser import modelserver
from tests.browser.conftest import Open
from tests.browser.hands import answers, ask, chats
from tests.browser.modelserver import PLAIN, ModelServer

SHOP = Path(__file__).parent / "shop"
INDEXED_MS = 90_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_story(opened: Open, model: ModelServer, tmp_path: Path):
    data = str(tmp_path / "data")

    # A stranger opens it on a machine with nothing connected, and it says so.
    with app(data_dir=data, model="quote") as running:
        page = opened(running.url)
        expect(page.locator(".banner")).to_contain_text("No language model is connected")
        expect(page.locator(".welcome h1")).to_contain_text("Ask about Plumbline")

        # Ask, and open the citation: the quote stands in the evidence, with its place.
        page.locator(".starter", has_text="connect a language model").click()
        cite = answers(page).last.locator(".cite").first
        cite.click()
        expect(page.locator(".passage.lit .path")).to_have_text(re.compile(r"\.md:\d+–\d+$"))

        # Search has nothing yet; a folder is indexed, followed, and searched in two ways.
        page.locator("#page-search-button").click()
        expect(page.locator("#search-about h1")).to_contain_text("Nothing can be searched yet")
        page.locator("#found [data-act=add]").click()
        page.locator("#add-source").fill(str(SHOP))
        page.locator("#add-source").press("Enter")
        expect(page.locator(".standing")).to_contain_text("✓ Hybrid", timeout=INDEXED_MS)
        page.locator("#q").fill("charge a credit card")
        page.locator("#q").press("Enter")
        first = page.locator("#found .hit").first
        expect(first.locator(".place")).to_contain_text("payments/card.py")
        ways = first.locator(".ranks summary")
        expect(ways).to_have_text(re.compile(r"lexical.\d+ → dense.\d+ → fused.\d+ → reranked.1"))
        ways.click()
        expect(first.locator(".ranks table")).to_contain_text("BM25")
        page.locator("#query .chip", has_text="Dense").click()
        expect(page.locator(".ranks summary").first).to_have_text(re.compile(r"dense.1$"))
        page.get_by_role("button", name="Delete").click()
        page.locator("#corpus-card .confirm .danger").click()
        expect(page.locator("#added")).to_contain_text("shop is deleted")

        # Status says what is missing and how to mend it.
        page.locator("#page-status-button").click()
        expect(page.locator("#status-parts tr", has_text="Model")).to_contain_text("INFERENCE_URL")

    # An engineer does what it said, and talks to a model; nothing kept is lost.
    with app(data_dir=data, inference_url=model.url, model_name=modelserver.NAME) as running:
        opened(running.url, page=page)
        expect(page.locator("#header .model")).to_contain_text("tester")
        expect(page.locator(".banner")).to_have_count(0)
        expect(chats(page)).to_have_count(1)
        ask(page, "What is straight?")
        expect(answers(page).last).to_contain_text(PLAIN)
        expect(answers(page).last.locator(".facts")).to_have_text(re.compile(r"tester.*tok/s"))
        chats(page).nth(1).locator("a").click()
        expect(answers(page).last.locator(".cite").first).to_be_visible()

        page.locator("#page-status-button").click()
        expect(page.locator(".status-head h1")).to_have_text("Everything works.")
        figure = page.locator(".card", has_text="Model calls").locator(".figure")
        expect(figure).to_have_text("1")
