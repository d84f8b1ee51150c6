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


def test_a_version_of_ones_own_is_kept_below_the_answer_and_changed_again(page: Page):
    ask(page, "/say roughly so")
    answer = page.locator(".turn.answer")
    for words, before in (("Exactly so.", "roughly so"), ("**Nearly** so.", "Exactly so.")):
        answer.locator("[data-act=edit-answer]").click()
        field = answer.locator(".editor textarea")
        expect(field).to_have_value(before)
        field.fill(words)
        field.press("Enter")
        expect(answer.locator(".version")).to_contain_text(words.replace("*", ""))
        expect(answer.locator(".said")).to_have_text("roughly so")
    kept(page, ["edited", "edited"])
    expect(answer.locator(".version strong")).to_have_text("Nearly")
    expect(answer.locator(".said")).to_have_text("roughly so")


def test_a_chat_that_is_answered_on_another_page_follows_it_and_loses_nothing(page: Page):
    ask(page, "/slowly", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("#log")).to_contain_text("An answer is being written on another page.")
    expect(other.locator("#log [data-act=retry]")).to_have_count(0)
    ask(other, "/say in between", wait=False)
    expect(other.locator("#live .failure")).to_contain_text("This chat is still answering.")
    expect(other.locator("#ask textarea")).to_have_value("/say in between")
    page.locator("#stop").click()
    expect(other.locator(".turn.answer")).to_contain_text("word5")
    other.locator("#ask textarea").press("Enter")
    expect(other.locator(".turn.answer")).to_have_count(2)
    page.reload()
    expect(page.locator(".turn.asked .said")).to_have_text(["/slowly", "/say in between"])
