"""What holds for every text and every way to cut it."""

import ast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.documents import Document, approximate_tokens
from ingest.chunk import Cutting, cut, cutting, strategies
from tests.ingest.chunk.documents import WHOLE, assert_partition, assert_places, chunks

PATHS = [
    "a.py", "a.js", "a.tsx", "a.ts", "a.go", "a.java", "a.rs", "a.c", "a.h", "a.cpp", "a.md",
    "a.rst", "a.yaml", "a",
]  # fmt: skip
WORDS = [
    "def f(a, *b):", "class A(B):", "    ", "\t", "\n", "\n\n", "return x", "# é", "/* c */", "//",
    "{", "}", "(", ")", "[", "]", "'''", '"', "`" * 3, "# Title", "---", "===", "func f() {",
    "impl A for B {", "fn f(&self) {}", "pub struct S { x: u8 }", "#ifdef A", "#endif",
    "namespace n {", "template <class T>", "const f = (a) => {", "export default", "@d", "\r\n",
    "\ufeff", "名前 = 1", "x" * 400, "interface I { void a(); }", "if x:", "else:", "\0", "\x0c",
]  # fmt: skip
TEXTS = some.one_of(
    some.text(max_size=200),
    some.lists(some.sampled_from(WORDS), max_size=60).map(" ".join),
    some.lists(some.sampled_from(WORDS), max_size=60).map("\n".join),
)
QUICK = settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


@QUICK
@given(path=some.sampled_from(PATHS), text=TEXTS, size=some.sampled_from([16, 40, 384]))
def test_every_byte_is_in_one_chunk_of_code(path: str, text: str, size: int):
    assert_partition(text, chunks(path, text, Cutting("code", size)))


@QUICK
@given(path=some.sampled_from(PATHS), text=TEXTS, size=some.sampled_from([16, 40, 384]))
def test_no_chunk_is_much_longer_than_the_limit(path: str, text: str, size: int):
    for chunk in chunks(path, text, Cutting("code", size)):
        assert approximate_tokens(chunk.text.rstrip()) <= size + size // 8


@QUICK
@given(text=TEXTS, size=some.sampled_from([16, 40]), overlap=some.sampled_from([0, 0.2, 0.9]))
def test_windows_cover_every_byte_and_move_on(text: str, size: int, overlap: float):
    data = text.encode("utf-8", "surrogatepass")
    found = chunks("a.txt", text, Cutting("window", size, overlap))
    assert_places(data, found)
    at = 0
    for chunk in found:
        assert chunk.span[0] <= at < chunk.span[1]
        assert approximate_tokens(chunk.text) <= size
        at = chunk.span[1]
    assert at == (len(data) if text.strip() else 0)
    starts = [chunk.span[0] for chunk in found]
    assert starts == sorted(set(starts))


@some.composite
def python_sources(draw: some.DrawFn) -> str:
    """Draw a module of functions and classes whose bodies differ in length and shape."""
    lines = ['"""A module."""', "import os", ""]
    for number in range(draw(some.integers(1, 6))):
        lines += ["# noted"] * draw(some.integers(0, 2)) + [""] * draw(some.integers(0, 2))
        inside = draw(some.booleans())
        lines += [f"class C{number}:", '    """Said."""'] if inside else []
        indent = "    " if inside else ""
        for member in range(draw(some.integers(1, 3))):
            lines += [f"{indent}@wrapped"] * draw(some.integers(0, 1))
            lines += [f"{indent}def f{number}{member}(self, a=(1, 2)):"]
            for row in range(draw(some.integers(1, 12))):
                lines += [
                    f"{indent}    if a[{row}] == 'word':",
                    f"{indent}        a = [{row},",
                    "1]",
                ]
            lines += [""] * draw(some.integers(0, 3))
        lines += ["X = 1"] * draw(some.integers(0, 2))
    return "\n".join(lines) + "\n"


@QUICK
@given(text=python_sources(), size=some.sampled_from([30, 60, 120, 384]))
def test_no_symbol_under_the_limit_is_split(text: str, size: int):
    rows = text.splitlines(keepends=True)
    found = chunks("a.py", text, Cutting("code", size))
    assert_partition(text, found)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            body = "".join(rows[first - 1 : node.end_lineno])
            holders = [chunk for chunk in found if body in chunk.text]
            if approximate_tokens(body.rstrip()) <= size:
                assert [chunk.symbol.split(".")[-1] for chunk in holders] == [node.name]
                assert holders[0].end == node.end_lineno
            else:
                parts = [chunk for chunk in found if chunk.symbol.split(".")[-1] == node.name]
                assert len(parts) > 1


