"""Model output as HTML that cannot do anything: no markup passes, no image, no script, no style.

It knows Markdown, code colours and citations. Raw HTML in the text stays text, links go to
http and https addresses only, images become their description, and mathematics stays as typed.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from pages._html import icon, text
from pages._marks import CLOSE, OPEN, Marks, placed, sign

_CITATION = re.compile(r"\[(\d{1,2})\]")
_SIGN = re.compile(f" ?{OPEN}(\\d+){CLOSE}")
_MARKED = re.compile(rf"\[(\d{{1,2}})\]|{OPEN}(\d+){CLOSE}")
_LINK = re.compile(r"^https?://", re.IGNORECASE)
_LANGUAGE = re.compile(r"[^\w+#.-]")
_FORMATTER = HtmlFormatter(nowrap=True)
HEADING_SHIFT = 3


@dataclass(frozen=True, slots=True)
class Told:
    """What the text stands on, for whoever draws a piece of it."""

    citations: int
    links: bool
    marks: Marks
    first: int


def render(
    source: str, citations: int = 0, links: bool = True, marks: Marks = (), first: int = 0
) -> str:
    """Return safe HTML; `citations` is how many [n] marks may be links to evidence.

    `marks` say of its sentences whether they are supported; `first` is the line of a file that
    the source begins with, where its blocks are to carry their lines.
    """
    told = {"citations": citations, "links": links, "marks": marks, "first": first}
    return _parser().render(placed(source, marks), told)


def code(source: str, language: str = "") -> str:
    """Return code with colour classes, and nothing but text and spans in it."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False) if language else None
    except ClassNotFound:
        lexer = None
    return highlight(source, lexer, _FORMATTER) if lexer else text(source)


def cited(source: str) -> set[int]:
    """Return the numbers of the evidence a text refers to."""
    return {int(number) for number in _CITATION.findall(source)}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.validateLink = lambda url: bool(_LINK.match(url.strip()))
    parser.core.ruler.push("ours", _rewrite)
    return parser


def _rewrite(state: StateCore) -> None:
    """Replace what we draw ourselves; no other token may carry HTML, since none was parsed."""
    told = Told(**state.env)
    for token in state.tokens:
        if told.first and token.map and token.nesting >= 0:
            # Lines of the file that a block shows, both ends included.
            token.attrSet("data-first", str(told.first + token.map[0]))
            token.attrSet("data-last", str(told.first + token.map[1] - 1))
        if token.type in ("fence", "code_block"):
            _put(token, "html_block", _figure(token))
        elif token.type == "table_open":
            # A wide table scrolls in its own box, which a keyboard must reach.
            token.attrSet("tabindex", "0")
        elif token.type in ("heading_open", "heading_close"):
            # Below the page's own headings, so that the outline of the page stays true.
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        elif token.type == "inline" and token.children:
            token.children = [part for child in token.children for part in _inline(child, told)]


def _inline(token: Token, told: Told) -> list[Token]:
    if token.type == "text":
        return _split(token, told)
    token.content = _SIGN.sub("", token.content)
    if token.type == "image":
        words = f'<span class="no-image">[image: {text(token.content)}]</span>'
        return [_put(token, "html_inline", words)]
    if token.type in ("link_open", "link_close") and not told.links:
        return [_put(token, "html_inline", "")]
    if token.type == "link_open":
        token.attrs = {
            "href": token.attrGet("href") or "",
            "target": "_blank",
            "rel": "noopener noreferrer nofollow",
        }
    return [token]


def _split(token: Token, told: Told) -> list[Token]:
    """Cut a text token at the citation marks that have evidence, and at the signs of support."""
    parts: list[Token] = []
    at = 0
    for found in _MARKED.finditer(token.content):
        parts.append(Token("text", "", 0, content=token.content[at : found.start()]))
        at, cite, mark = found.end(), found[1], found[2]
        if mark:
            made = sign(told.marks[int(mark)])
        else:
            made = _citation(int(cite)) if 1 <= int(cite) <= told.citations else ""
        kind, words = ("html_inline", made) if made else ("text", found[0])
        parts.append(Token(kind, "", 0, content=words))
    return [*parts, Token("text", "", 0, content=token.content[at:])]


def _citation(number: int) -> str:
    return (
        f'<button type="button" class="cite" data-act="cite" data-n="{number}" '
        f'aria-label="Show evidence {number}">{number}</button>'
    )


def _figure(token: Token) -> str:
    language = _LANGUAGE.sub("", token.info.strip().split(" ")[0])[:30]
    lines = "".join(f' {name}="{value}"' for name, value in token.attrs.items())
    source = _SIGN.sub("", token.content)
    return (
        f'<figure class="code"{lines}><figcaption><span>{text(language or "text")}</span>'
        '<button type="button" class="tool" data-act="copy-code" title="Copy code" '
        f'aria-label="Copy code">{icon("copy")}</button></figcaption>'
        f'<pre tabindex="0"><code>{code(source, language)}</code></pre></figure>'
    )


def _put(token: Token, kind: str, html: str) -> Token:
    token.type, token.content, token.tag = kind, html, ""
    return token
