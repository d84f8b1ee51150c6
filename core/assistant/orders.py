"""Text that tries to give orders: hidden signs, our own format words, and known turns of phrase.

It knows how such text looks, in plain, in other languages and encoded. It deliberately does not
decide what may be done: what it misses must still be harmless, which is the guard's part.
"""

import base64
import binascii
import codecs
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

LEFT_OUT = "[a line that reads like an order was left out]"
COLON = "\N{MODIFIER LETTER COLON}"
TOOLS = "retrieve|calculator|wikipedia|read_file|find_symbol"
# Characters that shape emoji and letters; in code and its prose they only hide things.
_SHAPING = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u115f\u1160\u3164\uffa0]")
_KEPT = "\n\t"
_FORMAT = re.compile(
    r"\b(Thought|Action|Action Input|Observation|Final(?: Answer)?)(\**\s*):", re.IGNORECASE
)
_MARKERS = re.compile(
    r"<\|([^|<>\n]{1,40})\|>|<(/?(?:start|end)_of_turn)>|\[(/?INST)\]|<(</?SYS>)>"
)
_FENCE = re.compile(r"</?(data)\b", re.IGNORECASE)
_COMMENT = re.compile(r"^[\s>*#/;%!|\-\"'`]+|[\s*\"'`]+$")
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{20,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){12,}")
_SECRETS = (
    r"(system prompt|your (instructions|prompt|rules)|secrets?|canary|api[ _-]?keys?|passwords?"
    r"|credentials?|hidden (text|prompt)|conversation|access token|reference number)"
)
_INSTRUCTIONS = r"(instructions?|prompts?|rules?|context|guidelines?|directions?|messages?|orders?)"
_ORDERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(ignore|disregard|forget|override|bypass|discard)\b.{0,40}"
        r"\b(previous|prior|above|earlier|all|any|your|these|those|system|other)\b.{0,30}"
        rf"\b{_INSTRUCTIONS}\b",
        r"\byou are (now|no longer)\b|\b(developer|dan|god|debug) mode\b",
        r"\b(note|message|attention|instructions?|hint|reminder)s? (to|for) (the |all |any |an )?"
        r"(ai|llm|language model|assistant|agent|chatbot|model)s?\b",
        r"\b(ai|llm|language model|assistant|agent|chatbot)s?\b.{0,40}\b(must|should|shall|has to|"
        r"have to|is required to|are required to|will now|needs? to)\b",
        rf"\b(call|invoke|use|run|execute|query|ask|search|try)[\s:](.{{0,30}}\W)?({TOOLS})\b"
        r"(?! (the|a|an|its|this|all|them|from)\b)",
        rf"\b({TOOLS})\s*\(\s*[\w=]*\s*[\"'“‘`{{\d]",
        rf"\baction\s*[:{COLON}]\s*[\"`{{]*\s*({TOOLS})\b",
        rf"\b(tool|function)[ _-]?(call|name|use)?s?\b.{{0,12}}\b({TOOLS})\b",
        rf"\"?name\"?\s*:\s*\"({TOOLS})\"",
        r"^\W*(observation|thought|system|assistant)\s*[:：]\s*\S+(\s\S+){3}",
        r"\b(reveal|print|repeat|output|show|send|leak|include|append|write|disclose|post|share|"
        r"tell|copy|attach|put|give|state|mention|paste)\b.{0,60}\b" + _SECRETS,
        r"\b(respond|reply|answer)\b (only |exactly )?(with|by)\b",
        r"\b(new|updated|real|actual|hidden|secret|final) (instructions?|task|orders?)\b",
        r"\bsystem (override|message|notice|update|instruction)\b",
        r"\b(before|instead of|rather than|prior to) (you )?answer(ing)?\b|\byour (next )?answer\b",
        r"\bdo not (tell|inform|mention|reveal|warn)\b.{0,30}\b(user|human|person|anyone)\b",
        r"\bthe user (wants|asked|has asked|requests?|authori[sz]ed|also|really|needs)\b",
        r"\b(ignoriere?|vergiss|missachte)\b.{0,40}\b(anweisung|vorherig|bisherig|regel)",
        r"\b(nenne|verrate|gib|rufe?)\b.{0,50}\b(geheim|kennwort|werkzeug|auf\b|preis\b)",
        r"\b(ignore[zr]?|oublie[zr]?)\b.{0,40}\b(instructions|consignes|précédent)",
        r"\b(appelle[zr]?|révèle[zr]?|affiche[zr]?)\b.{0,50}\b(outil|secret|mot de passe|clé)",
        r"\b(ignora|olvida|revela|muestra|llama)\b.{0,50}\b(instruccion|anterior|secret|herramient)",
        r"(忽略|无视|無視|忘记).{0,16}(指令|指示|说明|提示|規則)|(调用|呼び出).{0,16}(工具|ツール)"
        r"|(输出|泄露|显示|出力).{0,12}(密钥|密码|秘密|機密)",
        r"(игнорируй|забудь|проигнорируй).{0,40}(инструкц|указан|правил)"
        r"|(покажи|выведи|раскрой).{0,40}(секрет|парол|ключ)",
    )
)


