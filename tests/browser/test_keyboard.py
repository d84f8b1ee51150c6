"""Everything in Chat and Status can be done without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import answers, ask

pytestmark = pytest.mark.browser


def tab_to(page: Page, selector: str, limit: int = 60) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_a_chat_from_the_first_tab_stop_to_a_rename(page: Page):
    page.locator(".welcome").wait_for()
    tab_to(page, "#ask textarea")
    page.keyboard.type("/say by keyboard")
    page.keyboard.press("Enter")
    expect(answers(page).last.locator(".said")).to_have_text("by keyboard")
    page.locator(".wordmark").focus()
    tab_to(page, "#chats-panel li a")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#chats-panel .editor textarea")).to_be_focused()
    page.keyboard.type("Named by keyboard")
    page.keyboard.press("Enter")
    expect(page.locator(".about h1")).to_have_text("Named by keyboard")


def test_escape_leaves_an_edit_and_the_settings_and_gives_the_focus_back(page: Page):
    ask(page, "/say x")
    edit = page.locator(".turn.asked [data-act=edit]")
    edit.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".editor textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(edit).to_be_focused()
    settings = page.locator(".composer [data-act=settings]")
    settings.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#settings")).to_be_visible()
    expect(settings).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#settings")).to_be_hidden()
    expect(settings).to_be_focused()


def test_arrows_move_between_tabs_and_the_address_follows(page: Page):
    page.locator("#page-chat-button").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#page-search-button")).to_be_focused()
    expect(page.locator("#search-about h1")).to_be_visible()
    expect(page).to_have_url(page.url.split("?")[0] + "?tab=search")
    page.keyboard.press("End")
    expect(page.locator("#page-status-button")).to_be_focused()
    expect(page.locator(".status-head h1")).to_be_visible()
    expect(page).to_have_url(page.url.split("?")[0] + "?tab=status")
    page.keyboard.press("Home")
    expect(page.locator("#ask textarea")).to_be_visible()


def test_a_hidden_drawer_takes_no_focus(page: Page):
    page.locator(".welcome").wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert not page.evaluate("document.activeElement.closest('#settings') !== null")


def test_the_focus_is_seen(page: Page):
    page.locator(".welcome").wait_for()
    tab_to(page, ".starter")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "2px"
