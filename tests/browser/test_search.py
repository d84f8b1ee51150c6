"""Search as a visitor has it: asking, comparing, narrowing, indexing, looking at the map."""

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from bench._app import app
from tests.browser.conftest import Open
from tests.browser.test_looks import everywhere, findings, too_wide

pytestmark = pytest.mark.browser

SHOP = Path(__file__).parent / "shop"
WEB = SHOP / "web"
PATIENCE_S = 90
QUERY = "charge a credit card"
HITS = "#found .hit"


def indexes(url: str) -> dict[str, dict]:
    with urllib.request.urlopen(f"{url}/v1/rag/indexes") as answer:
        return {row["id"]: row for row in json.load(answer)["indexes"]}


def posted(url: str, route: str, **asked: object) -> dict:
    body = json.dumps(asked).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/{route}", body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def until(url: str, name: str, state: str) -> None:
    """Wait until an index is in a state and nothing of it runs."""
    give_up = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up:
        row = indexes(url).get(name)
        if row and row["state"] == state and row["progress"] is None:
            return
        time.sleep(0.2)
    raise AssertionError(f"{name} is not {state}: {indexes(url)}")


def warmed(url: str) -> None:
    """Wait until the embedder is loaded, so that every stage takes part."""
    give_up = time.monotonic() + PATIENCE_S
    while posted(url, "retrieve", query="basket")["used"] != "reranked":
        assert time.monotonic() < give_up
        time.sleep(0.5)


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """Return where the app is that has indexed a small shop, and once more by words alone."""
    with app(model="quote", repo_path=str(SHOP), auto_ingest="1") as running:
        until(running.url, "shop", "ready")
        posted(running.url, "rag/indexes", source=str(SHOP), name="words", embed=False)
        until(running.url, "words", "lexical")
        warmed(running.url)
        yield running.url


@pytest.fixture
def search(opened: Open, shop: str):
    """Return a function that opens the tab with what an address asks for."""

    def open_search(query: str = "") -> Page:
        page = opened(f"{shop}/?tab=search{query}")
        page.locator("#search-about h1").wait_for()
        return page

    return open_search


def ask(page: Page, words: str) -> None:
    page.locator("#q").fill(words)
    page.locator("#q").press("Enter")
    expect(page.locator("#found .found")).to_have_attribute(
        "data-link", re.compile(re.escape(quote(words.split(" ")[0])))
    )


def test_a_query_finds_its_function_and_says_how_and_how_fast(search):
    page = search()
    expect(page.locator("#search-about h1")).to_have_text(
        re.compile(r"^Search shop: \d+.chunks from 4.files\.$")
    )
    expect(page.locator(".standing")).to_contain_text("✓ Hybrid")
    expect(page.locator("#header .corpus-line")).to_contain_text("shop")
    ask(page, QUERY)
    first = page.locator(HITS).first
    expect(first.locator(".place")).to_have_text(re.compile(r"payments/card\.py:\d+–\d+$"))
    expect(first.locator(".symbol")).to_have_text("function charge_card(number, cents, bank)")
    expect(first.locator("mark").first).to_have_text(re.compile("charge", re.IGNORECASE))
    expect(first.locator(".ranks summary")).to_have_text(
        re.compile(r"lexical.\d+ → dense.\d+ → fused.\d+ → reranked.1")
    )
    lines = first.locator(".row").evaluate_all("all => all.map(e => e.dataset.n)")
    assert lines == sorted(lines, key=int)
    expect(first.locator(".row").first).to_contain_text("def charge_card")
    times = page.locator(".times")
    expect(times).to_contain_text(re.compile(r"[\d.]+.m?s.*in all"))
    expect(times.locator(".badge")).to_have_text("measured")


