"""The suites as HTML: their cards, the questions they hold, and how a file becomes one.

It knows suites and pages of their items. Files are sent to /v1/datasets by the page's script;
what is wrong with a row is said there.
"""

from core.present.numbers import DASH, count, size
from core.records import Item, Suite
from pages import _evals_words as words
from pages._evals_asked import Asked, go, pages
from pages._evals_desk import Desk, Shown, framed
from pages._evals_listed import short
from pages._html import text, when
from pages._markdown import render

SIZE = 25
COLUMNS = (
    ("question", "Questions"),
    ("references", "Accepted answers"),
    ("id", "Ids"),
    ("kind", "Kinds"),
    ("contexts", "Given passages"),
    ("choices", "Choices"),
    ("cluster", "Source documents"),
)
USUAL = "Blank: by the usual names; - : there is none."
WHAT = (
    "CSV, JSON lines, JSON or Parquet, up to {most}; one question in each row. Nothing is kept if "
    "a row is bad."
)
LARGER = "The file has more than {most}, which is all that is taken here."


def show(desk: Desk, asked: Asked) -> Shown:
    """Return every suite, or one with its card and questions."""
    if asked.dataset:
        return _one(desk, asked)
    suites = desk.suites.list(desk.owner)
    total = sum(suite.count for suite in suites)
    title = f"{count(len(suites), 'suite')} with {count(total, 'question')}."
    inner = f'<ul class="suites">{"".join(_card(suite) for suite in suites)}</ul>'
    return Shown(framed(title, inner), _upload(desk))


def delete(desk: Desk, name: str) -> None:
    """Delete a suite that was brought."""
    desk.suites.delete(name, desk.owner)


def _one(desk: Desk, asked: Asked) -> Shown:
    suite = desk.suites.get(asked.dataset, desk.owner)
    items = list(desk.suites.items(suite.name, desk.owner, None, (asked.page - 1) * SIZE, SIZE))
    name = text(suite.name)
    back = go(Asked(view="datasets"), "‹ All suites", "button")
    export = "".join(
        f'<a class="button" href="v1/datasets/{name}/export?format={form}" download>{label}</a>'
        for form, label in (("jsonl", "Export as JSONL"), ("csv", "Export as CSV"))
    )
    run = go(Asked(view="new", suite=suite.name), "Measure with it", "button strong")
    gone = (
        ""
        if suite.source.get("bundled")
        else '<button type="button" class="button" data-act="evals-delete-suite" '
        f'data-suite="{name}">Delete</button>'
    )
    title = f"{suite.title}: {count(suite.count, 'question')}."
    card = (
        f'<div class="said md suite-card">{render(suite.card, links=False)}</div>'
        if suite.card
        else ""
    )
    head = framed(text(title), _facts(suite) + card, f"{back}{export}{gone}{run}")
    columns = ("Id", "Question", "Accepted", "Kind")
    listed = words.table(columns, [_item(item) for item in items])
    more = pages(asked, suite.count, SIZE)
    return Shown(head, f"<section><h2>Questions</h2>{listed}{more}</section>")


def _card(suite: Suite) -> str:
    kinds = ", ".join(f"{text(kind)} {count(n)}" for kind, n in list(suite.kinds.items())[:6])
    link = go(Asked(view="datasets", dataset=suite.name), text(suite.title))
    return (
        f'<li class="card suite"><h2>{link}</h2>'
        f'<p class="figure">{count(suite.count)}</p><p class="below">questions'
        f"{f': {kinds}' if kinds else ''}</p>"
        f'<p class="below">Right is judged by {text(words.scorer(suite.criterion))}. '
        f"{_whence(suite)}</p></li>"
    )


def _facts(suite: Suite) -> str:
    facts = [
        f"<code>{text(suite.name)}</code>",
        f"version <code>{text(suite.version[:12])}</code>",
        f"judged by {text(words.scorer(suite.criterion))}",
        f"licence {text(suite.license or DASH)}",
        _whence(suite),
    ]
    return f'<p class="run-facts">{" · ".join(fact for fact in facts if fact)}</p>'


def _whence(suite: Suite) -> str:
    if suite.source.get("bundled"):
        return "Bundled."
    brought = f"Brought {when(suite.created)}" if suite.created else "Brought here"
    file = suite.source.get("file")
    return f"{brought}, from {text(file)}." if file else f"{brought}."


def _item(item: Item) -> str:
    accepted = ", ".join(item.references) if item.answerable else "it has no answer"
    question = text(short(item.question, 300))
    return (
        f'<tr><th scope="row"><code>{text(item.id)}</code></th><td>{question}</td>'
        f"<td>{text(short(accepted, 200)) or DASH}</td><td>{text(item.kind)}</td></tr>"
    )


def _upload(desk: Desk) -> str:
    cap, scorers = desk.services.settings.upload_cap, desk.evals.names(desk.owner)["scorers"]
    most = size(cap)
    command = "" if desk.shared else " A larger one: python -m eval datasets add FILE."
    columns = "".join(
        f'<p class="field"><label for="suite-{name}">{label}</label><input id="suite-{name}" '
        f'name="{name}" type="text" maxlength="200" placeholder="by the usual names" '
        'autocomplete="off" autocapitalize="off" spellcheck="false"></p>'
        for name, label in COLUMNS
    )
    options = "".join(
        f'<option value="{text(name)}">{text(words.scorer(name))}</option>' for name in scorers
    )
    return (
        '<section class="bring"><h2>Bring a suite</h2>'
        f'<p class="quiet">{WHAT.format(most=most)}</p>'
        '<form id="bring" class="run-form" data-evals="bring" novalidate '
        f'data-most="{cap}" data-larger="{LARGER.format(most=most)}{command}"><fieldset>'
        '<legend class="offscreen">File</legend>'
        '<p class="field"><label for="suite-file">File</label><input id="suite-file" name="file" '
        'type="file" accept=".csv,.jsonl,.ndjson,.json,.parquet"></p>'
        '<p class="field"><label for="suite-name">Name</label><input id="suite-name" name="name" '
        'type="text" maxlength="63" autocomplete="off" autocapitalize="off" spellcheck="false" '
        'aria-describedby="help-suite-name"><span id="help-suite-name" class="quiet">Letters, '
        "digits, dots and dashes.</span></p>"
        '<p class="field"><label for="suite-criterion">Right is judged by</label>'
        '<select id="suite-criterion" name="criterion"><option value="">chosen by the answers'
        f"</option>{options}</select></p></fieldset>"
        f'<details class="fold"><summary>Which column is what <span class="quiet">{USUAL}</span>'
        f'</summary><fieldset><legend class="offscreen">Columns</legend>{columns}'
        '<p class="field"><label for="suite-separator">Between several answers in a cell</label>'
        '<input id="suite-separator" name="separator" type="text" maxlength="10" '
        'placeholder="such as ;" autocomplete="off"></p></fieldset></details>'
        '<p class="submit"><button type="submit" class="button" name="check" value="1">'
        'Look at the file</button><button type="submit" class="button strong">Bring it</button>'
        '</p></form><div id="brought" aria-live="polite"></div></section>'
    )