@QUICK
@given(text=python_sources())
def test_long_functions_are_cut_where_statements_begin(text: str):
    """A row that goes on with an expression, here `1]`, never opens a chunk."""
    for chunk in chunks("a.py", text, Cutting("code", 60)):
        assert not chunk.text.startswith("1]")


HOSTILE = {
    "one line": "x = " + "'abc', " * 100_000,
    "one word": "a" * 1_000_000,
    "no spaces": "中" * 200_000,
    "brackets": "[" * 10_000 + "]" * 10_000,
    "open brackets": "(" * 50_000,
    "nested blocks": "".join(" " * depth + "if x:\n" for depth in range(400)),
    "nested classes": "".join(" " * depth + "class A:\n" for depth in range(400)),
    "nested namespaces": "namespace a {\n" * 5_000,
    "empty lines": "\n" * 50_000 + "x",
    "fence": "`" * 200_000,
    "heading": "# " + "#[" * 100_000 + "x",
    "closing": "x\n" + "}\n" * 20_000,
    "generics": "impl A" + "<" * 100_000 + "\n",
    "carriage returns": "x = 1\r" * 20_000,
    "zero bytes": "def a():\n    pass\n\0\ndef b():\n    pass\n" * 50,
    "half a character": "\ud800 x\n" * 100,
    "signatures without end": "def f(\n" * 2_000,
}


@pytest.mark.parametrize("path", ["a.py", "a.cpp", "a.rs", "a.tsx", "a.md", "a.txt"])
@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_texts_are_cut_like_any_other(name: str, path: str):
    found = chunks(path, HOSTILE[name], cutting("code"))
    assert_partition(HOSTILE[name], found)
    assert all(approximate_tokens(chunk.text) <= 450 for chunk in found)
    assert all(len(chunk.text) <= 16 * 450 for chunk in found)
    assert all(len(chunk.symbol) <= 160 and len(chunk.context) <= 330 for chunk in found)


@pytest.mark.parametrize("name", strategies())
def test_a_huge_line_is_split_inside(name: str):
    text = "x = [" + ", ".join(map(str, range(20_000))) + "]\n"
    found = chunks("a.py", text, cutting(name))
    assert len(found) > 20
    assert {(chunk.start, chunk.end) for chunk in found} == {(1, 1)}
    assert found[0].text.endswith((" ", ","))


@pytest.mark.parametrize("name", strategies())
@pytest.mark.parametrize("text", ["", "\n", " \t\r\n\n"])
def test_nothing_but_white_space_has_no_chunk(name: str, text: str):
    assert chunks("a.py", text, cutting(name)) == []


def test_line_ends_and_a_byte_order_mark_are_kept():
    text = "\ufeffimport os\r\n\r\n\r\ndef größe(名前):\r\n\treturn 名前\r\n"
    module, function = chunks("a.py", text)
    assert_partition(text, [module, function])
    assert (function.symbol, function.names) == ("größe", ("名前",))
    assert (function.start, function.end) == (4, 5)
    assert module.text == "\ufeffimport os\r\n\r\n\r\n"


def test_a_text_without_a_line_end_is_whole():
    (only,) = chunks("a.py", "def f(): return 1")
    assert (only.symbol, only.span, only.end) == ("f", (0, 17), 1)


def test_spans_count_bytes_not_characters():
    first, second = chunks("a.py", "x = 'é中'\n\ndef f():\n    pass\n")
    assert first.span == (0, 13)
    assert second.span == (13, 31)


def test_the_counter_that_is_given_decides():
    text = "def f():\n    a = 1\n    b = 2\n    c = 3\n"
    document = Document("test", "a.py", text)
    assert len(cut(document, Cutting("code", 16), lambda words: len(words.split()))) == 1
    assert len(cut(document, Cutting("code", 16), len)) == 4


def test_the_language_of_the_document_comes_before_that_of_its_name():
    text = "# One\n\ntext\n\n# Two\n\ntext\n"
    assert len(cut(Document("test", "notes", text, "markdown"), WHOLE)) == 2
    assert len(cut(Document("test", "notes", text), WHOLE)) == 1


def test_a_file_too_costly_to_parse_is_cut_as_text():
    text = "def f():\n    return 1\n" + "x = '" + "a b " * 30_000 + "'\n"
    found = chunks("a.py", text, cutting("code"))
    assert {chunk.kind for chunk in found} == {"text"}
    assert {chunk.language for chunk in found} == {"python"}
    assert_partition(text, found)