def test_the_address_reopens_the_search_with_mode_filters_and_number(search, opened: Open):
    page = search()
    page.locator(".chip", has_text="Lexical").click()
    page.locator(".filters summary").click()
    page.locator("#path").fill("*.py")
    page.locator("[name=k]").fill("2")
    ask(page, "basket")
    expect(page.locator(HITS)).to_have_count(2)
    url = page.url
    for part in ("tab=search", "q=basket", "mode=lexical", "k=2", "path=*.py", "corpus=shop"):
        assert part in url.replace("%2A", "*")
    places = page.locator(".place").all_inner_texts()
    page = opened(url)
    expect(page.locator(HITS)).to_have_count(2)
    assert page.locator(".place").all_inner_texts() == places
    expect(page.locator("#q")).to_have_value("basket")
    expect(page.locator("[name=mode]:checked")).to_have_value("lexical")
    expect(page.locator("#path")).to_have_value("*.py")
    assert page.url == url


def test_another_mode_is_searched_at_once_and_two_stand_side_by_side(search):
    page = search(f"&q={quote(QUERY)}")
    expect(page.locator(HITS).first).to_be_visible()
    page.locator(".chip", has_text="Dense").click()
    expect(page.locator(".ranks summary").first).to_have_text(re.compile(r"^dense.1$"))
    page.locator("[name=versus]").select_option("lexical")
    expect(page.locator(".versus .side")).to_have_count(2)
    expect(page.locator(".versus h3.mode")).to_have_text(["Dense", "Lexical"])
    expect(page.locator("#found h2").first).to_contain_text("by both dense and lexical")
    moved = page.locator(".versus .side").nth(1).locator(".move")
    expect(moved.first).to_have_text(re.compile(r"^(same place|only here|[↑↓]\d+)$"))
    assert moved.count() == page.locator(".versus .side").nth(1).locator(".hit").count()
    expect(page).to_have_url(re.compile("mode=dense.*versus=lexical"))


def test_scores_open_by_touch_and_by_key(opened: Open, shop: str):
    page = opened(f"{shop}/?tab=search&q={quote(QUERY)}", has_touch=True)
    ranks = page.locator(".ranks").first
    table = ranks.locator(".table")
    expect(table).to_be_hidden()
    ranks.locator("summary").tap()
    expect(table).to_contain_text("BM25")
    expect(table.locator("tbody tr")).to_have_count(4)
    ranks.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(table).to_be_hidden()


def test_filters_narrow_and_say_when_nothing_is_left(search):
    page = search("&q=basket")
    page.locator(".filters summary").click()
    page.locator(".chip", has_text="javascript").click()
    expect(page.locator(HITS).first.locator(".place")).to_contain_text("basket.js")
    expect(page.locator(".place", has_text=".py")).to_have_count(0)
    page.locator("#path").fill("nowhere/**")
    page.locator("#path").press("Enter")
    expect(page.locator("#found .empty")).to_contain_text("path nowhere/**; language javascript")
    page.get_by_role("button", name="Search without filters").click()
    expect(page.locator(".place", has_text=".py").first).to_be_visible()
    expect(page.locator("#path")).to_have_value("")


def test_where_nothing_is_relevant_the_nearest_misses_are_shown_as_misses(search):
    page = search(f"&q={quote('how are satellite images classified')}")
    expect(page.locator("#found h2").first).to_have_text("No relevant context found")
    expect(page.locator("#found")).to_contain_text("Nearest misses")
    expect(page.locator("#found .misses .move")).to_have_text(["miss"] * 5)
    assert page.locator("#found .hits:not(.misses)").count() == 0
    assert everywhere(page) == []
    page.locator("[name=versus]").select_option("dense")
    expect(page.locator(".versus .misses")).to_have_count(2)
    expect(page.locator("#found h2").first).to_have_text(
        "No relevant context found by reranked and dense"
    )
    ask(page, QUERY)
    expect(page.locator(".versus .hits:not(.misses)")).to_have_count(2)


