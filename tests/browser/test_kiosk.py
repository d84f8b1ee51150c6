"""The booth: touched, never typed, large, and back at the start when nobody is there."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hands import answers
from tests.browser.modelserver import PLAIN

pytestmark = pytest.mark.browser

BOOTH = {"width": 1920, "height": 1080}


@pytest.fixture
def booth(opened: Open, kiosk_address: str) -> Page:
    return opened(kiosk_address, viewport=BOOTH)


def test_questions_are_touched_and_nothing_is_typed(booth: Page):
    expect(booth.locator("#ask")).to_be_hidden()
    expect(booth.locator("#chats-panel")).to_be_hidden()
    booth.locator(".starter:visible").first.click()
    expect(answers(booth).last).to_contain_text(PLAIN)
    expect(booth.locator("[data-act=edit]:visible")).to_have_count(0)
    first = booth.url
    booth.locator("#strip .starter").nth(1).click()
    expect(booth).not_to_have_url(first)
    expect(booth.locator(".turn.asked")).to_have_count(1)
    expect(answers(booth).last).to_contain_text(PLAIN)


def test_text_is_larger_and_targets_are_for_fingers(booth: Page):
    assert (
        booth.locator(".starter:visible").first.evaluate("e => getComputedStyle(e).fontSize")
        == "20.25px"
    )
    booth.locator(".starter:visible").first.click()
    answers(booth).last.locator(".facts").wait_for()
    small = booth.evaluate(
        """() => [...document.querySelectorAll('button, a, [role=tab]')].filter(e => {
             const r = e.getBoundingClientRect();
             const seen = e.checkVisibility({visibilityProperty: true}) && r.width;
             return seen && (r.height < 48 || r.width < 48);
           }).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_it_starts_over_after_ninety_idle_seconds(opened: Open, kiosk_address: str, browser):
    context = browser.new_context(viewport=BOOTH)
    page = context.new_page()
    page.clock.install()
    opened(kiosk_address, page=page)
    page.locator(".starter:visible").first.click()
    answers(page).last.locator(".facts").wait_for()
    page.clock.fast_forward(80_000)
    expect(answers(page)).to_have_count(1)
    page.mouse.click(5, 600)
    page.clock.fast_forward(80_000)
    expect(answers(page)).to_have_count(1)
    page.clock.fast_forward(15_000)
    expect(page.locator(".welcome")).to_be_visible()
    expect(answers(page)).to_have_count(0)
    context.close()


def test_links_in_an_answer_lead_nowhere(booth: Page):
    from pages._markdown import render

    assert "<a" not in render("[out](https://example.com)", links=False)
    expect(booth.locator("a[href^=http]")).to_have_count(0)
