"""A conversation that outgrows its model: the visitor chooses what the model is shown."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import answered, answers, ask
from tests.browser.modelserver import PLAIN, ModelServer

pytestmark = pytest.mark.browser


def outgrown(page: Page) -> None:
    """Ask until the conversation no longer fits."""
    ask(page, "/say begun")
    ask(page, "/full of it")
    failure = page.locator("#log .failure")
    expect(failure).to_contain_text("does not fit the model")
    expect(failure.get_by_role("button")).to_have_text(
        ["Leave out the oldest", "Summarise the oldest", "Begin a new chat"]
    )


def test_what_no_longer_fits_is_summarised_in_sight_left_out_or_begun_anew(
    page: Page, model: ModelServer
):
    outgrown(page)
    page.get_by_role("button", name="Summarise the oldest").click()
    expect(answers(page).last.locator(".summed")).to_contain_text(PLAIN)
    answered(page)
    expect(answers(page).last.locator(".notice").first).to_contain_text("was shown a summary")
    shown = model.asked[-1]["messages"]
    assert [message["role"] for message in shown] == ["system", "user"]
    # What was chosen counts for this chat from now on, and nothing of it is lost.
    ask(page, "/full still")
    expect(page.locator("#log .failure")).to_have_count(0)
    expect(page.locator(".turn.asked")).to_have_count(3)

    page.locator("[data-act=new]").first.click()
    expect(page.locator(".welcome")).to_be_visible()
    outgrown(page)
    page.get_by_role("button", name="Leave out the oldest").click()
    expect(answers(page).last.locator(".notice")).to_contain_text("left out")
    answered(page)
    assert [message["role"] for message in model.asked[-1]["messages"]] == ["user"]
    expect(page.locator("#log .failure")).to_have_count(0)
