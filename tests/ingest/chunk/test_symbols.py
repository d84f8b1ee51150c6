"""Which rows go with which definition, language by language."""

import importlib
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.bundled.corpus import units_in
from core.documents import Chunk
from ingest.chunk import Cutting
from tests.ingest.chunk.documents import assert_partition, chunks, seen

SAMPLES = Path(__file__).parent / "samples"
# kind, symbol, names, first and last line
EXPECTED: dict[str, list[tuple[str, str, tuple[str, ...], int, int]]] = {
    "Box.java": [
        ("module", "", (), 1, 3),
        ("class", "A", ("B<T>", "C", "D"), 5, 8),
        ("method", "A.f", ("a", "...b"), 10, 13),
        ("method", "A.A", (), 15, 17),
        ("enum", "A.E", (), 19, 20),
        ("method", "A.E.z", (), 22, 24),
        ("class", "A", ("B<T>", "C", "D"), 27, 30),
        ("interface", "I", ("J",), 32, 33),
        ("method", "I.b", (), 35, 37),
        ("class", "R", (), 40, 40),
        ("method", "R.R", (), 41, 43),
    ],
    "app.tsx": [
        ("module", "", (), 1, 1),
        ("function", "Button", ("{ label }",), 3, 5),
        ("class", "App", ("React.Component",), 7, 8),
        ("method", "App.render", (), 10, 12),
    ],
    "hero.ts": [
        ("module", "", (), 1, 2),
        ("class", "Hero", ("Base", "One", "Two"), 4, 11),
        ("method", "Hero.go", ("a", "...rest"), 12, 14),
        ("method", "Hero.hello", ("a", "b", "{ c }"), 16, 19),
        ("class", "Hero", ("Base", "One", "Two"), 20, 24),
        ("function", "Deep.Er.inner", ("q",), 26, 29),
        ("function", "default", ("a", "b"), 32, 34),
        ("method", "Foo.bar", ("x",), 35, 37),
        ("function", "run", (), 38, 40),
        ("interface", "Shape", ("A", "B"), 41, 43),
        ("module", "", (), 44, 44),
        ("type", "Two", (), 45, 46),
        ("enum", "E", (), 47, 49),
        ("function", "add", ("a", "b"), 50, 50),
    ],
    "point.c": [
        ("module", "", (), 1, 4),
        ("function", "one", (), 5, 8),
        ("function", "one", ("x", "y"), 9, 13),
        ("module", "", (), 16, 16),
        ("struct", "point", (), 17, 19),
    ],
    "script.js": [
        ("module", "", (), 1, 7),
        ("function", "b", (), 8, 10),
        ("function", "c", ("d",), 12, 14),
        ("function", "f", ("...args",), 15, 17),
    ],
    "shape.rs": [
        ("module", "", (), 1, 2),
        ("struct", "S", (), 4, 9),
        ("module", "", (), 11, 11),
        ("impl", "S", ("fmt::Display",), 13, 14),
        ("method", "S.fmt", ("self", "f"), 16, 19),
        ("trait", "Shape", (), 22, 23),
        ("method", "Shape.twice", ("self",), 25, 27),
        ("macro", "mm", (), 30, 32),
        ("namespace", "tests", (), 34, 35),
        ("function", "tests.works", (), 37, 40),
    ],
    "thing.go": [
        ("module", "", (), 1, 6),
        ("struct", "A", (), 8, 11),
        ("interface", "B", (), 13, 17),
        ("struct", "D", (), 18, 21),
        ("module", "", (), 24, 24),
        ("method", "A.Do", ("x", "y", "...z"), 26, 29),
        ("function", "main", (), 31, 33),
    ],
    "widget.hpp": [
        ("module", "", (), 1, 3),
        ("class", "a.b.A", ("B<T>", "C"), 5, 11),
        ("method", "a.b.A.f", ("a", "b"), 12, 14),
        ("method", "a.b.A.~A", (), 16, 17),
        ("method", "a.b.A.operator==", ("o",), 18, 20),
        ("class", "a.b.A", ("B<T>", "C"), 22, 24),
        ("method", "a.b.A.g", ("cb", "v"), 26, 29),
        ("function", "a.b.h", (), 31, 33),
        ("enum", "a.b.E", (), 34, 36),
        ("struct", "Node", (), 40, 42),
        ("struct", "Q", (), 44, 46),
        ("function", "ff", ("argv", "n"), 48, 51),
    ],
}
CONTEXTS = {
    ("Box.java", "A.E.z"): "enum E {",
    ("app.tsx", "App.render"): "export default class App extends React.Component<Props> {",
    ("hero.ts", "Deep.Er.inner"): "export namespace Deep.Er {",
    ("shape.rs", "S.fmt"): "impl<T: Clone> fmt::Display for S<T> {",
    ("widget.hpp", "a.b.A.f"): "class A : public B<T>, private C {",
    ("thing.go", "A.Do"): "",
}


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", list(EXPECTED))
def test_definitions_of_every_language(name: str):
    found = chunks(name, sample(name))
    assert [(c.kind, c.symbol, c.names, c.start, c.end) for c in found] == EXPECTED[name]
    assert_partition(sample(name), found)


def test_every_sample_is_expected():
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize(("name", "symbol"), list(CONTEXTS))
def test_context_is_the_line_that_opens_what_encloses(name: str, symbol: str):
    found = [chunk for chunk in chunks(name, sample(name)) if chunk.symbol == symbol]
    assert found[0].context == CONTEXTS[name, symbol]