UNASKABLE = [
    ("", "5", "Write what you are looking for."),
    ("x" * 100_000, "5", "The query has 100,000 characters; at most 4,000 are read."),
    ("basket", "0", "“0” results cannot be shown"),
    ("basket", "1000000", "“1000000” results cannot be shown"),
]


def test_what_cannot_be_asked_is_said_and_what_was_typed_stays(search):
    page = search()
    for typed, k, said in UNASKABLE:
        page.locator("[name=k]").fill(k)
        page.locator("#q").fill(typed)
        page.locator("#q").press("Enter")
        expect(page.locator("#search-wrong")).to_contain_text(said)
        expect(page.locator("#q")).to_have_value(typed)
        expect(page.locator(HITS)).to_have_count(0)


def test_an_address_that_asks_for_nonsense_is_answered_in_words(search):
    page = search("&q=basket&mode=magic&k=-1&corpus=../../etc")
    for said in ("“magic” is not a way to search", "“-1” results", "“../../etc” is not the name"):
        expect(page.locator("#search-wrong")).to_contain_text(said)
    page = search("&q=basket&corpus=gone")
    expect(page.locator("#search-wrong")).to_contain_text("There is no corpus “gone” here")
    page.locator("#q").press("Enter")
    expect(page.locator(HITS).first).to_be_visible()
    expect(page.locator("#search-wrong")).to_be_empty()


def test_by_words_alone_is_said_on_the_page_and_beside_the_results(search):
    page = search(f"&q={quote(QUERY)}&corpus=words")
    expect(page.locator(".standing")).to_contain_text("◐ Lexical: searched by words alone")
    expect(page.locator("#found h2").first).to_contain_text("found by shared words")
    expect(page.locator("#found .notice")).to_contain_text("◐")
    page.locator("[data-act=map]").click()
    expect(page.locator("#map-note .failure")).to_be_visible()
    readable(page)


