"""A conversation as a visitor has it: streaming, stopping, changing, coming back."""

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.hands import answered, answers, ask, chats
from tests.browser.modelserver import PLAIN, ModelServer

pytestmark = pytest.mark.browser


def test_an_answer_streams_and_says_what_it_cost(page: Page):
    expect(page.locator(".welcome h1")).to_be_visible()
    ask(page, "/long", wait=False)
    growing = page.locator("#live .growing .md")
    expect(growing).to_contain_text("word3")
    early = growing.inner_text()
    expect(growing).to_contain_text("word30")
    assert growing.inner_text().startswith(early[:20])
    page.locator("#stop").click()
    answered(page)
    ask(page, "What is straight?")
    expect(answers(page).last).to_contain_text(PLAIN)
    facts = answers(page).last.locator(".facts")
    expect(facts).to_contain_text("tester")
    expect(facts).to_have_text(re.compile(r"3\s*read, 10.tokens written"))
    expect(facts).to_have_text(re.compile(r"to first token · [\d.]+.tok/s"))
    expect(facts.locator(".badge")).to_have_text("measured")


def test_stop_ends_the_answer_at_once_and_keeps_what_came(page: Page, model: ModelServer):
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    model.hung_up.clear()
    page.locator("#stop").click()
    answered(page)
    assert model.hung_up.wait(5), "the model server still writes"
    last = answers(page).last
    expect(last).to_contain_text("word5")
    expect(last.locator(".notice")).to_have_text("You stopped this answer.")
    kept = last.locator(".said").inner_text()
    page.reload()
    expect(answers(page).last.locator(".said")).to_have_text(kept)
    expect(answers(page).last.locator(".notice")).to_have_text("You stopped this answer.")


def test_a_page_that_was_left_says_so_and_offers_to_answer_again(page: Page):
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    page.reload()
    notice = answers(page).last.locator(".notice")
    expect(notice).to_have_text("The page was left before the answer was complete.")
    expect(answers(page).last.locator("[data-act=retry]")).to_be_visible()


def test_a_new_chat_during_an_answer_stays_open_and_takes_the_next_question(page: Page):
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    page.locator("[data-act=new]").click()
    expect(page.locator(".welcome")).to_be_visible()
    answered(page)
    ask(page, "/say fresh")
    expect(page.locator(".turn.asked .said")).to_have_text(["/say fresh"])
    expect(chats(page)).to_have_count(2)
    chats(page).nth(1).locator("a").click()
    expect(answers(page).last).to_contain_text("word5")
    expect(answers(page)).to_have_count(1)


def test_another_chat_opened_during_an_answer_stays_open(page: Page):
    ask(page, "/say other")
    page.locator("[data-act=new]").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    chats(page).nth(1).locator("a").click()
    expect(answers(page).last.locator(".said")).to_have_text("other")
    answered(page)
    ask(page, "/say more")
    expect(page.locator(".turn.asked .said")).to_have_text(["/say other", "/say more"])


def test_closing_the_tab_stops_the_answer(opened: Open, address: str, model: ModelServer):
    page = opened(address)
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word5")
    model.hung_up.clear()
    page.close()
    assert model.hung_up.wait(10), "the model server still writes"


def test_retry_answers_the_last_question_again_in_its_place(page: Page, model: ModelServer):
    ask(page, "Say it")
    before = len(model.asked)
    first = answers(page).last.get_attribute("data-position")
    answers(page).last.locator("[data-act=retry]").click()
    for _ in range(100):
        if len(model.asked) > before:
            break
        page.wait_for_timeout(100)
    answered(page)
    expect(answers(page)).to_have_count(1)
    assert answers(page).last.get_attribute("data-position") == first
    assert len(model.asked) == before + 1


def test_an_edited_question_replaces_what_followed(page: Page):
    ask(page, "/say first")
    ask(page, "/say second")
    page.locator(".turn.asked [data-act=edit]").first.click()
    field = page.locator(".editor textarea")
    expect(field).to_have_value("/say first")
    field.fill("/say changed")
    page.locator(".editor button[type=submit]").click()
    expect(answers(page).last.locator(".said")).to_have_text("changed")
    expect(answers(page)).to_have_count(1)


