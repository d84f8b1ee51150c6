"""The line that says what a chat weighs: figures where there are some, reasons where not."""

import re
from types import MappingProxyType

from core.memory.kept import Memory, Tiers
from core.telemetry.pages import Told
from pages._weights import line

NOTHING = Told(0.0, reason="no page")
FULL = {"tokens": 812, "context_length": 8192}


def shown(html: str) -> list[str]:
    """Return what is read in each part, tips left out."""
    html = re.sub(r"<button.*?</button>", "", html)
    return [
        re.sub(r"<[^>]+>", "", part).replace("\u2009", " ").replace("\u00a0", " ").strip()
        for part in re.findall(r"<li>(.*?)</li>", html)
    ]


def kept(keeper: str, **tiers: int) -> Memory:
    return Memory(keeper, Tiers(**tiers), MappingProxyType({}), 0.0)


def test_what_is_kept_is_told_place_by_place():
    flash = kept("flash", ram=4_370_000, flash=8_700_000)
    assert shown(line(4, FULL, flash, NOTHING)) == [
        "4 messages",
        "812 of 8,192 tokens of context",
        "4.37 MB in memory",
        "8.7 MB on flash measured",
    ]
    card = kept("memory", vram=2_000_000_000)
    assert shown(line(1, FULL, card, NOTHING))[2:] == ["2 GB on the card measured"]
    gone = kept("memory")
    assert shown(line(2, FULL, gone, NOTHING))[2:] == ["0 B in memory measured"]


def test_what_nobody_told_is_not_measured_and_says_why():
    html = line(2, {"tokens": None, "context_length": None}, "The server <keeps> it.", NOTHING)
    assert shown(html) == ["2 messages measured", "context and memory not measured"]
    assert "The server &lt;keeps&gt; it." in html
    assert "0 B" not in html
    assert shown(line(2, {"tokens": 12}, "x", NOTHING))[1] == "12 tokens of context measured"


def test_what_a_server_tells_of_all_chats_is_not_taken_for_this_one():
    told = Told(0.0, {"vLLM": {"kv_use": 0.914}})
    html = line(2, FULL, "The server keeps it.", told)
    assert shown(html)[2:] == ["the server’s cache 91.4 % full  measured", "memory not measured"]
    assert "all chats together" in html
    mine = line(2, FULL, kept("flash", ram=1), told)
    assert "server" not in mine
