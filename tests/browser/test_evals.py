"""Evals as a visitor has it: a first run, its samples, a label, a comparison, one's own suite."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._app import app
from tests.browser.conftest import Open
from tests.browser.test_looks import everywhere, findings, too_wide

pytestmark = pytest.mark.browser

QUESTIONS = [("What is the colour of grass?", "green"), ("Who wrote it?", "Ann"), ("2 + 2?", "4")]
PATIENCE_S = 60


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """Return where an app is that answers by quotes alone, which takes no time."""
    with app(model="quote") as running:
        yield running.url


@pytest.fixture
def evals(opened: Open, place: str):
    """Return a function that opens the tab at a place of it."""

    def open_evals(query: str = "", page: Page | None = None, **context) -> Page:
        shown = opened(f"{place}/?tab=evals{query}", page, **context)
        shown.locator("#evals-head h1").wait_for()
        return shown

    return open_evals


def ask(page: Page, url: str, route: str, **body: object) -> dict:
    """Ask over HTTP as the visitor of a page."""
    answer = page.request.post(f"{url}/v1/{route}", data=body)
    assert answer.ok, answer.text()
    return answer.json()


def measured(page: Page, url: str, **config: object) -> str:
    """Ask for a run and wait until it is over."""
    run = ask(page, url, "batch-evals", suite="arith", n=12, **config)
    id = run["id"]
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        told = page.request.get(f"{url}/v1/batch-evals/{id}").json()
        if told["state"] not in ("queued", "running"):
            assert told["state"] == "completed", told
            return str(id)
        time.sleep(0.2)
    raise AssertionError(f"{id} did not end")


def test_a_first_run_begins_with_one_button_and_tells_how_far_it_is(evals, opened: Open):
    page = evals()
    expect(page.locator("#evals-head h1")).to_have_text("Nothing has been measured yet.")
    page.get_by_role("button", name="Measure the model on 20 sums").click()
    expect(page).to_have_url(re.compile(r"run=\w{32}"))
    expect(page.locator("#evals-head h1")).to_contain_text("of 20", timeout=PATIENCE_S * 1000)
    expect(page.locator(".chip-state").first).to_contain_text("completed", timeout=60_000)
    expect(page.locator("#evals-live .under-way")).to_have_count(0)
    expect(page.locator(".evals-view .cards .label").first).to_contain_text("Right")
    expect(page.locator(".grid .cell")).to_have_count(20)
    page.locator(".grid .cell").first.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#evals-head h1")).to_contain_text("Sample 2 is")
    expect(page).to_have_url(re.compile("sample=2"))
    url = page.url
    page = opened(url, page)
    expect(page.locator("#evals-head h1")).to_contain_text("Sample 2 is")
    page.locator(".label-form .chip", has_text="Right").click()
    page.locator("#label-name").fill("Ann")
    page.locator("#label-reason").fill("It is what I would say.")
    page.get_by_role("button", name="Keep this label").click()
    expect(page.locator("#evals-head h1")).to_have_text("Sample 2 is right. A person said so.")
    assert findings(page) == []
    page.get_by_role("button", name="Take the label back").click()
    expect(page.locator(".labels .undone")).to_have_count(1)
    page.get_by_role("link", name="Runs", exact=True).click()
    page.locator(".runs [data-do=delete]").click()
    expect(page.locator("#evals-said")).to_contain_text("is deleted.")
    page.get_by_role("button", name="Bring it back").click()
    expect(page.locator(".runs tbody tr")).to_have_count(1)


def test_the_form_says_what_it_comes_to_before_it_starts(evals):
    page = evals("&view=new")
    plan = page.locator(".plan")
    expect(plan.locator(".finding")).to_contain_text("100\u00a0samples would show a difference of")
    page.locator("#run-n").fill("7")
    expect(plan.locator(".finding")).to_contain_text("7\u00a0samples")
    expect(page.locator("#run-corpus")).to_be_hidden()
    page.locator(".sweep summary").click()
    for name in ("From evidence", "Model alone"):
        page.locator(".sweep .chip", has_text=name).click()
    expect(plan).to_contain_text("Start 2 runs")
    expect(page.locator("#run-corpus")).to_be_visible()
    expect(plan.locator("pre").first).to_contain_text("- rag")
    page.locator("#run-n").fill("0")
    expect(plan.locator(".failure")).to_be_visible()
    page.locator("#run-n").fill("9")
    expect(plan.locator(".finding")).to_contain_text("9\u00a0samples")
    page.locator(".keep input").fill("two ways")
    page.locator(".keep button").click()
    expect(page.locator("#evals-said")).to_contain_text("two ways is kept")
    expect(page).to_have_url(re.compile("config="))
    page.reload()
    expect(page.locator("#run-n")).to_have_value("9")
    expect(page.locator(".sweep [value=rag]")).to_be_checked()
    assert findings(page) == []


def test_two_runs_are_compared_with_the_verdict_first(evals, place: str):
    page = evals()
    for method in ("naive", "cot"):
        measured(page, place, method=method, name=f"by {method}")
    page = evals("", page)
    for box in page.locator(".runs [name=chosen]").all():
        box.check()
    page.get_by_role("button", name="Compare the chosen runs").click()
    expect(page.locator("#evals-head h1")).to_contain_text("difference")
    expect(page.locator("#evals-head .run-facts")).to_contain_text("12\u00a0samples in common")
    expect(page.locator("#evals-plot-0 .main-svg").first).to_be_visible()
    expect(page.locator("#flips h2")).to_be_visible()
    assert everywhere(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(300)
    assert too_wide(page) == []
    page.get_by_role("link", name="Leaderboard").click()
    expect(page.locator("#evals-head tbody tr").first).to_be_visible()
    assert too_wide(page) == []


def test_a_suite_is_looked_at_brought_and_deleted(evals, tmp_path: Path):
    bad = tmp_path / "bad.csv"
    bad.write_text("question,answer\nA?,a\n,b\nC?,\n", encoding="utf-8")
    good = tmp_path / "good.jsonl"
    rows = [{"question": question, "answer": answer} for question, answer in QUESTIONS]
    good.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    page = evals("&view=datasets")
    expect(page.locator(".suites .card")).to_have_count(4)
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("#brought")).to_contain_text("Choose a file first.")
    page.locator("#suite-file").set_input_files(bad)
    page.locator("#suite-name").fill("mine")
    page.get_by_role("button", name="Look at the file").click()
    expect(page.locator("#brought .wrong")).to_contain_text("rows cannot be used")
    expect(page.locator("#brought .listed li").first).to_contain_text(re.compile(r"\w+ \d+: "))
    page.locator("#suite-file").set_input_files(good)
    page.get_by_role("button", name="Bring it").click()
    expect(page.locator("#evals-head h1")).to_have_text("mine: 3\u00a0questions.")
    expect(page.locator("#evals-body tbody tr")).to_have_count(3)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").last.click()
    expect(page.locator("#evals-said")).to_contain_text("mine is deleted.")
    expect(page.locator(".suites .card")).to_have_count(4)


def test_one_question_is_evaluated_and_there_after_a_reload(evals, opened: Open):
    page = evals("&view=one")
    page.locator("#one-question").fill("What is 2 + 2?")
    page.locator("#one-reference").fill("4")
    page.locator("#one-answer").fill("It is <b>4</b>. 2 + 2 is 4 [2].")
    page.locator("#one-contexts").fill("Sums.\n\n2 + 2 is 4.")
    page.get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.locator("#evals-head h1")).to_have_text("The answer is right.")
    page = opened(page.url, page)
    expect(page.locator("#evals-head h1")).to_have_text("The answer is right.")
    expect(page.locator("#evals-head .said")).to_contain_text("It is <b>4</b>.")
    lit = page.locator("#evals-head .passage .on")
    expect(lit).to_have_count(0)
    page.locator("#evals-head .said .sign[data-n]").last.focus()
    expect(lit.first).to_contain_text("2 + 2 is 4.")
    page.locator("#evals-head .said .sign[data-n]").last.click()
    page.locator("#one-question").focus()
    expect(lit.first).to_be_visible()


def test_what_is_not_there_is_said_with_a_way_back(evals):
    page = evals("&run=nothing")
    expect(page.locator("#evals-head .failure")).to_contain_text("There is no run")
    page.locator("#evals-head").get_by_role("link", name="All runs").click()
    expect(page).to_have_url(re.compile(r"\?tab=evals$"))
    page.locator("#page-chat-button").click()
    expect(page).to_have_url(re.compile(r"\?tab=chat$"))