def test_chats_are_listed_opened_renamed_and_deleted(page: Page):
    ask(page, "/say one")
    first = page.url
    page.locator("[data-act=new]").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?tab=chat$"))
    ask(page, "/say two")
    expect(chats(page)).to_have_count(2)
    chats(page).nth(1).locator("a").click()
    expect(answers(page).last.locator(".said")).to_have_text("one")
    expect(page).to_have_url(first)

    row = chats(page).nth(1)
    row.hover()
    row.locator("[data-act=rename]").click()
    page.locator("#chats-panel .editor textarea").fill("A better name")
    page.locator("#chats-panel .editor textarea").press("Enter")
    expect(page.locator(".about h1")).to_have_text("A better name")
    expect(page.locator("#chats-panel li a", has_text="A better name")).to_be_visible()

    row = page.locator("#chats-panel li", has_text="A better name")
    row.hover()
    row.locator("[data-act=delete]").click()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(chats(page)).to_have_count(2)
    row.hover()
    row.locator("[data-act=delete]").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(chats(page)).to_have_count(1)
    expect(page.locator(".welcome")).to_be_visible()


def test_times_and_days_are_those_of_the_visitor(opened: Open, address: str):
    page = opened(address, timezone_id="Asia/Kathmandu")
    ask(page, "/say when")
    shown = page.locator(".about time")
    utc = datetime.fromisoformat(shown.get_attribute("datetime") or "")
    there = utc + timedelta(hours=5, minutes=45)
    expect(shown).to_have_text(re.compile(rf"^{there.day} \w+ {there.year}, {there:%H:%M}$"))
    expect(page.locator("#chats-panel h3")).to_have_text(["Today"])
    chats(page).first.evaluate(
        "e => { e.dataset.updated = new Date(Date.now() - 864e5).toISOString();"
        " e.closest('nav').append(document.createElement('i')); }"
    )
    expect(page.locator("#chats-panel h3")).to_have_text(["Yesterday"])


def test_a_blank_name_is_refused_beside_the_name(page: Page):
    ask(page, "/say named")
    row = chats(page).first
    row.hover()
    row.locator("[data-act=rename]").click()
    field = row.locator(".editor textarea")
    field.fill("  ")
    field.press("Enter")
    expect(row.locator(".editor .wrong")).to_contain_text("A chat needs a name")
    expect(field).to_have_value("  ")
    expect(page.locator("#live .failure")).to_have_count(0)


def test_enter_sends_an_edit_which_says_what_it_replaces(page: Page):
    ask(page, "/say first")
    ask(page, "/say second")
    page.locator(".turn.asked [data-act=edit]").first.click()
    expect(page.locator(".editor-buttons p")).to_contain_text("3 later messages will be replaced.")
    expect(page.locator(".editor-buttons p")).to_contain_text("Shift+Enter")
    field = page.locator(".editor textarea")
    field.fill("/say by")
    field.press("Shift+Enter")
    field.press_sequentially("enter")
    field.press("Enter")
    expect(page.locator(".turn.asked .said")).to_have_text(["/say by\nenter"])
    expect(answers(page)).to_have_count(1)


