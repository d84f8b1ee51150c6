"""Status says what runs and why, refreshes while it is looked at, and looks again when asked."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hands import ask

pytestmark = pytest.mark.browser


@pytest.fixture
def status(opened: Open, address: str) -> Page:
    page = opened(f"{address}/?tab=status")
    page.locator(".cards").wait_for()
    return page


def test_the_first_words_say_how_it_is(status: Page):
    expect(status.locator(".status-head h1")).to_have_text("Everything works.")
    expect(status.locator("#banner")).to_be_hidden()


def test_figures_come_with_units_and_where_they_are_from(status: Page):
    cards = status.locator(".card")
    expect(cards.filter(has_text="Memory").locator(".figure")).to_have_text(
        re.compile(r"^[\d.,]+\u2009[MG]B$")
    )
    assert cards.count() == cards.locator(".badge").count()
    assert set(cards.locator(".badge").all_inner_texts()) == {"measured"}


def test_it_refreshes_while_it_is_looked_at_and_not_after(status: Page):
    uptime = status.locator(".card", has_text="Running for").locator(".figure")
    before = uptime.inner_text()
    expect(uptime).not_to_have_text(before)
    status.locator("#page-chat-button").click()
    status.wait_for_timeout(2500)
    asked: list[str] = []
    status.on("request", lambda request: asked.append(request.url))
    status.wait_for_timeout(5000)
    # The frame asks after the health of things every ten seconds, on whatever tab.
    assert len([url for url in asked if "queue/join" in url]) <= 1


def test_what_runs_and_what_was_tried_is_told_with_the_reason(status: Page):
    parts = status.locator("#status-parts")
    expect(parts.locator(".facts-list")).to_contain_text("tester at")
    expect(parts.locator("tr", has_text="Index")).to_contain_text("absent")
    expect(parts.locator(".tried li").first).to_contain_text("Chosen.")


def test_check_again_looks_for_a_model(status: Page):
    status.get_by_role("button", name="Check again").click()
    expect(status.locator(".status-head")).to_contain_text(re.compile(r"Checked at \d\d:\d\d:\d\d"))


def test_settings_are_listed_with_help_and_secrets_masked(opened: Open, address: str):
    page = opened(f"{address}/?tab=status")
    row = page.locator(".settings tr", has_text="INFERENCE_URL").first
    expect(row).to_contain_text("http://127.0.0.1")
    expect(row).to_contain_text("OpenAI-style server")
    expect(page.locator(".settings tr", has_text="RATE_LIMIT")).to_contain_text("120/minute")
    expect(page.locator(".versions")).to_contain_text("gradio")


def test_without_a_model_it_says_how_to_mend_that(opened: Open, quotes_address: str):
    page = opened(f"{quotes_address}/?tab=status")
    expect(page.locator(".status-head h1")).to_contain_text("No language model is connected")
    model = page.locator("#status-parts tr", has_text="Model")
    expect(model).to_contain_text("limited")
    expect(model).to_contain_text("INFERENCE_URL")


def test_model_calls_are_counted(opened: Open, address: str):
    page = opened(address)
    ask(page, "/say counted")
    page.locator("#page-status-button").click()
    calls = page.locator(".card", has_text="Model calls").locator(".figure")
    expect(calls).to_have_text(re.compile(r"^[1-9]"))


def test_an_unknown_tab_in_the_address_opens_the_first(opened: Open, address: str):
    page = opened(f"{address}/?tab=nonsense&chat=../../etc")
    expect(page.locator(".welcome")).to_be_visible()
    expect(page).to_have_url(f"{address}/?tab=chat")
