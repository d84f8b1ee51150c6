"""Whatever a model says stays text: nothing of it runs, loads, or leaves its place."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import answers, ask

pytestmark = pytest.mark.browser

ATTACKS = (
    "<script>window.pwned = 1</script>",
    "<img src=x onerror='window.pwned = 1'>",
    "<svg onload='window.pwned = 1'><circle r=9></svg>",
    "<iframe src='javascript:parent.pwned = 1'></iframe>",
    "<a href='javascript:window.pwned = 1'>click</a>",
    "[click](javascript:window.pwned=1) [data](data:text/html,<script>parent.pwned=1</script>)",
    "[click](jAvAsCrIpT&#58;window.pwned=1) <vbscript:msgbox(1)> <https://x.example/a>",
    "![pixel](https://tracker.example/pixel.png) ![x](x' onerror='window.pwned=1)",
    "<style>body { display: none }</style><link rel=stylesheet href=https://evil.example/a.css>",
    "$$\\href{javascript:window.pwned=1}{x}$$ \\(\\unicode{<img src=x onerror=window.pwned=1>}\\)",
    "```html\n<script>window.pwned = 1</script>\n```",
    '```"><img src=x onerror=window.pwned=1>\nx\n```',
    '```mermaid\ngraph TD; A["<img src=x onerror=window.pwned=1>"]\n```',
    "| a |\n|---|\n| <img src=x onerror=window.pwned=1> |",
    "<form action=https://evil.example><input name=x><button>Send</button></form>",
    "${window.pwned = 1} {{constructor.constructor('window.pwned=1')()}} `${window.pwned=1}`",
    "<details open ontoggle=window.pwned=1><summary>x</summary></details>",
    "<base href=https://evil.example/><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<div id=ask class=banner data-act=delete onclick=window.pwned=1>x</div>",
    "</textarea></div></article><h1 id=escaped>out</h1>",
)
FORBIDDEN = "script, img, iframe, style, link, form, input, base, meta, object, embed, details, h1"


def test_no_answer_and_no_question_becomes_live(page: Page):
    log = page.locator("#log .conversation")
    for attack in ATTACKS:
        ask(page, f"/say {attack}")
        said = answers(page).last.locator(".said")
        expect(said).not_to_be_empty()
        assert said.locator(FORBIDDEN).count() == 0, attack
        assert page.locator(".turn.asked .said > *").count() == 0, attack
        assert said.locator("svg:not(.icon)").count() == 0, attack
        targets = log.locator("a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
        assert all(target.startswith("https://x.example/") for target in targets), targets
        handlers = log.evaluate(
            "e => [...e.querySelectorAll('*')].flatMap(x => [...x.attributes])"
            ".filter(a => a.name.startsWith('on')).length"
        )
        assert handlers == 0, attack
        assert page.locator("#escaped").count() == 0, attack
        for button in said.locator("a, button").all():
            button.dispatch_event("mouseover")
        assert page.evaluate("window.pwned") is None, attack
    page.reload()
    expect(answers(page)).to_have_count(len(ATTACKS))
    expect(answers(page).last.locator(".said")).not_to_be_empty()
    assert page.evaluate("window.pwned") is None
    expect(page.locator("#ask textarea")).to_be_visible()


def test_a_hostile_title_stays_text_in_the_list_and_when_renamed(page: Page):
    ask(page, "<img src=x onerror=window.pwned=1>")
    row = page.locator("#chats-panel li").first
    expect(row).to_contain_text("<img src=x")
    row.hover()
    row.locator("[data-act=rename]").click()
    page.locator("#chats-panel .editor textarea").fill('"><svg onload=window.pwned=1>')
    page.locator("#chats-panel .editor textarea").press("Enter")
    expect(page.locator(".about h1")).to_have_text('"><svg onload=window.pwned=1>')
    assert page.evaluate("window.pwned") is None


def test_markdown_is_shown_as_what_it_means(page: Page):
    ask(
        page, "/say **bold** and `code`\n\n```python\ndef f(): return 1\n```\n\n| n |\n|---|\n| 1 |"
    )
    said = answers(page).last.locator(".said")
    expect(said.locator("strong")).to_have_text("bold")
    expect(said.locator("figure.code figcaption span")).to_have_text("python")
    expect(said.locator("pre .k").first).to_have_text("def")
    expect(said.locator("td")).to_have_text("1")
