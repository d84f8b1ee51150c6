"""Claims and passages are taken apart, and each sign tells one kind of disagreement."""

import pytest

from core.assistant.agreement import Passage, differs, quotes, signs
from core.assistant.claims import Claim
from core.documents import Chunk

TEXT = '''def get(
    url: str,
    retries: int = 3,
    verify: Literal["on", "off"] | None = "on",
) -> Page:
    """Fetch a page.

    The timeout increases after each try. Pages are not cached.

    wait : float, optional (default = 0.5)
    depth (int): Defaults to 10.
    """
'''
PASSAGE = Passage.of(Chunk("net.py", 40, 51, TEXT, "function", "get", ("url",)))


def test_a_claim_knows_its_names_and_values() -> None:
    claim = Claim("By default `retries=3` of get_page is three, not `True`.")
    assert claim.names == {"retries", "3", "get_page", "true"}
    assert claim.values == {"3", "true"}
    assert claim.denies
    assert not Claim("It is `not` so.").denies


def test_a_passage_knows_what_is_set_to_what() -> None:
    settings = PASSAGE.settings
    assert settings["retries"] == {"3"}
    assert settings["verify"] == {"on"}
    assert settings["wait"] == {"0.5"}
    assert settings["depth"] == {"10"}


@pytest.mark.parametrize(
    ("sign", "right", "wrong"),
    [
        ("set", "`retries` is 3 by default.", "`retries` is 10 by default."),
        ("set", "By default `verify` is `on`.", "By default `verify` is `off`."),
        ("set", "It has `retries: int = 3`.", "It has `retries: int = 4`."),
        ("denied", "Pages are not cached.", "`url: str` is not a thing."),
        ("near", "The timeout increases after each try.", "Every byte is encrypted twice."),
    ],
)
def test_a_sign_tells_right_from_wrong(sign: str, right: str, wrong: str) -> None:
    first, _ = signs(Claim(right), PASSAGE)
    second, _ = signs(Claim(wrong), PASSAGE)
    assert first[sign] > second[sign]


@pytest.mark.parametrize(
    ("same", "other"),
    [
        ("`retries` is an int.", "`attempts` is an int."),
        ("There are 3 of them.", "There are 7 of them."),
        ("There are three of them.", "There are seven of them."),
        ("`retries` is 3 by default.", "`retries` is 10 by default."),
        ("The timeout increases.", "The timeout decreases."),
        ("With `retries=7` it is slower.", "It has `retries=7`."),
    ],
)
def test_what_decides_differs(same: str, other: str) -> None:
    for text, wanted in ((same, "7" in same), (other, True)):
        claim = Claim(text)
        assert differs(claim, PASSAGE, signs(claim, PASSAGE)[1]) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The timeout increases after each try.", True),
        ("`get`: The timeout increases after each try.", True),
        ("`get` has `retries: int = 3`.", True),
        ("`get` does not have `retries: int = 3`.", False),
        ("The timeout grows after each try.", False),
        ("`get` has `depth` and `retries`.", False),
    ],
)
def test_what_stands_there_as_it_is_is_a_quote(text: str, wanted: bool) -> None:
    claim = Claim(text)
    assert quotes(claim, PASSAGE, signs(claim, PASSAGE)[1]) is wanted


def test_the_nearest_window_has_the_lines_of_the_file() -> None:
    _, at = signs(Claim("The timeout increases after each try."), PASSAGE)
    first, last = PASSAGE.lines(at)
    assert first <= 47 <= last and last - first <= 4


def test_an_empty_passage_agrees_with_nothing() -> None:
    found, at = signs(Claim("Pages are cached."), Passage("", []))
    assert found["near"] == 0 and Passage("", []).lines(at) == (0, 0)
