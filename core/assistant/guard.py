"""What retrieved text may lead to: nothing but an answer.

A call is granted for what the question says and for names in the code that the question is about.
Words that stand only in prose that was retrieved lead nowhere, whether or not they look like an
order. It does not know how a model is asked, and it cannot tell what is true.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.assistant.condense import CODE
from core.assistant.orders import encoded, neutral, orders, plain, smuggled, withheld
from core.documents import Chunk, Evidence
from core.retrieval.lexical import tokens

MOST_OWN = 12
LONGEST_OWN = 24
HIDDEN = "[left out]"
_STRINGS = re.compile(
    r'"""(?:.|\n)*?(?:"""|\Z)|\'\'\'(?:.|\n)*?(?:\'\'\'|\Z)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    r"|`(?:\\.|[^`\\])*`|/\*(?:.|\n)*?(?:\*/|\Z)|(?:#|//).*"
)
_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_QUANTITY = re.compile(
    r"\d|\bhow (many|much|often|large|big|long)\b|\b(sum|total|product|difference|average|mean|"
    r"percent|percentage|share|ratio|times|plus|minus|add|subtract|multipl\w+|divid\w+|calculat\w+|"
    r"comput\w+|double|half|twice|remain\w*|left over|number of|count)\b",
    re.IGNORECASE,
)
_LINK = re.compile(r"(!?)\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?[^)\n]*\)")
_URL = re.compile(r"(?:https?|ftp)://[^\s<>)\]\"'`]+|\bwww\.[^\s<>)\]\"'`]+", re.IGNORECASE)
_WORD = re.compile(r"[\w-]{8,}")
_CREDENTIAL = re.compile(
    r"(api[_-]?key|secret|token|passwor[dt]|passwd|credential|private[_-]?key|canary)\w*[\"']?\s*"
    r"[:=]\s*[\"']?([\w+/=.-]{6,})",
    re.IGNORECASE,
)
# Words in which anything about code is asked; they carry nothing out.
_GENERIC = frozenset(
    tokens(
        "value default class function method parameter argument attribute variable type return "
        "code file module package definition defined define source example usage use used "
        "documentation docs docstring implementation implement python library signature name "
        "constructor init import base parent inherit inherits subclass override call calls called "
        "test purpose meaning mean work works does list find search show line lines path config "
        "configuration setting option options set get make create number size length error raise"
    )
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Text as a model is shown it, and how many of its lines read like orders."""

    text: str
    orders: int = 0


class Guard:
    """Judges calls and answers of one question by what has been read for it."""

    def __init__(
        self,
        question: str,
        granted: Sequence[str] = (),
        evidence: Iterable[Evidence] = (),
        read: Iterable[str] = (),
        private: str = "",
    ) -> None:
        """`granted` are earlier calls' words, `read` other text that came back, `private` what
        only the model may know."""
        self._question = question
        self._granted = granted
        self._evidence = tuple(evidence)
        self._read = tuple(read)
        self._private = private

    def shown(self, text: str) -> Shown:
        """Return text for the model: what is not seen is gone, what reads like an order too."""
        kept, count = withheld(text)
        return Shown(neutral(kept), count)

    def plainly(self, text: str) -> str:
        """Return text that is no part of our format, of a chat template or of a fence."""
        return neutral(text)

    def refusal(self, tool: str, given: Mapping[str, Any]) -> str:
        """Say why the question does not call for this; blank where it does."""
        said = plain(" ".join(str(value) for value in given.values()))
        if tool == "calculator":
            return self._sum(said)
        if tool == "read_file":
            return self._file(plain(str(given.get("path", ""))))
        stray = self._stray(said, outside=tool == "wikipedia")
        if stray:
            return f"the question does not ask about {', '.join(stray)}."
        return ""

    def answer(self, text: str) -> str:
        """Return an answer without links that carry anything out and without what is private."""
        text = _LINK.sub(self._link, plain(text))
        text = _URL.sub(lambda url: url[0] if self._is_known(url[0]) else HIDDEN, text)
        for word in sorted(self._protected, key=len, reverse=True):
            text = text.replace(word, HIDDEN)
        return text

    def _sum(self, said: str) -> str:
        if not _QUANTITY.search(self._question):
            return "the question asks for no calculation."
        allowed = {*_NUMBER.findall(self._question), *self._numbers}
        read = set(_NUMBER.findall(self._prose))
        stray = [n for n in _NUMBER.findall(said) if n in read and n not in allowed]
        return f"the question does not give {', '.join(stray[:3])}." if stray else ""

    def _file(self, path: str) -> str:
        name = path.rpartition("/")[2]
        if name and name in self._question:
            return ""
        if any(_is_path(path, each.chunk) for each in self._evidence if self._is_about(each.chunk)):
            return ""
        return f"the question is not about {path[:80]!r}."

    def _stray(self, said: str, outside: bool) -> list[str]:
        """Return the words of a call that nobody but retrieved text asked for."""
        allowed = self._plainly if outside else {*self._asked, *self._structure}
        words, read = tokens(said), self._words_read
        stray = [word for word in words if self._is_stray(word, allowed, read, outside)]
        anchors = {*self._asked, *(allowed - _GENERIC)}
        if not stray and words and anchors.isdisjoint(words):
            own = [word for word in words if word not in _GENERIC]
            stray = [] if own and not read else words
        if not stray and len([w for w in words if w not in allowed]) > MOST_OWN:
            stray = words
        return list(dict.fromkeys(stray))[:3]

    def _is_stray(self, word: str, allowed: set[str], read: frozenset[str], outside: bool) -> bool:
        if word in allowed or (word in _GENERIC and not outside):
            return False
        if outside:
            # Names in the question's code are nobody else's matter, and what was read even less.
            return bool(read) or word in self._asked
        if word in read:
            return True
        # A word of the model's own is plain; anything else may be something in disguise.
        plain_word = word.isalpha() and len(word) <= LONGEST_OWN
        return bool(read) and not plain_word

    def _link(self, found: re.Match[str]) -> str:
        image, label, url = found[1], found[2], found[3]
        return label if image or not self._is_known(url) else found[0]

    def _is_known(self, url: str) -> bool:
        """Say whether an address was asked about, or stands in the evidence and carries nothing."""
        bare = url.rstrip(".,;:!?")
        if bare in self._question:
            return True
        carries = "?" in bare or "#" in bare or "@" in bare
        if carries or any(word in bare for word in self._protected):
            return False
        return any(
            bare in each.chunk.text and not orders(each.chunk.text) for each in self._evidence
        )

    def _is_about(self, chunk: Chunk) -> bool:
        """Say whether the question, or a call that was granted, names what a chunk holds."""
        names = {chunk.symbol, chunk.symbol.rpartition(".")[2], chunk.path}
        names |= {chunk.path.rpartition("/")[2], chunk.symbol.partition(".")[0]}
        asked = " ".join((self._question, *self._granted))
        return not names.isdisjoint({word.strip("`?.,:;()[]{}\"'") for word in asked.split()})

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(tokens(self._question))

    @cached_property
    def _plainly(self) -> set[str]:
        """The words of the question as they stand there: parts of names in code are not asked."""
        words = (word.strip("`?.,:;()[]{}\"'") for word in self._question.split())
        return {part for word in words if not CODE.search(word) for part in tokens(word)}

    @cached_property
    def _about(self) -> tuple[Chunk, ...]:
        return tuple(each.chunk for each in self._evidence if self._is_about(each.chunk))

    @cached_property
    def _structure(self) -> set[str]:
        """The names in the code that the question is about: not its comments, not its strings."""
        names = [name for chunk in self._about for name in (chunk.symbol, *chunk.names)]
        names += [name for chunk in self._about for name in _NAME.findall(_code(chunk))]
        wanted = {word for name in names for word in tokens(name)}
        return wanted - {word for secret in self._protected for word in tokens(secret)}

    @cached_property
    def _numbers(self) -> set[str]:
        return {n for chunk in self._about for n in _NUMBER.findall(_code(chunk))} | {
            n for text in self._read for n in _NUMBER.findall(text)
        }

    @cached_property
    def _prose(self) -> str:
        texts = [each.chunk.text for each in self._evidence]
        hidden = [smuggled(text) for text in texts]
        inside = [said for text in texts for _, said in encoded(plain(text))]
        return "\n".join((*map(plain, texts), *hidden, *inside))

    @cached_property
    def _words_read(self) -> frozenset[str]:
        return frozenset(tokens(self._prose))

    @cached_property
    def _protected(self) -> frozenset[str]:
        """What no answer repeats: credentials, and odd words that only orders or prompts hold."""
        texts = [plain(each.chunk.text) for each in self._evidence]
        found = {
            match[2] for text in (*texts, self._private) for match in _CREDENTIAL.finditer(text)
        }
        rows = [(text.splitlines(), orders(text)) for text in texts]
        lines = [line[index] for line, flagged in rows for index in flagged if index < len(line)]
        lines += [said for line in lines for _, said in encoded(line)]
        for line in (*lines, *self._private.splitlines()):
            found |= {word for word in _WORD.findall(line) if _is_odd(word)}
        return frozenset(word for word in found if word not in self._question)


def _code(chunk: Chunk) -> str:
    """Return a chunk's code without comments and strings; prose has none."""
    return "" if chunk.kind in ("section", "text") else _STRINGS.sub(" ", chunk.text)


def _is_path(path: str, chunk: Chunk) -> bool:
    return bool(path) and (chunk.path == path or chunk.path.endswith(f"/{path}"))


def _is_odd(word: str) -> bool:
    """Say whether a word looks made to be unique: letters and several digits, or capitals."""
    digits = sum(sign.isdigit() for sign in word)
    letters = sum(sign.isalpha() for sign in word)
    return digits >= 2 and letters >= 2
