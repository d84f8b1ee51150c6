"""An answer in sentences, each with its place: prose, list items, headings, fenced code.

It knows Markdown as models write it, code spans and citations such as [1]. It does not judge what
a sentence says.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)", re.S | re.M)
_SPAN = re.compile(r"`+[^`\n]+`+")
_BREAK = re.compile(
    r"[.!?]+[\"'”)*_]*(?:\s*\[\d+\])*\s+(?=[\"'“(*_\[]*[A-Z0-9`])"  # the end of one sentence
    r"|\n\s*\n\s*|\n(?=\s*(?:[-*+•]|\d+[.)]|#{1,6}|>|\|)[ \t])"  # a paragraph, an item, a row
)
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|fig|Dr|Mr|Ms)\.|(?:^|\n)\s*\d+\.)\s*$", re.I
)
_LEAD = re.compile(r"(?:\s|[-*+•](?=\s)|\d+[.)](?=\s)|#{1,6}(?=\s)|>|\|)*")
_CITES = re.compile(r"(?:\s*\[\d+\])+\s*")
_CITE = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the characters of the answer that it takes; `code` is a fenced block."""

    text: str
    start: int
    end: int
    code: bool = False

    @property
    def cited(self) -> tuple[int, ...]:
        """Return the numbers that the sentence cites, in order."""
        return tuple(dict.fromkeys(int(n) for n in _CITE.findall(self.text)))

    @property
    def words(self) -> str:
        """Return the sentence without citations, and code without its fence."""
        fence = _FENCE.match(self.text) if self.code else None
        if fence is None:
            return _CITE.sub("", self.text).strip()
        return "\n".join(fence[0].splitlines()[1:]).rstrip().removesuffix(fence[1]).strip()


def sentences(answer: str) -> list[Sentence]:
    """Return the sentences of an answer in order; citations belong to what they follow."""
    found: list[Sentence] = []
    for each in _pieces(answer):
        if found and _CITES.fullmatch(each.text):
            before = found[-1]
            found[-1] = replace(before, text=answer[before.start : each.end], end=each.end)
        else:
            found.append(each)
    return found


def _pieces(answer: str) -> Iterator[Sentence]:
    place = 0
    for fence in _FENCE.finditer(answer):
        yield from _prose(answer, place, fence.start())
        yield Sentence(
            fence[0].rstrip(), fence.start(), fence.start() + len(fence[0].rstrip()), True
        )
        place = fence.end()
    yield from _prose(answer, place, len(answer))


def _prose(answer: str, first: int, last: int) -> Iterator[Sentence]:
    """Yield the sentences between two places; a code span is never broken."""
    text = answer[first:last]
    masked = _SPAN.sub(lambda span: "`" + "x" * (len(span[0]) - 1), text)
    begin = 0
    for found in _BREAK.finditer(masked):
        if _SHORT.search(masked[begin : found.end()]) and "\n\n" not in found[0]:
            continue
        yield from _trimmed(text, first, begin, found.end())
        begin = found.end()
    yield from _trimmed(text, first, begin, len(text))


def _trimmed(text: str, offset: int, begin: int, end: int) -> Iterator[Sentence]:
    """Yield what is between two places without its list mark and the space around it."""
    lead = _LEAD.match(text, begin, end)
    start = lead.end() if lead else begin
    kept = text[start:end].rstrip(" \t\n|")
    if kept.strip("-|: \n"):
        yield Sentence(kept, offset + start, offset + start + len(kept))
