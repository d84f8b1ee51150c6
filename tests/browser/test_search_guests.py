"""Search where others are: on a public server, and in a booth, where nobody types."""

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bench._app import app
from tests.browser.conftest import Open
from tests.browser.test_search import HITS, SHOP, indexes, posted, until

pytestmark = pytest.mark.browser


def test_on_a_public_server_strangers_index_packages_and_delete_nothing_of_others(opened: Open):
    with app(model="quote", public="1") as running:
        page = opened(f"{running.url}/?tab=search")
        expect(page.locator("#search-about h1")).to_contain_text("Nothing can be searched yet")
        page.get_by_role("button", name="Index a source").click()
        expect(page.locator("#add-panel")).to_contain_text("Others use this server too")
        expect(page.locator("#add-panel [data-act=source]")).to_have_count(1)
        page.locator("#add-source").fill("https://github.com/huggingface/transformers")
        page.locator("#add button[type=submit]").click()
        expect(page.locator("#added .failure")).to_be_visible()
        assert indexes(running.url) == {}


@pytest.fixture
def booth(kiosk_address: str) -> Iterator[str]:
    """Return where the app in the booth is, which has the shop's words for as long as it takes."""
    posted(kiosk_address, "rag/indexes", source=str(SHOP), name="shop", embed=False)
    until(kiosk_address, "shop", "lexical")
    yield kiosk_address
    gone = urllib.request.Request(f"{kiosk_address}/v1/rag/indexes/shop", method="DELETE")
    urllib.request.urlopen(gone).close()


def test_in_a_booth_queries_are_touched(opened: Open, booth: str):
    page = opened(f"{booth}/?tab=search", viewport={"width": 1920, "height": 1080})
    expect(page.locator("#q")).to_be_hidden()
    page.locator(".tries .starter").first.click()
    expect(page.locator(HITS).first).to_be_visible()
    page.locator("#search-strip .starter").nth(1).click()
    expect(page.locator(HITS).first).to_be_visible()
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, a, summary, .chip, [role=tab]')]
           .filter(e => e.checkVisibility({visibilityProperty: true}))
           .filter(e => {
             const r = e.getBoundingClientRect();
             return r.width && (r.height < 48 || r.width < 48);
           }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert small == []
