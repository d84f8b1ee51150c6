"""What a visitor asked is there after the process has gone and come back."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from bench._app import app, free_port
from tests.browser import modelserver
from tests.browser.conftest import Open
from tests.browser.hands import answers, ask, chats
from tests.browser.modelserver import ModelServer

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_open_page_goes_on_with_its_chat_after_a_restart(
    opened: Open, model: ModelServer, tmp_path: Path
):
    given = {"inference_url": model.url, "model_name": modelserver.NAME, "port": str(free_port())}
    with app(data_dir=str(tmp_path / "data"), **given) as running:
        page = opened(running.url)
        ask(page, "/say before")
    expect(page.locator(".composer .failure")).to_contain_text("The server does not answer.")
    page.evaluate("window.before = true")
    with app(data_dir=str(tmp_path / "data"), **given):
        page.wait_for_function("!window.before")
        page.locator("#log .conversation").wait_for(state="attached")
        ask(page, "/say after")
        expect(answers(page).first.locator(".said")).to_have_text("before")
        expect(chats(page)).to_have_count(1)


def test_a_key_is_asked_for_where_keys_are_set(opened: Open, browser, model: ModelServer):
    given = {"inference_url": model.url, "model_name": modelserver.NAME, "api_keys": "open-sesame"}
    with app(**given) as running:
        context = browser.new_context()
        page = context.new_page()
        page.goto(running.url)
        page.get_by_label("Key").fill("open-sesame")
        page.get_by_role("button", name="Enter").click()
        page.locator(".welcome").wait_for()
        ask(page, "/say let in")
        expect(answers(page).last.locator(".said")).to_have_text("let in")
        context.close()


def test_while_a_model_is_chosen_the_page_says_so_and_then_answers(
    opened: Open, model: ModelServer
):
    model.released.clear()
    with app(inference_url=model.url.replace("/v1", "/slow/v1")) as running:
        page = opened(running.url)
        expect(page.locator("#header .model")).to_contain_text("loading")
        page.locator("#ask textarea").fill("Who answers?")
        page.locator("#ask textarea").press("Enter")
        expect(page.locator("#live .doing")).to_contain_text("Loading the model")
        expect(page.locator("#live .doing")).to_contain_text("so far")
        model.released.set()
        expect(answers(page).last).to_contain_text(modelserver.PLAIN)
        expect(page.locator("#header .model")).to_contain_text("tester")
