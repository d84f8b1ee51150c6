"""Every colour is a token, and every pair of them can be read."""

import re

import pytest

from core.present import tokens
from tests import source

STYLES = sorted((source.ROOT / "assets/css").glob("*.css"))
CASES = [(key, *pair) for key in tokens.colours() for pair in tokens.PAIRS]


def test_both_palettes_have_the_same_tokens_in_both_schemes():
    assert list(tokens.colours()) == [(p, s) for p in tokens.PALETTES for s in tokens.SCHEMES]
    assert len({tuple(named) for named in tokens.colours().values()}) == 1


def test_contrast_is_the_one_of_wcag():
    assert tokens.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert tokens.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("key", "front", "back", "least"), CASES)
def test_every_pair_reaches_its_contrast(key, front, back, least):
    named = tokens.colours()[key]
    assert tokens.contrast(named[front], named[back]) >= least


def test_the_mark_of_pascari_is_never_the_colour_of_text_on_its_light_paper():
    sheets = "".join(path.read_text(encoding="utf-8") for path in STYLES)
    assert re.findall(r"[^{}]*\{[^}]*(?<![-\w])color:\s*var\(--mark\)[^}]*\}", sheets) == [
        "\n.api-head .bob { color: var(--mark); }",
        "\n.wordmark .bob { color: var(--mark); }",
    ]


@pytest.mark.parametrize(
    "path", [p for p in STYLES if p.name != "tokens.css"], ids=lambda p: p.name
)
def test_colours_stand_in_tokens_alone(path):
    found = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|\brgba?\(|\bhsla?\(", path.read_text())
    assert found == []


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_every_token_that_is_used_is_defined(path):
    defined = set(tokens.shared()) | set(next(iter(tokens.colours().values())))
    sheets = "".join(p.read_text(encoding="utf-8") for p in STYLES)
    local = set(re.findall(r"--([\w-]+):", sheets))
    used = set(re.findall(r"var\(--([\w-]+)", path.read_text(encoding="utf-8")))
    assert used - defined - local == set()


@pytest.mark.parametrize("path", STYLES, ids=lambda p: p.name)
def test_nothing_moves_longer_than_the_token_says(path):
    for rule in re.findall(r"(?:transition|animation)[\w-]*:([^;]+);", path.read_text()):
        assert re.findall(r"(?<![\w-])\d*\.?\d+m?s\b", rule) == [], rule
    assert tokens.shared()["motion"] == "150ms"
