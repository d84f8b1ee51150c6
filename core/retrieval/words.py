"""Words of texts and code as search tokens: identifiers whole and in parts, lightly stemmed.

It knows English endings and how identifiers and scripts without spaces are split. It counts and
ranks nothing.
"""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]{2,}s?(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
# Scripts that put no space between words: Thai, Hangul, kana, Han.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1$")
STOP = frozenset(
    "a about an and are as at be by can could did do does for from has have how i if in into is it "
    "its me my of on or our please should so than that the their them then there these they this "
    "to us was we were what when where which who why will with would you your".split()
)
_IRREGULAR = {
    "kept": "keep", "made": "make", "found": "find", "chose": "choose", "chosen": "choose",
    "wrote": "write", "written": "write", "ran": "run", "shown": "show", "built": "build",
    "sent": "send", "lost": "lose", "held": "hold", "began": "begin", "begun": "begin",
}  # fmt: skip
_SHORTEST = 3


def stem(word: str) -> str:
    """Return the word without its plural or verb ending, so that its forms meet."""
    word = _IRREGULAR.get(word, word)
    if not word.isascii() or len(word) <= _SHORTEST:
        return word
    word = _singular(word)
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= _SHORTEST and _VOWEL.search(rest):
            word = rest
            break
    if len(word) > _SHORTEST and word[-1] == "e":
        word = word[:-1]
    return _DOUBLED.sub(r"\1", word) if len(word) > _SHORTEST else word


def tokens(text: str) -> list[str]:
    """Return search tokens: whole identifiers and their parts, stemmed, without stop words."""
    return [token for word in WORD.findall(text) for token in word_tokens(word)]


@lru_cache(maxsize=200_000)
def word_tokens(word: str) -> tuple[str, ...]:
    """Return the tokens of one word; the same words come again and again."""
    if not word.isascii():
        return _foreign(word)
    whole = word.strip("_").lower()
    parts = [part.lower() for part in _PART.findall(word)]
    names = [whole, *parts] if len(parts) > 1 else [whole]
    return tuple(stem(name) for name in names if name and name not in STOP)


def _singular(word: str) -> str:
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _foreign(word: str) -> tuple[str, ...]:
    """Return a word without accents, or every two neighbours of a script without spaces."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    found: list[str] = []
    for run in _UNSPACED.findall(plain):
        found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
    for rest in _UNSPACED.split(plain):
        bare = "".join(
            c for c in unicodedata.normalize("NFD", rest) if not unicodedata.combining(c)
        )
        if bare.strip("_"):
            found.append(stem(bare.strip("_")))
    return tuple(found)
