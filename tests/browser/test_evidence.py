"""What an answer stands on, as a visitor sees it: signs, lines that light up, the agent's steps."""

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Open
from tests.browser.hands import answers, ask
from tests.browser.test_looks import everywhere

pytestmark = pytest.mark.browser


def lit(page: Page) -> Locator:
    return page.locator("#evidence-panel .passage .on")


def test_each_sentence_has_a_sign_that_lights_the_lines_it_stands_on(
    opened: Open, quotes_address: str
):
    page = opened(quotes_address)
    ask(page, "Where are my chats kept?", wait=False)
    sign = answers(page).first.locator(".said .sign").first
    expect(sign).to_have_text("✓")
    expect(sign).to_have_attribute("aria-label", re.compile(r"^Supported by evidence \d, score"))
    expect(page.locator(".legend")).to_contain_text("◐ partly supported · ○ not supported")
    number = sign.get_attribute("data-n")
    card = page.locator(f'#evidence-panel .passage[data-n="{number}"]')
    expect(card.locator("> .sign")).to_have_text(re.compile(r"^✓ supports \d.sentence"))
    expect(lit(page)).to_have_count(0)
    sign.hover()
    expect(card.locator(".on").first).to_be_visible()
    expect(lit(page).first).to_have_attribute("data-first", re.compile(r"^\d+$"))
    page.locator(".about h1").hover()
    expect(lit(page)).to_have_count(0)
    sign.focus()
    expect(card.locator(".on").first).to_be_visible()
    assert everywhere(page) == []

    # A citation opens the same lines, and they stay lit.
    answers(page).first.locator(".cite").first.click()
    page.locator(".about h1").hover()
    expect(page.locator(".passage.lit .on").first).to_be_visible()

    # The sign of an earlier answer brings that answer's evidence back.
    ask(page, "How do I connect a language model?", wait=False)
    expect(answers(page)).to_have_count(2)
    shown = page.locator("#evidence-panel .evidence")
    expect(shown).to_have_attribute("data-position", "3")
    sign.hover()
    expect(shown).to_have_attribute("data-position", "1")
    expect(lit(page).first).to_be_visible()


def test_an_agents_steps_tell_what_failed_and_are_saved(page: Page):
    page.locator("#page-chat [data-act=settings]").first.click()
    page.get_by_label("Method").click()
    page.get_by_role("option", name=re.compile("^Agent")).click()
    expect(page.locator(".summary")).to_contain_text("agent · temperature 0")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    ask(page, '/say Thought: I add.\nAction: calculator("2 +* 2")')
    trace = answers(page).last.locator(".trace")
    trace.locator("summary").click()
    failed = trace.locator(".step.failed").first
    expect(failed.locator("header")).to_have_text(re.compile(r"✕ Result\s*failed\s*calculator"))
    expect(failed.locator(".num")).to_have_text(re.compile(r"s · no model call$"))
    colour = "e => getComputedStyle(e).color"
    assert failed.locator(".word").evaluate(colour) == "rgb(178, 58, 30)"
    thought = trace.locator(".step", has_text="I add.").first
    expect(thought.locator(".num")).to_have_text(re.compile(r"s · .*read, .*written$"))
    assert everywhere(page) == []
    with page.expect_download() as saved:
        trace.get_by_role("button", name="Export as JSON").click()
    told = json.loads(saved.value.path().read_text(encoding="utf-8"))
    assert told["question"].startswith("/say Thought")
    assert any(step.get("ok") is False for step in told["answer"]["details"]["steps"])