def python(text: str, size: int = 100_000) -> list[Chunk]:
    text = textwrap.dedent(text)
    found = chunks("a.py", text, Cutting("code", size))
    assert_partition(text, found)
    return found


def test_a_class_is_its_head_and_its_attributes_methods_are_their_own():
    found = python('''\
        """Docs."""
        import os
        LIMIT = 3


        @final
        class Trainer(Base, Generic[K,V], metaclass=Meta):
            """Trains."""

            rate: float = 0.1

            # Copied from elsewhere
            @property
            def name(self, /, a: int = 1, *rest, key, **more) -> str:
                return "x"

            kept = 1

            class Inner:
                async def go(self, *, fast): ...

        if LIMIT:
            def late():
                pass
        else:
            def late(x):
                pass
        ''')
    assert [(c.kind, c.symbol, c.names, c.start, c.end, c.context) for c in found] == [
        ("module", "", (), 1, 3, ""),
        ("class", "Trainer", ("Base", "Generic[K, V]"), 6, 10, ""),
        ("method", "Trainer.name", ("self", "a", "*rest", "key", "**more"), 12, 15, HEAD),
        ("class", "Trainer", ("Base", "Generic[K, V]"), 17, 17, HEAD),
        ("class", "Trainer.Inner", (), 19, 19, HEAD),
        ("method", "Trainer.Inner.go", ("self", "*", "fast"), 20, 20, "class Inner:"),
        ("function", "late", (), 22, 24, ""),
        ("function", "late", ("x",), 25, 27, ""),
    ]


HEAD = "class Trainer(Base, Generic[K,V], metaclass=Meta):"


def test_comments_go_with_what_they_stand_before():
    found = python("""\
        def a():
            pass
            # the end of a

        # about b

        def b():
            pass

        # the end of the file
        """)
    assert seen(found) == [("function", "a", 1, 2), ("function", "b", 5, 8)]
    assert "# the end of a\n" in found[0].text
    assert found[1].text.startswith("# about b\n")


def test_a_long_comment_between_definitions_is_a_chunk_of_its_own():
    found = python("def a(): pass\n" + "# old = 1\n" * 12 + "\ndef b(): pass\n")
    assert seen(found) == [
        ("function", "a", 1, 1),
        ("module", "", 2, 13),
        ("function", "b", 15, 15),
    ]


def test_a_long_function_is_cut_at_statements_and_says_where_it_is():
    body = "".join(f"        if a == {n}:\n            a = [{n},\n  0]\n" for n in range(20))
    first, *rest = python(f"class A(B):\n    def f(self, a):\n{body}", 60)[1:]
    assert first.text.startswith("    def f(self, a):\n")
    assert first.context == "class A(B):"
    assert len(rest) > 3
    for part in rest:
        assert part.text.lstrip().startswith("if a ==")
        assert (part.symbol, part.kind, part.names) == ("A.f", "method", ("self", "a"))
        assert part.context == "class A(B): def f(self, a):"


def test_a_long_statement_says_what_it_is_part_of():
    values = "".join(f'    "key{n}": {n},\n' for n in range(60))
    first, *rest = python(f"TABLE = {{\n{values}}}\n", 60)
    assert (first.context, first.kind) == ("", "module")
    assert {part.context for part in rest} == {"TABLE = {"}


def test_a_comment_that_makes_a_function_too_long_stands_alone():
    comment, function = python("# word word word word\n" * 10 + "def f():\n    return 1\n", 60)
    assert comment.end == 10
    assert (function.start, function.symbol) == (11, "f")
    assert comment.symbol == "f"


def test_names_are_normalised_as_python_does():
    (found,) = python("def \ufb01nd(o\ufb00set, *, ª): pass\n")
    assert (found.symbol, found.names) == ("find", ("offset", "*", "a"))


def test_definitions_that_share_a_line_stay_together():
    found = chunks("a.js", "function a() { return 1 } function b() { return 2 }\nvar c = 3;\n")
    assert seen(found) == [("module", "", 1, 2)]


def test_definitions_are_found_around_a_syntax_error():
    found = python("""\
        def a(x):
            return x

        def broken(:
            return 1

        class C:
            def b(self):
                return 2
        """)
    assert {"a", "C", "C.b"} <= {chunk.symbol for chunk in found}


def package_files() -> Iterator[tuple[str, str]]:
    for name in ("fastapi", "asyncio", "email", "networkx.classes"):
        folder = Path(next(iter(importlib.import_module(name).__path__)))
        for path in sorted(folder.glob("*.py")):
            text = path.read_text(encoding="utf-8").expandtabs(4)
            yield f"{name}/{path.name}", text


def test_agreement_with_the_corpus_that_models_are_trained_on():
    compared = 0
    for path, text in package_files():
        found: dict[tuple[str, str, int], Chunk] = {}
        for chunk in chunks(path, text):
            found.setdefault((chunk.kind, chunk.symbol, _end(chunk)), chunk)
        for unit in units_in("test", path, text):
            expected = unit.chunk
            ours = found[expected.kind, expected.symbol, _end(expected)]
            before = ours.text.split("\n")[: expected.start - ours.start]
            assert all(row.lstrip().startswith(("#", "else:")) or not row for row in before)
            assert ours.names == expected.names
            opening = ours.text.split("\n")[len(before)].strip()
            assert opening == expected.text.split("\n")[0].strip()
            compared += 1
    assert compared > 2_000


def _end(chunk: Chunk) -> int:
    """Return the last line of a function; a class ends elsewhere by design."""
    return 0 if chunk.kind == "class" else chunk.end
