"""What a syntax tree says of a definition."""

import pytest

from core.bundled.corpus import first_sentence, sources, training_packages, units_in
from core.bundled.splits import load_splits

SOURCE = '''
class Session(Base, Mixin[int]):
    """Keeps connections open. And more."""

    limit = 3

    @property
    def url(self) -> str:
        return self._url

    def get(self, url: str, *, timeout: float = 30, **options) -> "Response":
        """Send a GET request.

        Longer.
        """
        if not url:
            raise ValueError("no url")
        raise errors.Timeout


def plain(a, b=None, *rest):
    pass
'''


def _units() -> dict:
    return {unit.chunk.symbol: unit for unit in units_in("demo", "demo/api.py", SOURCE)}


def test_a_method_is_read_with_everything_that_is_asked() -> None:
    unit = _units()["Session.get"]
    assert unit.chunk.kind == "method"
    assert unit.chunk.names == ("self", "url", "*", "timeout", "**options")
    assert unit.defaults == (("timeout", "timeout: float = 30", "30"),)
    assert unit.plain == ("url",)
    assert unit.returns == "'Response'"
    assert unit.raises == ("ValueError",)
    assert unit.doc == "Send a GET request."
    assert (unit.chunk.start, unit.chunk.end) == (11, 18)
    assert unit.chunk.text.startswith("def get(self")


def test_a_class_ends_before_its_first_method_but_keeps_its_lines() -> None:
    unit = _units()["Session"]
    assert unit.chunk.names == ("Base", "Mixin[int]")
    assert unit.doc == "Keeps connections open."
    assert "limit = 3" in unit.chunk.text
    assert "def url" not in unit.chunk.text
    assert (unit.chunk.start, unit.chunk.end) == (2, 18)


def test_decorators_belong_to_the_definition() -> None:
    assert _units()["Session.url"].chunk.text.startswith("@property")


def test_a_file_that_does_not_parse_has_no_units() -> None:
    assert list(units_in("demo", "broken.py", "def f(:")) == []


@pytest.mark.parametrize("doc", ["", "Short.", "::directive here now", "é is not plain ascii text"])
def test_docstrings_that_cannot_be_quoted_are_left(doc: str) -> None:
    assert first_sentence(doc) == ""


def test_training_never_reads_what_is_held_out() -> None:
    splits = load_splits()
    assert "transformers" in splits.test
    assert len(splits.test) >= 5
    assert not set(training_packages()) & splits.not_trained
    assert set(splits.test + splits.dev) <= set(sources())


def test_every_source_names_a_permissive_licence() -> None:
    for name, about in sources().items():
        assert about["license"], name
        assert not {"GPL", "MPL", "LGPL", "AGPL"} & set(about["license"].replace("-", " ").split())
