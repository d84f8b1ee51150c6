"""How an answer is asked for, and what is thought of it, as a visitor does it."""

import re
import time
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import ask
from tests.browser.modelserver import ModelServer

pytestmark = pytest.mark.browser


def kept(page: Page, thumbs: list[str]) -> None:
    """Wait until the session has these thumbs, and come back to the page."""
    chat = parse_qs(urlsplit(page.url).query)["chat"][0]
    give_up = time.monotonic() + 20
    while True:
        told = page.request.get(urljoin(page.url, f"/v1/sessions/{chat}")).json()["feedback"]
        if [each["kind"] for each in told] == thumbs:
            break
        assert time.monotonic() < give_up, told
        time.sleep(0.1)
    page.reload()


def test_a_thumb_is_kept_changed_and_taken_back(page: Page):
    ask(page, "/say fine")
    up, down = (page.locator(f'.turn.answer [data-way="{way}"]') for way in ("up", "down"))
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    down.click()
    expect(up).to_have_attribute("aria-pressed", "false")
    kept(page, ["down"])
    expect(down).to_have_attribute("aria-pressed", "true")
    down.click()
    kept(page, [])
    expect(down).to_have_attribute("aria-pressed", "false")


def test_another_method_is_chosen_and_used(page: Page, model: ModelServer):
    page.locator("#page-chat [data-act=settings]").first.click()
    page.get_by_label("Method").click()
    page.get_by_role("option", name=re.compile("^Model alone")).click()
    expect(page.locator(".summary")).to_contain_text("model alone · temperature 0")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    ask(page, "/say alone")
    assert model.asked[-1]["messages"][-1]["content"] == "Question: /say alone\nAnswer:"
    page.reload()
    expect(page.locator(".summary")).to_contain_text("model alone")