def test_a_question_that_is_too_large_is_held_with_its_words(page: Page, model: ModelServer):
    before = len(model.asked)
    field = page.locator("#ask textarea")
    field.evaluate(
        "e => { e.value = 'a'.repeat(6e6); e.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    page.locator("#send").click()
    failure = page.locator(".composer .failure")
    expect(failure).to_contain_text("The message has 6,000,000 characters")
    expect(failure).to_contain_text("Shorten it")
    assert field.evaluate("e => e.value.length") == 6_000_000
    assert len(model.asked) == before
    expect(page.locator(".toast-body")).to_have_count(0)
    field.fill("/say short")
    field.press("Enter")
    expect(answers(page).last.locator(".said")).to_have_text("short")
    expect(failure).to_have_count(0)


def test_what_the_server_refuses_is_told_in_the_panel_of_the_page(page: Page):
    page.route("**/queue/join**", lambda route: route.fulfill(status=413, body="{}"))
    page.locator("#ask textarea").fill("Anyone?")
    page.locator("#send").click()
    expect(page.locator(".composer .failure")).to_contain_text("The server could not do that.")
    expect(page.locator(".toast-body:visible")).to_have_count(0)


def test_the_oldest_chat_can_be_reached(page: Page):
    ask(page, "/say oldest")
    page.evaluate(
        """async () => { for (let n = 0; n < 101; n++) await fetch('/v1/chats', {
          method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{}'}); }"""
    )
    page.reload()
    expect(chats(page)).to_have_count(100)
    page.get_by_role("button", name="Show more").click()
    expect(chats(page)).to_have_count(102)
    chats(page).last.locator("a").click()
    expect(answers(page).last.locator(".said")).to_have_text("oldest")
    expect(chats(page)).to_have_count(102)


def test_a_link_reopens_the_chat_and_only_for_its_owner(page: Page, opened: Open):
    ask(page, "/say mine")
    link = page.url
    page.reload()
    expect(answers(page).last.locator(".said")).to_have_text("mine")
    stranger = opened(link)
    expect(stranger.locator("#live .failure")).to_contain_text("chat")
    expect(stranger.locator(".welcome")).to_be_visible()
    expect(chats(stranger)).to_have_count(0)


def test_two_tabs_do_not_mix(page: Page, opened: Open, address: str):
    other = page.context.new_page()
    opened(address, page=other)
    ask(page, "/long", wait=False)
    expect(page.locator("#live .growing .md")).to_contain_text("word3")
    ask(other, "/say from the other tab")
    expect(answers(other).last.locator(".said")).to_have_text("from the other tab")
    expect(page.locator("#live .growing .md")).not_to_contain_text("other")
    page.locator("#stop").click()
    answered(page)
    expect(answers(page)).to_have_count(1)
    assert page.url != other.url


def test_a_broken_answer_keeps_its_words_and_offers_a_retry(page: Page):
    ask(page, "/break now", wait=False)
    failure = page.locator("#log .failure")
    expect(failure).to_be_visible()
    expect(failure.locator(".what")).not_to_be_empty()
    expect(answers(page).last).to_contain_text("It began,")


def test_a_refused_question_says_so_and_stays_in_the_chat(page: Page):
    ask(page, "/refuse this", wait=False)
    expect(page.locator(".failure").first).to_be_visible()
    expect(page.locator(".turn.asked")).to_contain_text("/refuse this")


def test_an_empty_question_is_not_sent(page: Page):
    page.locator("#ask textarea").press("Enter")
    expect(page.locator("#live .failure")).to_contain_text("The message is empty.")
    expect(chats(page)).to_have_count(0)


def test_a_starter_is_asked_with_one_click(page: Page):
    words = page.locator(".starter").first.get_attribute("data-text") or ""
    page.locator(".starter").first.click()
    expect(answers(page).last).to_contain_text(PLAIN)
    expect(page.locator(".turn.asked .said")).to_have_text(words)


def test_settings_are_checked_in_words_and_used(page: Page, model: ModelServer):
    page.locator("#page-chat [data-act=settings]").first.click()
    temperature = page.get_by_label("Temperature")
    temperature.fill("3.5")
    temperature.blur()
    expect(page.locator(".said-settings .wrong")).to_contain_text("Temperature is 3.5")
    expect(page.locator(".summary")).to_contain_text("needs a look")
    temperature.fill("0.7")
    page.get_by_label("Seed").fill("42")
    page.get_by_label("System prompt").fill("Speak plainly.")
    page.get_by_label("System prompt").blur()
    expect(page.locator(".summary")).to_contain_text("temperature 0.7 · up to 512")
    expect(page.locator(".summary")).to_contain_text("seed 42")
    page.keyboard.press("Escape")
    ask(page, "/say set")
    sent = model.asked[-1]
    assert (sent["temperature"], sent["seed"]) == (0.7, 42)
    assert sent["messages"][0] == {"role": "system", "content": "Speak plainly."}


def test_settings_are_reported_beside_their_fields_and_survive_a_reload(page: Page):
    page.locator("#page-chat [data-act=settings]").first.click()
    for label, value in (("Temperature", "99"), ("Longest answer", "1000000"), ("Seed", "abc")):
        page.get_by_label(label).fill(value)
        page.get_by_label(label).blur()
    expect(page.locator(".said-settings .wrong")).to_have_count(3)
    beside = page.locator("#settings .wrong")
    expect(beside.nth(1)).to_contain_text("at most 65,536")
    for label, value in (("Temperature", "0.7"), ("Longest answer", "64"), ("Seed", "42")):
        page.get_by_label(label).fill(value)
        page.get_by_label(label).blur()
    expect(page.locator(".said-settings .wrong")).to_have_count(0)
    expect(page.locator(".summary")).to_have_text(re.compile(r"temperature 0.7 · up to 64.* 42"))
    page.reload()
    expect(page.locator(".summary")).to_have_text(re.compile(r"temperature 0.7 · up to 64.* 42"))
    page.locator("#page-chat [data-act=settings]").first.click()
    page.get_by_role("button", name="Reset to the defaults").click()
    expect(page.locator(".summary")).to_contain_text("temperature 0 · up to 512")
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator(".summary")).to_contain_text("temperature 0 · up to 512")


