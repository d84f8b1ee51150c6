"""Inside another page's frame, where a browser keeps no cookie, a visitor still keeps his chats."""

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.conftest import PATIENCE_MS

pytestmark = pytest.mark.browser

FRAME = "url => { document.body.innerHTML = `<iframe src=${url} width=1200 height=800></iframe>` }"


def without_cookies(route: Route) -> None:
    headers = {k: v for k, v in route.request.all_headers().items() if k.lower() != "cookie"}
    route.continue_(headers=headers)


def test_a_visitor_without_cookies_is_known_by_a_header(browser: Browser, address: str):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route("**/*", without_cookies)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(address)
    page.locator(".welcome").wait_for()
    page.evaluate(FRAME, address)
    frame = page.frame_locator("iframe")
    frame.locator(".welcome").wait_for()
    expect(frame.locator("#chats-panel .none")).to_be_visible()
    frame.locator("#ask textarea").fill("/say framed")
    frame.locator("#ask textarea").press("Enter")
    expect(frame.locator("#log .answer .said")).to_have_text("framed")
    page.evaluate(FRAME, address)
    expect(frame.locator("#chats-panel li a")).to_have_text("/say framed")
    context.close()
