"""Model output as HTML that cannot do anything: no markup passes, no image, no script, no style.

It knows Markdown, code colours and citations. Raw HTML in the text stays text, links go to
http and https addresses only, images become their description, and mathematics stays as typed.
"""

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from pages._html import icon, text

_CITATION = re.compile(r"\[(\d{1,2})\]")
_LINK = re.compile(r"^https?://", re.IGNORECASE)
_LANGUAGE = re.compile(r"[^\w+#.-]")
_FORMATTER = HtmlFormatter(nowrap=True)
HEADING_SHIFT = 3


def render(source: str, citations: int = 0, links: bool = True) -> str:
    """Return safe HTML; `citations` is how many [n] marks may be links to evidence."""
    return _parser().render(source, {"citations": citations, "links": links})


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
    known, links = int(state.env.get("citations", 0)), bool(state.env.get("links", True))
    for token in state.tokens:
        if token.type in ("fence", "code_block"):
            _put(token, "html_block", _figure(token))
        elif token.type == "table_open":
            # A wide table scrolls in its own box, which a keyboard must reach.
            token.attrSet("tabindex", "0")
        elif token.type in ("heading_open", "heading_close"):
            # Below the page's own headings, so that the outline of the page stays true.
            token.tag = f"h{min(6, int(token.tag[1]) + HEADING_SHIFT)}"
        elif token.type == "inline" and token.children:
            token.children = [
                part for child in token.children for part in _inline(child, known, links)
            ]


def _inline(token: Token, known: int, links: bool) -> list[Token]:
    if token.type == "text":
        return _split(token, known)
    if token.type == "image":
        words = f'<span class="no-image">[image: {text(token.content)}]</span>'
        return [_put(token, "html_inline", words)]
    if token.type in ("link_open", "link_close") and not links:
        return [_put(token, "html_inline", "")]
    if token.type == "link_open":
        token.attrs = {
            "href": token.attrGet("href") or "",
            "target": "_blank",
            "rel": "noopener noreferrer nofollow",
        }
    return [token]


def _split(token: Token, known: int) -> list[Token]:
    """Cut a text token at the citation marks that have evidence."""
    parts: list[Token] = []
    for index, piece in enumerate(_CITATION.split(token.content)):
        if index % 2 == 0:
            parts.append(Token("text", "", 0, content=piece))
        elif 1 <= int(piece) <= known:
            parts.append(Token("html_inline", "", 0, content=_citation(int(piece))))
        else:
            parts.append(Token("text", "", 0, content=f"[{piece}]"))
    return parts


def _citation(number: int) -> str:
    return (
        f'<button type="button" class="cite" data-act="cite" data-n="{number}" '
        f'aria-label="Show evidence {number}">{number}</button>'
    )


def _figure(token: Token) -> str:
    language = _LANGUAGE.sub("", token.info.strip().split(" ")[0])[:30]
    return (
        f'<figure class="code"><figcaption><span>{text(language or "text")}</span>'
        '<button type="button" class="tool" data-act="copy-code" title="Copy code" '
        f'aria-label="Copy code">{icon("copy")}</button></figcaption>'
        f'<pre tabindex="0"><code>{code(token.content, language)}</code></pre></figure>'
    )


def _put(token: Token, kind: str, html: str) -> Token:
    token.type, token.content, token.tag = kind, html, ""
    return token