def test_without_a_model_no_setting_is_offered(opened: Open, quotes_address: str):
    page = opened(quotes_address)
    page.locator("#page-chat [data-act=settings]").first.click()
    expect(page.locator("#settings .no-settings")).to_be_visible()
    expect(page.get_by_label("Temperature")).to_be_hidden()
    expect(page.locator(".summary")).to_have_text("quotes, word for word")


def test_copying_puts_the_words_on_the_clipboard(opened: Open, address: str):
    page = opened(address, permissions=["clipboard-read", "clipboard-write"])
    ask(page, "/say **bold** `code`")
    answers(page).last.locator("[data-act=copy]").click()
    expect(page.locator("#said")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == "**bold** `code`"
    page.locator("[data-act=copy-link]").click()
    expect(page.locator("#said")).to_have_text("Link copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_the_evidence_of_a_quote_opens_beside_it(opened: Open, quotes_address: str):
    page = opened(quotes_address)
    expect(page.locator(".banner")).to_contain_text("No language model is connected")
    ask(page, "Where are my chats kept?", wait=False)
    answers(page).last.locator(".cite").first.click()
    lit = page.locator("#evidence-panel .passage.lit")
    expect(lit).to_have_count(1)
    expect(lit.locator(".path")).to_have_text(re.compile(r"\.md:\d+–\d+$"))
    expect(lit).not_to_be_empty()
    panel = page.locator("#evidence-panel")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_line_says_what_the_chat_weighs_and_what_nobody_measured(page: Page):
    weighs = page.locator("#weights .weights")
    expect(page.locator(".welcome h1")).to_be_visible()
    expect(weighs).to_have_count(0)
    ask(page, "What is straight?")
    expect(weighs.locator("li")).to_have_text(
        [
            re.compile("2.messages"),
            re.compile("13 of|13.tokens of context"),
            re.compile("memory not"),
        ]
    )
    ask(page, "/say more")
    expect(weighs).to_contain_text(re.compile("4.messages"))
    expect(weighs.locator(".badge")).to_have_text("measured")
    page.set_viewport_size({"width": 390, "height": 844})
    tip = weighs.locator(".tip")
    tip.focus()
    why = tip.locator(".tip-text")
    expect(why).to_have_css("opacity", "1")
    expect(why).to_contain_text("tells nothing of a single chat")
    box = why.bounding_box()
    assert box is not None
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.reload()
    expect(weighs).to_contain_text(re.compile("4.messages"))
