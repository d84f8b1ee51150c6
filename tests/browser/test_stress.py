"""Stress as a visitor has it: a real run that others watch, a stored one played, what would fit."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bench._app import app
from eval.stress import export
from tests import stressed, tiny
from tests.browser.conftest import Open
from tests.browser.test_looks import everywhere, findings, too_wide

pytestmark = pytest.mark.browser

PATIENCE_MS = 300_000
TURNS = 6
# Keys and values of 8 kB a token: the budget is full after about 900 of 1,200 tokens.
MODEL = {"hidden": 128, "layers": 16}
SCENARIO = {
    "name": "small",
    "title": "Six turns",
    "about": "Six turns over pieces of code.",
    "kind": "trace",
    "turns": TURNS,
    "budget_mb": 10,
    "dtype": "fp32",
    "lengths": [{"tokens": 200, "answer": 4}] * TURNS,
}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model that reads 4,096 tokens."""
    folder = tiny.build(tmp_path_factory.mktemp("model"), **MODEL)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["max_position_embeddings"] = 4096
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where an app is that knows a small session and a stored run."""
    data = tmp_path_factory.mktemp("data")
    for name in ("scenarios", "runs"):
        (data / "stress" / name).mkdir(parents=True)
    (data / "stress/scenarios/small.json").write_text(json.dumps(SCENARIO), encoding="utf-8")
    stored = export.export(stressed.state(), "json")
    (data / "stress/runs/stored.json").write_bytes(stored)
    with app(model="quote", data_dir=str(data)) as running:
        yield running.url


@pytest.fixture
def stress(opened: Open, place: str):
    """Return a function that opens the tab at a place of it."""

    def open_stress(query: str = "", page: Page | None = None, **context) -> Page:
        shown = opened(f"{place}/?tab=stress{query}", page, **context)
        shown.locator("#stress-head h1").wait_for()
        return shown

    return open_stress


def narrow(page: Page) -> list[str]:
    """Return what is wider than the window of a phone."""
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(300)
    return too_wide(page)


@pytest.mark.prove
def test_a_session_dies_in_memory_and_survives_on_flash_whoever_watches(stress, model: Path):
    page = stress("&scenario=small")
    expect(page.locator("#stress-budget_mb")).to_have_value("10")
    page.locator(".rest summary").click()
    page.locator("#stress-folder").fill(str(model))
    page.locator(".chip", has_text="without a limit").click()
    expect(page.locator(".plan .finding")).to_contain_text("beyond the loaded model")
    page.get_by_role("button", name="Run both").click()
    expect(page).to_have_url(re.compile(r"run=\w{32}"))
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.locator(".lane.memory .bar").first).to_be_attached(timeout=PATIENCE_MS)
    # The first visitor leaves; another one comes, and finds the run.
    run = page.url
    page.context.clear_cookies()
    page.evaluate("localStorage.clear()")
    page = stress("", page)
    expect(page).to_have_url(run)
    expect(page.locator(".lane.memory .bar").first).to_be_attached()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(page.locator(".chip-state").first).to_contain_text("completed", timeout=PATIENCE_MS)
    expect(page.locator("#stress-head h1")).to_contain_text("Without: died at turn")
    expect(page.locator("#stress-head h1")).to_contain_text(f"With: {TURNS} turns, same answers")
    expect(page.locator(".lane.memory .why")).to_contain_text("can't allocate memory")
    expect(page.locator(".lane.memory .cross")).to_be_visible()
    expect(page.locator(".lane.flash .bar")).to_have_count(TURNS)
    expect(page.locator("#stress-live .under-way")).to_have_count(0)
    expect(page.locator(".card.good", has_text="✔ identical")).to_be_visible()
    badges = page.locator("#stress-figures .badge, #stress-body .badge").all_text_contents()
    assert set(badges) <= {"measured", "computed"} and len(badges) > 10


def test_a_stored_run_is_replayed_in_the_page_alone_then_read_and_taken_out(stress):
    page = stress("&run=stored&play=1", reduced_motion="reduce")
    expect(page.locator("#stress-body .card").first).to_be_visible()
    slider = page.locator(".player input")
    slider.fill("4")
    expect(page.locator(".lane.memory .bar:not(.later)")).to_have_count(4)
    expect(page.locator(".lane.flash .bar:not(.later)")).to_have_count(0)
    expect(page.locator(".lane.memory .why")).to_be_hidden()
    expect(page.locator("#stress-body .card").first).to_be_hidden()
    slider.fill("9")
    expect(page.locator(".lane.memory .why")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    slider.fill("42")
    expect(page.locator(".lane.flash .bar:not(.later)")).to_have_count(stressed.TURNS)
    expect(page.locator("#stress-body .card").first).to_be_visible()
    assert set(page.locator("#page-stress .badge:visible").all_text_contents()) == {"replayed"}
    assert findings(page) == []
    page.get_by_role("link", name="All figures").click()
    expect(page).to_have_url(re.compile(r"run=stored$"))
    for fold in page.locator("details.turns summary").all():
        fold.click()
    assert everywhere(page) == []
    page.locator(".export select").select_option("csv")
    page.get_by_role("button", name="Export").click()
    expect(page.locator("#stress-said")).to_contain_text("is made")
    with page.expect_download() as saved:
        page.locator("#stress-file-made a").first.click()
    assert "first_token_s" in Path(saved.value.path()).read_text(encoding="utf-8")
    assert narrow(page) == []


def test_what_would_fit_is_told_as_the_fields_change_and_reopened(stress, opened: Open):
    page = stress("&view=fit")
    expect(page.locator(".verdict")).to_contain_text("do not fit into 24 GB")
    page.locator("#stress-memory").fill("80")
    expect(page.locator(".verdict")).to_contain_text("fit into 80 GB")
    expect(page).to_have_url(re.compile("memory=80"))
    page = opened(page.url, page)
    expect(page.locator("#stress-memory")).to_have_value("80")
    expect(page.locator(".fit-map .asked th")).to_have_text("80")
    page.locator("#stress-batch").fill("0")
    expect(page.locator("#stress-figures .failure")).to_be_visible()
    page.locator("#stress-batch").fill("2")
    expect(page.locator(".verdict")).to_be_visible()
    assert findings(page) == []
    assert narrow(page) == []


def test_runs_are_listed_and_what_is_not_there_is_said(stress):
    page = stress("&run=nothing")
    expect(page.locator("#stress-head .failure")).to_be_visible()
    page.locator("#stress-head").get_by_role("link", name="Stored runs").click()
    row = page.locator(".stored tbody tr", has_text="A small session")
    expect(row.locator(".badge")).to_have_text("replayed")
    row.get_by_role("link", name="Replay").click()
    expect(page).to_have_url(re.compile("run=stored&play=1"))
    page.locator("#page-chat-button").click()
    expect(page).to_have_url(re.compile(r"\?tab=chat$"))
