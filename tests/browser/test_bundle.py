"""A published bundle opened from disk in Chromium, with no network: searched and drilled into."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from eval import publish
from tests.eval import _runs

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = _runs.Kept(tmp_path_factory.mktemp("store"))
    first = _runs.samples(("correct", "wrong", "refused", "error") * 60)
    second = [_runs.answered(n, f"<b>Other</b> {n}") for n in range(240)]
    kept.keep(_runs.run("naive run", "naive"), first)
    kept.keep(_runs.run("rag run"), second)
    sources = [publish.gather(kept, name) for name in ("naive run", "rag run")]
    made = publish.publish(sources, tmp_path_factory.mktemp("bundle") / "out")
    kept.store.close()
    return made


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """Return a page without a network; what went wrong on it fails the test."""
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 844})
    opened, wrong = context.new_page(), []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("requestfailed", lambda request: wrong.append(request.url))
    yield opened
    context.close()
    assert wrong == []


def test_every_page_opens_from_disk_without_an_error_and_fits_a_phone(phone: Page, bundle: Path):
    for each in sorted(bundle.glob("*.html")):
        phone.goto(each.as_uri())
        assert phone.evaluate("document.documentElement.scrollWidth") <= 390, each.name
        assert phone.evaluate("document.fonts.load('15px Inter').then(found => found.length)") == 1


def test_samples_are_searched_filtered_and_opened(phone: Page, bundle: Path):
    phone.goto((bundle / "run-naive-run.html").as_uri())
    assert phone.inner_text("#found") == "240 of 240 samples"
    assert phone.locator("#rows > li").count() == 50
    phone.click("#more")
    assert phone.locator("#rows > li").count() == 100
    phone.select_option("#outcome", "refused")
    phone.fill("#words", "answer 238")
    assert phone.inner_text("#found") == "1 of 240 samples"
    phone.locator(".row").click()
    phone.wait_for_selector(".detail")
    shown = phone.inner_text(".detail")
    assert "def f238(x=3):" in shown and "the prompt" in shown and "faithfulness@2: 0.75" in shown
    assert phone.url.endswith("#sample-238-0")


def test_a_link_to_a_sample_opens_it_and_markup_stays_text(phone: Page, bundle: Path):
    phone.goto((bundle / "run-rag-run.html").as_uri() + "#sample-150-0")
    phone.wait_for_selector("#sample-150-0 .detail")
    assert "<b>Other</b> 150" in phone.inner_text("#sample-150-0 .detail")
    assert phone.locator("#sample-150-0 b").count() == 0


def test_the_scheme_follows_the_system_and_the_button(browser: Browser, bundle: Path):
    context = browser.new_context(offline=True, color_scheme="dark")
    page = context.new_page()
    page.goto((bundle / "index.html").as_uri())
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.click("#scheme")
    assert page.evaluate(paper) != dark
    assert page.inner_text("#scheme") == "Dark"
    context.close()
