"""The evidence panel as HTML: what an answer cites, what else was found, line by line.

It knows passages as they are stored, and which marks stand on them. It reads no file and no
store. Lines carry their number in the file, so that the page can light those that a mark names.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from core.present import code
from core.present.numbers import count
from pages._html import text, tool
from pages._markdown import cited, render
from pages._marks import Marks, of_passage

NOTHING = "What an answer rests on is listed here. Nothing has been cited yet."
BEING_READ = "The model reads them now. What it cites is told once the answer is whole."
Passage = Mapping[str, Any]


def panel(
    passages: Sequence[Passage],
    words: str = "",
    marks: Marks = (),
    lit: int | None = None,
    position: int | None = None,
) -> str:
    """Return what the answer at this position cites, then what else was found; one is lit."""
    inner = told(passages, words, marks, lit) if passages else f'<p class="none">{NOTHING}</p>'
    return _framed(inner, position)


def told(passages: Sequence[Passage], words: str, marks: Marks = (), lit: int | None = None) -> str:
    """Return what an answer in these words cites, then what else was found; one is lit."""
    numbers = cited(words)
    used = [passage for passage in passages if int(passage["n"]) in numbers]
    rest = [passage for passage in passages if int(passage["n"]) not in numbers]
    how = f"{len(used)} of {count(len(passages), 'source')} cited."
    also = f'<h3 class="also">Also found</h3>{_listed(rest, marks, lit)}' if rest else ""
    return f'<p class="none">{how}</p>{_listed(used, marks, lit)}{also}'


def found(passages: Sequence[Passage]) -> str:
    """Return what a search just found, while the answer is still to come."""
    how = f"{count(len(passages), 'passage')} found. {BEING_READ}"
    return _framed(f'<p class="none">{how}</p>{_listed(passages, (), None)}', None)


def _framed(inner: str, position: int | None) -> str:
    of = "" if position is None else f' data-position="{position}"'
    close = tool("close", "Close evidence", "evidence-panel")
    return f'<div class="evidence"{of}><h2 class="side">Evidence{close}</h2>{inner}</div>'


def _listed(passages: Sequence[Passage], marks: Marks, lit: int | None) -> str:
    cards = "".join(_card(passage, marks, lit) for passage in passages)
    return f'<ol class="passages">{cards}</ol>' if cards else ""


def _card(passage: Passage, marks: Marks, lit: int | None) -> str:
    number = int(passage["n"])
    path, first, last = passage["path"], int(passage["first_line"]), passage["last_line"]
    return (
        f'<li class="passage{" lit" if number == lit else ""}" '
        f'data-n="{number}"><p class="place"><span class="n">{number}</span>'
        f'<span class="path">{text(path)}:{first}–{last}</span></p>{of_passage(number, marks)}'
        f"{_body(str(path), str(passage['text']), first)}</li>"
    )


def _body(path: str, words: str, first: int) -> str:
    """Return documentation as text and everything else as numbered lines."""
    if path.endswith(".md"):
        shown = render(words, links=False, first=max(1, first))
        return f'<div class="said md" tabindex="0">{shown}</div>'
    rows = code.rows(textwrap.dedent(words).rstrip(), "python" if path.endswith(".py") else "")
    lines = "".join(
        f'<span class="row" data-first="{n}" data-last="{n}" data-n="{n}">{row}\n</span>'
        for n, row in enumerate(rows, first)
    )
    width = len(str(first + len(rows) - 1))
    return f'<pre class="rows" tabindex="0" style="--digits:{width}"><code>{lines}</code></pre>'
