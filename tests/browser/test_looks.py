"""Every page in both palettes, light and dark: readable by everybody, at every width."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

import pages
from tests.browser.conftest import Open
from tests.browser.hands import ask

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
AXE = (HERE / "axe.min.js").read_text(encoding="utf-8")
# Findings in Gradio's own markup, each with the rule, where it is, and why it stays.
ALLOWED = json.loads((HERE / "axe_allowed.json").read_text(encoding="utf-8"))
SLUGS = [page.slug for page in pages.PAGES]
# What shows that a tab stands, whichever it is.
STANDS = (
    ".welcome:visible, .cards:visible, #search-about h1:visible, #evals-head h1:visible, "
    "#stress-head h1:visible"
)
LOOKS = [(p, s) for p in ("studio", "pascari") for s in ("light", "dark")]


def paint(page: Page, palette: str, scheme: str) -> None:
    page.evaluate(
        "([palette, scheme]) => Object.assign(document.documentElement.dataset, {palette, scheme})",
        [palette, scheme],
    )


def findings(page: Page, rules: str = "", part: str = "html") -> list[str]:
    """Return every serious or critical finding in a part that is not one of those allowed."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    asked = {"resultTypes": ["violations"]} | ({"runOnly": [rules]} if rules else {})
    found = page.evaluate(
        "([part, asked]) => axe.run(part, asked).then(r => r.violations)", [part, asked]
    )
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
        if not any(
            a["rule"] == rule["id"] and a["where"] in str(node["target"][-1]) for a in ALLOWED
        )
    ]


def too_wide(page: Page) -> list[str]:
    """Return what reaches over the right edge of the window, or the page itself if it scrolls."""
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(e => {
             const r = e.getBoundingClientRect(), s = getComputedStyle(e);
             const scrolls = e.closest('pre, .table, .scrolls, .offscreen');
             if (!r.width || scrolls || s.visibility === 'hidden') return false;
             return r.right > innerWidth + 1 && s.position !== 'fixed';
           }).map(e => e.tagName + '.' + e.className).slice(0, 5)"""
    )
    scrolls = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*wide, *(["the page"] if scrolls else [])]


def everywhere(page: Page, part: str = "html") -> list[str]:
    """Return the findings in every look; what no look changes is looked for in the first alone."""
    page.add_style_tag(content="* { transition: none !important; }")
    found = []
    for palette, scheme in LOOKS:
        paint(page, palette, scheme)
        rules = "" if (palette, scheme) == LOOKS[0] else "color-contrast"
        found += [f"{palette} {scheme} {finding}" for finding in findings(page, rules, part)]
    return found


@pytest.mark.parametrize("slug", SLUGS)
def test_axe_finds_nothing_serious(opened: Open, address: str, slug: str):
    page = opened(f"{address}/?tab={slug}")
    page.locator(f"#page-{slug}").wait_for()
    page.locator(STANDS).first.wait_for()
    assert everywhere(page) == []


def test_axe_finds_nothing_serious_in_a_conversation_with_evidence(
    opened: Open, quotes_address: str
):
    page = opened(quotes_address)
    ask(page, "Where are my chats kept?", wait=False)
    page.locator("#log .cite").first.click()
    page.locator(".passage.lit").wait_for()
    page.locator("#page-chat .composer [data-act=settings]").click()
    assert everywhere(page) == []


def test_axe_finds_nothing_serious_in_an_answer_that_failed(page: Page):
    ask(page, "/say ```python\nx = 1  # one\n```\n\n| a |\n|---|\n| 1 |")
    ask(page, "/break", wait=False)
    page.locator("#log .failure").wait_for()
    page.locator(".turn.asked [data-act=edit]").first.click()
    assert everywhere(page) == []


def test_the_list_of_allowed_findings_gives_reasons():
    for entry in ALLOWED:
        assert set(entry) == {"rule", "where", "component", "reason"}
        assert len(entry["reason"]) > 20


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_is_wider_than_the_window(opened: Open, address: str, slug: str):
    page = opened(f"{address}/?tab={slug}", viewport={"width": 390, "height": 844})
    page.locator(STANDS).first.wait_for()
    assert too_wide(page) == []
    for width in (768, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 844})
        assert too_wide(page) == []


def test_on_a_phone_the_input_is_in_reach_and_the_panels_open(opened: Open, quotes_address: str):
    page = opened(quotes_address, viewport={"width": 390, "height": 844})
    ask(page, "Where are my chats kept?", wait=False)
    page.locator("#log .cite").first.wait_for()
    expect(page.locator("#ask textarea")).to_be_in_viewport()
    expect(page.locator("#send")).to_be_in_viewport()
    page.locator(".talk-bar [data-act=chats]").click()
    expect(page.locator("#chats-panel li a")).to_be_visible()
    page.locator(".talk-bar [data-act=chats]").click()
    expect(page.locator("#chats-panel li a")).to_be_hidden()
    page.locator("#log .cite").first.click()
    expect(page.locator(".passage.lit")).to_be_visible()


def test_words_are_whole_and_numbers_alone_are_tabular(opened: Open, address: str):
    page = opened(address, viewport={"width": 390, "height": 844})
    # Without evidence the conversation has the room of the panel.
    expect(page.locator("#evidence-panel")).to_be_hidden()
    head = "| " + " | ".join(f"default{n}" for n in range(9)) + " |"
    ask(page, f"/say {head}\n{'|---' * 9}|\n{'| `--port-of-x` ' * 9}|")
    table = page.locator(".said.md table")
    assert table.evaluate("e => e.scrollWidth > e.clientWidth")
    heights = table.locator("th").evaluate_all("all => all.map(e => e.clientHeight)")
    assert max(heights) < 40
    broken = "all => all.filter(e => e.getClientRects().length > 1 || e.clientHeight > 30).length"
    assert table.locator("code").evaluate_all(broken) == 0
    name = page.locator(".facts b").first
    variant = "e => getComputedStyle(e).fontVariantNumeric"
    assert name.evaluate(variant) == "normal"
    assert page.locator(".facts .num").first.evaluate(variant) == "tabular-nums"


def test_light_and_dark_are_remembered(page: Page):
    root = page.locator("html")
    expect(root).to_have_attribute("data-scheme", "light")
    page.locator("[data-act=scheme]").click()
    expect(root).to_have_attribute("data-scheme", "dark")
    page.reload()
    page.locator(".welcome").wait_for()
    expect(root).to_have_attribute("data-scheme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(28, 22, 18)"


def test_the_fonts_are_ours(page: Page):
    page.evaluate("document.fonts.ready.then(() => true)")
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded')"
        ".map(f => f.family.replaceAll('\"', ''))"
    )
    assert {"Inter", "Instrument Serif"} <= set(loaded)
    heading = page.locator(".welcome h1")
    assert "Instrument Serif" in heading.evaluate("e => getComputedStyle(e).fontFamily")


def test_nothing_moves_for_those_who_asked_for_that(opened: Open, address: str):
    page = opened(address, reduced_motion="reduce")
    moving = page.evaluate(
        """() => [...document.querySelectorAll('#header *, #page-chat *')].filter(e =>
             e.matches('.button, .tool, .starter, .passage') &&
             getComputedStyle(e).transitionDuration.split(', ').some(d => parseFloat(d) > 0)
           ).length"""
    )
    assert moving == 0


def test_no_words_of_gradio_are_on_the_page(page: Page):
    expect(page).to_have_title("Plumbline")
    assert "gradio" not in page.locator("body").inner_text().lower()
    icon = page.locator("link[rel~=icon]").first.get_attribute("href")
    assert icon and "gradio" not in icon
