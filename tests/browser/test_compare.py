"""One question in several ways, side by side: chosen, streamed in turn, kept, saved, on a phone."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hands import answered, answers, ask, chats
from tests.browser.modelserver import ModelServer
from tests.browser.test_looks import everywhere, too_wide

pytestmark = pytest.mark.browser


def choose(page: Page, *names: str) -> None:
    """Open the choice and leave these ways checked, and no others."""
    page.locator("[data-act=compare]").click()
    for chip in page.locator("#compare .chip").all():
        chip.locator("input").set_checked(chip.inner_text() in names)


def compare(page: Page, words: str) -> None:
    page.locator("#ask textarea").fill(words)
    page.locator("#ask textarea").press("Enter")


def test_ways_answer_in_turn_and_are_kept_saved_and_opened_again(
    page: Page, opened: Open, model: ModelServer
):
    ask(page, "/say before")
    choose(page, "Model alone", "Conversation", "Step by step")
    expect(page.locator("#send")).to_have_text("Compare")
    begun = len(model.asked)
    compare(page, "/slowly")
    sides = page.locator("#live .column")
    expect(sides.nth(0).locator(".growing")).to_be_visible()
    expect(sides.nth(2)).to_contain_text("Waits for its turn.")
    expect(sides.nth(1).locator(".growing")).to_contain_text("word5")
    page.locator("#stop").click()
    answered(page)
    # The bare question is answered whole; the stop ended the second way, and the third never began.
    assert len(model.asked) == begun + 2
    sides = page.locator("#log .column")
    expect(sides.locator("h2")).to_have_text(["Model alone", "Conversation", "Step by step"])
    expect(sides.nth(0).locator(".figures")).to_have_text(re.compile(r"Time.*s.*10 written"))
    expect(sides.nth(1).locator(".notice")).to_have_text("You stopped this answer.")
    expect(sides.nth(2)).to_contain_text("It was not asked")
    expect(page.locator(".finding")).to_contain_text("was fastest")

    kept = answers(page).all_inner_texts()
    page.reload()
    expect(answers(page)).to_have_count(2)
    assert answers(page).all_inner_texts() == kept
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export as JSON").click()
    told = json.loads(saved.value.path().read_text(encoding="utf-8"))
    ways = [each["details"]["way"]["method"] for each in told["messages"][1:]]
    assert ways == ["naive", "chat"]
    assert told["messages"][1]["details"]["seconds"] > 0

    # The choice stays for the next question, which is a comparison of its own.
    compare(page, "/say again")
    answered(page)
    expect(chats(page)).to_have_count(3)
    expect(answers(page)).to_have_count(3)
    assert everywhere(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert too_wide(page) == []
    lefts = {round(box["x"]) for side in sides.all() if (box := side.bounding_box())}
    assert len(lefts) == 1
    chats_button = page.locator(".talk-bar [data-act=chats]")
    chats_button.click()
    chats(page).last.locator("a").click()
    expect(page.locator("#compare")).to_be_hidden()
    expect(page.locator("#send")).to_have_text("Send")


def test_too_few_ways_are_refused_beside_the_field_and_a_failure_ends_only_itself(
    page: Page, model: ModelServer
):
    choose(page, "Conversation")
    begun = len(model.asked)
    compare(page, "/break")
    expect(page.locator(".composer .failure")).to_contain_text("1 way is chosen; 2 to 4 can be")
    expect(page.locator("#ask textarea")).to_have_value("/break")
    assert len(model.asked) == begun
    page.locator("#compare .chip", has_text="Step by step").click()
    page.locator("#send").click()
    answered(page)
    expect(page.locator(".composer .failure")).to_have_count(0)
    expect(answers(page)).to_have_count(2)
    expect(answers(page).first.locator(".failure .what")).not_to_be_empty()
    expect(answers(page).first).to_contain_text("It began,")
