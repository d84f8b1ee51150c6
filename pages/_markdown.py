"""Model output as HTML that cannot do anything: no markup passes, no image, no script, no style.

It knows Markdown, code colours and citations. Raw HTML in the text stays text, links go to
http and https addresses only, images become their description, and mathematics stays as typed.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
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


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.validateLink = lambda url: bool(_LINK.match(url.strip()))
    parser.core.ruler.push("citations", _cite)
    for name, rule in RULES.items():
        parser.add_render_rule(name, rule)
    return parser


def _cite(state: StateCore) -> None:
    known = int(state.env.get("citations", 0))
    for token in state.tokens:
        if known and token.type == "inline" and token.children:
            token.children = [part for child in token.children for part in _split(child, known)]


def _split(token: Token, known: int) -> list[Token]:
    """Cut a text token at its citation marks."""
    if token.type != "text" or not _CITATION.search(token.content):
        return [token]
    parts: list[Token] = []
    for index, piece in enumerate(_CITATION.split(token.content)):
        if index % 2 == 0:
            parts.append(Token("text", "", 0, content=piece))
        elif 1 <= int(piece) <= known:
            parts.append(Token("citation", "", 0, content=piece))
        else:
            parts.append(Token("text", "", 0, content=f"[{piece}]"))
    return parts


def _citation(self: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    number = tokens[index].content
    return (
        f'<button type="button" class="cite" data-act="cite" data-n="{number}" '
        f'aria-label="Show evidence {number}">{number}</button>'
    )


def _fence(self: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    token = tokens[index]
    language = _LANGUAGE.sub("", token.info.strip().split(" ")[0])[:30]
    return (
        f'<figure class="code"><figcaption><span>{text(language or "text")}</span>'
        '<button type="button" class="tool" data-act="copy-code" title="Copy code" '
        f'aria-label="Copy code">{icon("copy")}</button></figcaption>'
        f'<pre tabindex="0"><code>{code(token.content, language)}</code></pre></figure>'
    )


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return f'<span class="no-image">[image: {text(tokens[index].content)}]</span>'


def _link_open(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    if not env.get("links", True):
        return "<span>"
    target = text(tokens[index].attrGet("href") or "")
    return f'<a href="{target}" target="_blank" rel="noopener noreferrer nofollow">'


def _link_close(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any
) -> str:
    return "</a>" if env.get("links", True) else "</span>"


def _heading(self: RendererHTML, tokens: Sequence[Token], index: int, *_: Any) -> str:
    """Lower a heading below the page's own, so that the outline of the page stays true."""
    token = tokens[index]
    level = min(6, int(token.tag[1]) + HEADING_SHIFT)
    return f"</h{level}>" if token.nesting < 0 else f"<h{level}>"


RULES = {
    "citation": _citation,
    "fence": _fence,
    "code_block": _fence,
    "image": _image,
    "link_open": _link_open,
    "link_close": _link_close,
    "heading_open": _heading,
    "heading_close": _heading,
}