def test_a_source_is_indexed_from_the_page_reported_and_deleted_again(
    search, opened: Open, shop: str
):
    page = search()
    page.get_by_role("button", name="Index a source").click()
    page.locator("#add-source").fill("./no-such-folder")
    page.locator("#add button[type=submit]").click()
    expect(page.locator("#added .failure .what")).to_contain_text("no-such-folder")
    page.locator("#add-source").fill(str(WEB))
    page.locator("#add-name").fill("front")
    page.locator("#add button[type=submit]").click()
    expect(page.locator("#added")).to_contain_text("front is queued")
    expect(page.locator("#add-panel")).to_be_hidden()
    expect(page.locator("[name=corpus]")).to_have_value("front")
    elsewhere = opened(f"{shop}/?tab=chat")
    expect(elsewhere.locator("#ingesting")).to_contain_text("Indexing front.")
    expect(elsewhere.locator("#ingesting [role=progressbar]")).to_be_visible()
    expect(page.locator("#ingesting")).to_be_hidden()
    expect(page.locator(".standing")).to_contain_text("◐ Lexical", timeout=PATIENCE_S * 1000)
    ask(page, "draw the basket")
    expect(page.locator(HITS).first.locator(".place")).to_contain_text("basket.js")
    expect(page.locator(".standing")).to_contain_text("✓ Hybrid", timeout=PATIENCE_S * 1000)
    # What was found by words alone is searched again by itself.
    expect(page.locator(".ranks summary").first).to_contain_text("reranked")
    expect(page.locator(".progress")).to_have_count(0)
    expect(elsewhere.locator(".ingesting")).to_have_count(0)
    card = page.locator("#corpus-card")
    expect(card.locator("h2")).to_contain_text(re.compile("web|front"))
    for fact in ("Freshness", "Embedder", "Checks", "Time"):
        expect(card).to_contain_text(fact)

    card.get_by_role("button", name="Delete").click()
    expect(card.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Escape")
    card.get_by_role("button", name="Delete").click()
    card.locator(".confirm .danger").click()
    expect(page.locator("#added")).to_contain_text("front is deleted")
    expect(page.locator("[name=corpus]")).to_have_value("shop")
    expect(page.locator("[name=corpus] option")).to_have_count(2)


def test_the_map_comes_when_it_is_asked_for_with_the_query_on_it(search):
    asked: list[str] = []
    page = search()
    page.on("request", lambda request: asked.append(request.url))
    ask(page, QUERY)
    expect(page.locator(HITS).first).to_be_visible()
    assert not [url for url in asked if "Plotly" in url]
    page.locator("[data-act=map]").click()
    plot = page.locator("#map-plot .plot-container")
    expect(plot).to_be_visible()
    assert [url for url in asked if "Plotly" in url]
    expect(plot.locator(".gtitle")).to_contain_text("what is near means something similar")
    expect(plot.locator(".xtitle")).to_contain_text("% of the differences")
    expect(plot.locator(".ytitle")).to_contain_text("% of the differences")
    expect(plot.locator(".textpoint", has_text="query")).to_have_count(1)
    expect(plot.locator(".legendtext", has_text="payments")).to_have_count(1)
    expect(page.locator("#map-note")).to_contain_text("hint, not a measure")
    assert findings(page) == []
    page.locator(".chip", has_text="Lexical").focus()
    page.keyboard.press("Escape")
    expect(plot).to_have_count(0)
    expect(page.locator("[data-act=map]")).to_be_focused()


def test_everything_is_reached_and_left_by_keys(search):
    page = search()
    page.locator(".wordmark").focus()
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(QUERY)
    order = []
    for _ in range(6):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.name || document.activeElement.type"))
    assert order[:4] == ["submit", "mode", "versus", "k"]
    page.locator("[name=mode]:checked").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[name=mode]:checked")).to_have_value("hybrid")
    expect(page.locator(".ranks summary").first).to_contain_text("fused")
    add = page.get_by_role("button", name="Index a source")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#add-source")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#add-panel")).to_be_hidden()
    expect(add).to_be_focused()


def test_a_query_stays_text_wherever_it_stands(search):
    attack = '"><svg onload=pwned=1><img src=x onerror=window.pwned=1>'
    page = search(f"&q={quote(attack + ' basket')}&path={quote(attack)}")
    expect(page.locator("#q")).to_have_value(f"{attack} basket")
    expect(page.locator("#found .empty")).to_be_visible()
    assert page.locator("#page-search :is(img, script, svg:not(.icon))").count() == 0
    assert page.evaluate("window.pwned") is None


def test_code_is_copied_whole_without_its_numbers(search):
    page = search(f"&q={quote(QUERY)}")
    page.evaluate("navigator.clipboard.writeText = (words) => { window.copied = words; }")
    page.locator("[data-act=copy-hit]").first.click()
    copied = page.evaluate("window.copied")
    assert copied.startswith("def charge_card(")
    assert "raise Declined" in copied
    assert not re.search(r"^\s*\d+\s", copied, re.MULTILINE)


def readable(page: Page) -> None:
    """Check what is on the page now at every width and in every look, with all of it unfolded."""
    page.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
    for width in (768, 1440, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert too_wide(page) == []
    assert everywhere(page, "#page-search") == []


def test_every_state_is_readable_by_everybody_at_every_width(search):
    page = search()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".tries .starter").first).to_be_visible()
    readable(page)
    page.locator("[name=k]").fill("0")
    page.locator("#q").fill(QUERY)
    page.locator("#q").press("Enter")
    expect(page.locator("#search-wrong .faults")).to_be_visible()
    readable(page)
    page.locator("[name=k]").fill("5")
    page.locator("#q").press("Enter")
    expect(page.locator(HITS).first).to_be_visible()
    readable(page)
    page.locator("#path").fill("*.py")
    page.locator("[name=versus]").select_option("lexical")
    expect(page.locator(".versus .hit").first).to_be_visible()
    readable(page)