def plain(text: str) -> str:
    """Return the text without characters that are not seen: joiners, marks of direction, tags."""
    text = _SHAPING.sub("", text)
    return "".join(
        sign
        for sign in text
        if sign in _KEPT or (unicodedata.category(sign) not in ("Cf", "Cc", "Co", "Cn", "Cs"))
    )


def neutral(text: str) -> str:
    """Return text that can be read but is no part of our format, of a chat template or a fence."""
    text = _FORMAT.sub(lambda found: f"{found[1]}{found[2]}{COLON}", plain(text))
    text = _MARKERS.sub(lambda found: f"‹{next(filter(None, found.groups()))}›", text)
    return _FENCE.sub(lambda found: found[0].replace("<", "‹"), text)


@lru_cache(maxsize=1024)
def orders(text: str) -> frozenset[int]:
    """Return the indexes of the lines that read like orders to a model, encoded ones included."""
    flat, starts = _flat(text)
    spans = [found.span() for each in _versions(flat) for found in _found(each)]
    spans += [span for span, said in encoded(flat) if any(_found(said))]
    return frozenset(
        line
        for begin, end in spans
        for line in range(bisect_right(starts, begin) - 1, bisect_right(starts, end - 1))
    ) | _smuggled(text)


def withheld(text: str) -> tuple[str, int]:
    """Return the text with the lines that read like orders left out, and how many they are."""
    found = orders(text)
    rows = text.splitlines()
    if not found:
        return text, 0
    kept: list[str] = []
    for index, row in enumerate(rows):
        if index not in found:
            kept.append(row)
        elif not kept or kept[-1] != LEFT_OUT:
            kept.append(LEFT_OUT)
    return "\n".join(kept), len(found)


def encoded(text: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield what is written in base64 or in hexadecimal digits and is text."""
    for found in _BLOB.finditer(text):
        padded = found[0].rstrip("=") + "=" * (-len(found[0].rstrip("=")) % 4)
        try:
            yield from _text(found.span(), base64.b64decode(padded, altchars=b"-_"))
            yield from _text(found.span(), base64.b64decode(padded))
        except (binascii.Error, ValueError):
            continue
    for found in _HEX.finditer(text):
        digits = re.sub(r"[^0-9a-fA-F]", "", found[0])
        yield from _text(found.span(), bytes.fromhex(digits[: len(digits) // 2 * 2]))


def smuggled(text: str) -> str:
    """Return what is written in characters that are not seen (tags stand for plain letters)."""
    return "".join(chr(ord(c) - 0xE0000) for c in text if 0xE0020 <= ord(c) < 0xE007F)


def _text(span: tuple[int, int], data: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    said = data.decode("utf-8", "ignore")
    if len(said) > 8 and sum(c.isprintable() for c in said) > 0.9 * len(said):
        yield span, said


def _flat(text: str) -> tuple[str, list[int]]:
    """Return the lines as running text without comment signs, and where each of them starts."""
    rows = [
        _COMMENT.sub("", unicodedata.normalize("NFKC", plain(row))) for row in text.splitlines()
    ]
    starts, place = [], 0
    for row in rows:
        starts.append(place)
        place += len(row) + 1
    return "\n".join(rows), starts or [0]


def _versions(flat: str) -> Iterator[str]:
    """Yield the text, once with its lines apart and once as one, and turned by thirteen letters."""
    yield flat
    running = flat.replace("\n", " ")
    yield running
    yield codecs.encode(running, "rot13")


def _found(text: str) -> Iterator[re.Match[str]]:
    for order in _ORDERS:
        yield from order.finditer(text)


def _smuggled(text: str) -> frozenset[int]:
    rows = text.splitlines()
    return frozenset(index for index, row in enumerate(rows) if len(smuggled(row)) > 4)
