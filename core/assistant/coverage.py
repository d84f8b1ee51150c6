"""Whether the passages hold what a question asks about by name, and what an answer says of it.

It knows how questions write names from code, and compares them letter by letter. It cannot tell
whether an answer is true, nor anything about a question that names nothing.
"""

import builtins
import keyword
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.assistant.sentences import sentences
from core.documents import Evidence, header

MOST = 3  # a question with more names than this may name some in passing
READ = 4_000
_NAME = r"[A-Za-z_][\w.]*"
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_TICKED = re.compile(rf"`({_NAME})(?:\(\))?`")
_WRITTEN = re.compile(rf"(?<![\w/.@$-])({_NAME})(\((?!e?s\)))?")
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z][a-z]+[A-Z]|[A-Z]{2,}[a-z]{2}")
_SPAN = re.compile(r"`\**([A-Za-z_][\w.]*)([^`\n]*)`")
_SET = re.compile(r"\s*[:=](?!=)")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_COMMON = frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"self", "cls"}
_MAKES = re.compile(
    r"^\W*(?:please |can you |could you |now )*(?:write|create|add|implement|generate|rename|make|"
    r"refactor|draft|change|fix|rewrite|convert)\b",
    re.IGNORECASE,
)
# "There is no parameter `x`" is told of what is not there; "no default for `x`" is not.
_LACKS = re.compile(
    r"\b(?:no|not|never|without|neither|nor)\b[^.`]{0,60}\b(?:parameters?|arguments?|options?|such|"
    r"named|called)\b"
    r"|(?:\bnot|n't) (?:exist|occur|appear|mention|contain|define|take|accept|have an?y?\b(?! def))"
    r"|\bnot (?:mentioned|contained|defined|shown|found|there)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Gap:
    """The names that no passage holds.

    `is_sure` is false where they are only written like names of code (GitHub, Node.js) and the
    answer says nothing of them.
    """

    names: tuple[str, ...]
    is_sure: bool

    @property
    def told(self) -> str:
        """Return the names as they stand in a sentence."""
        *rest, last = (f"`{name}`" for name in self.names)
        return f"{', '.join(rest)} or {last}" if rest else last


class Passage:
    """A text in which names are looked for, as whole words, whatever their case and number."""

    def __init__(self, text: str, symbol: str = "") -> None:
        self.text, self.symbol = text, symbol
        self._words = {word.lower().removesuffix("s") for word in _WORD.findall(text)}

    def has(self, word: str) -> bool:
        """Say whether a word stands here."""
        return word.lower().removesuffix("s") in self._words

    def sets(self, name: str) -> bool:
        """Say whether it is told what a name is set to, as code, data or prose does."""
        told = rf"(?<!\w){re.escape(name)}[\"'`*)]*\s*(?:[:=](?!=)|[^\n]{{0,60}}\bdefault)"
        return re.search(told, self.text, re.IGNORECASE) is not None


def gap(
    question: str, answer: str, evidence: Sequence[Evidence], also: Sequence[str] = ()
) -> Gap | None:
    """Return which names the question asks about and no passage holds; None where all are held.

    `also` is what else the answer may stand on. A name is asked about where it is written like
    code, or where the answer takes it from the question and says something of it.
    """
    if _MAKES.match(question):
        return None
    shown, others = [_passage(each) for each in evidence], [Passage(text) for text in also]
    said = tuple(dict.fromkeys(_said(question, answer, shown, others)))
    if said:
        return Gap(said, True)
    asked, every = names(question), [*shown, *others]
    lost = {name: sure for name, sure in asked.items() if not _held(name, every)}
    if not lost or (len(asked) > MOST and len(lost) < len(asked)):
        return None
    sure = tuple(name for name, is_sure in lost.items() if is_sure)
    return Gap(sure or tuple(lost), bool(sure))


def strayed(
    question: str, answer: str, evidence: Sequence[Evidence], is_ours: Callable[[str], bool]
) -> Gap | None:
    """Return the names a question surely asks about that small talk was the answer to.

    Names that the answer says, or that are our own, such as those of settings, may be talked of.
    """
    every = [*map(_passage, evidence), Passage(answer)]
    lost = [name for name, is_sure in names(question).items() if is_sure]
    lost = [name for name in lost if not _held(name, every) and not is_ours(name)]
    return Gap(tuple(lost), True) if lost and not _MAKES.match(question) else None


def names(question: str) -> dict[str, bool]:
    """Return the names of code in a question, each with whether it can be nothing else."""
    text = _FENCED.sub(" ", question[:READ])
    found = dict.fromkeys(_TICKED.findall(text), True)
    for name, called in _WRITTEN.findall(_TICKED.sub(" ", text)):
        bare = name.strip(".")
        dotted = "." in bare and all(len(part) > 1 for part in bare.split("."))
        if called or "_" in bare.strip("_"):
            found.setdefault(bare, True)
        elif dotted or _CAMEL.search(bare):
            found.setdefault(bare, False)
    return {name: sure for name, sure in found.items() if name not in _COMMON and len(name) > 1}


def _said(
    question: str, answer: str, shown: Sequence[Passage], others: Sequence[Passage]
) -> Iterator[str]:
    """Yield the names an answer takes from the question for something no passage holds.

    A sentence stands on what it cites, but where that is a stretch of a file on all of them, since
    stretches overlap. A definition that is shown is held wherever it is cited from, and what is
    told to be set has to be set somewhere.
    """
    asked = {word.strip(".") for word in re.findall(_NAME, question[:READ])}
    defined = [Passage(each.symbol, each.symbol) for each in shown if each.symbol]
    for sentence in sentences(answer):
        if sentence.code or _LACKS.search(sentence.words):
            continue
        cited = [shown[n - 1] for n in sentence.cited if 0 < n <= len(shown)]
        is_whole = cited and all(each.symbol for each in cited)
        on = [*(cited if is_whole else shown), *others]
        for name, rest in dict.fromkeys(_SPAN.findall(sentence.text)):
            if name not in asked or keyword.iskeyword(name):
                continue
            is_set = not _SET.match(rest) or any(each.sets(name) for each in on)
            if not (is_set and _held(name, [*on, *defined])):
                yield name


def _held(name: str, passages: Sequence[Passage]) -> bool:
    """Say whether a passage holds a name, with the class that it is said to belong to.

    A passage that is no definition but a stretch of a file need not hold the class.
    """
    wanted, last = _parts(name), name.rpartition(".")[2]
    return any(
        all(map(each.has, wanted)) or (not each.symbol and each.has(last)) for each in passages
    )


def _parts(name: str) -> list[str]:
    """Return what has to be there of a dotted name: modules and instances go by any name."""
    parts = name.split(".")
    if len(parts) > 1 and parts[-1] == "__init__":
        parts = parts[:-1]
    is_class = len(parts) > 1 and parts[-2].lstrip("_")[:1].isupper()
    return parts[-2:] if is_class else parts[-1:]


def _passage(evidence: Evidence) -> Passage:
    """Return a passage with its opening line, its names in full, and what encloses it."""
    chunk = evidence.chunk
    rows = [header(chunk, 1), " ".join(chunk.names), chunk.context, chunk.text]
    return Passage("\n".join(rows), chunk.symbol)
