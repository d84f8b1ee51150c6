"""The error tree: drawn as it is, documented, and able to say what happened and what to do."""

import inspect
import re

import pytest

from core import errors
from core.errors import PlumblineError
from tests import source

CLASSES = [
    value
    for value in vars(errors).values()
    if inspect.isclass(value) and value.__module__ == errors.__name__
]


def drawn() -> dict[str, int]:
    """Return each drawn class with its depth in the drawing."""
    found = {}
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│├└─ ]*)([A-Z]\w+)(\s{2,}|$)", line)
        if match:
            found[match[2]] = len(match[1]) // 4
    return found


def test_the_drawing_shows_every_class_at_its_depth():
    depths = {cls.__name__: len(cls.__mro__) - len(PlumblineError.__mro__) for cls in CLASSES}
    assert drawn() == depths


def test_the_drawing_puts_every_class_under_its_parent():
    parents: list[str] = []
    for name, depth in drawn().items():
        del parents[depth:]
        if parents:
            assert getattr(errors, name).__bases__[0].__name__ == parents[-1]
        parents.append(name)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_words_a_code_and_a_status(cls: type[PlumblineError]):
    assert issubclass(cls, PlumblineError)
    assert cls.__doc__
    assert re.fullmatch(r"[a-z_]+", cls.code)
    assert 400 <= cls.status <= 599
    error = cls("the disk is full", "Free some space.", retry_after=2.0)
    assert str(error) == "the disk is full Free some space."
    assert (error.message, error.hint, error.retry_after) == (
        "the disk is full",
        "Free some space.",
        2.0,
    )


def test_codes_are_unique():
    codes = [cls.code for cls in CLASSES]
    assert len(codes) == len(set(codes))


def test_every_code_is_documented_with_its_status():
    page = (source.ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", page, re.MULTILINE))
    assert rows == {cls.code: str(cls.status) for cls in CLASSES}


def test_an_error_without_a_hint_has_no_trailing_space():
    assert str(PlumblineError("gone")) == "gone"
