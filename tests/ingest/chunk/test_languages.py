"""Files have a language by name, and every grammar loads."""

import pytest

from core.documents import Document
from ingest.chunk.languages import GRAMMARS, grammar_of, language_of, load, parse


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a/b.py", "python"), ("b.pyi", "python"), ("x.jsx", "javascript"), ("x.mjs", "javascript"),
        ("x.tsx", "typescript"), ("x.go", "go"), ("X.java", "java"), ("x.rs", "rust"), ("x.c", "c"),
        ("x.h", "c"), ("x.CC", "cpp"), ("x.hpp", "cpp"), ("README.md", "markdown"),
        ("a.rst", "rst"),
        ("a.yml", "yaml"), ("pyproject.toml", "toml"), ("a.json", "json"), ("Dockerfile", "docker"),
        ("Dockerfile.gpu", "docker"), ("Makefile", "make"), ("notes.txt", "text"),
        ("LICENSE", "text"),
        ("py", "text"), (".py", "text"), ("", "text"),
    ],
)  # fmt: skip
def test_language_by_name(path: str, language: str):
    assert language_of(path) == language


@pytest.mark.parametrize("name", list(GRAMMARS))
def test_every_grammar_parses(name: str):
    tree = parse(b"\n", name, 1)
    assert tree is not None
    assert not tree.root_node.has_error


def test_nodes_named_in_a_grammar_exist_in_it():
    for name, grammar in GRAMMARS.items():
        made = load(name)
        known = {made.node_kind_for_id(number) for number in range(made.node_kind_count)}
        named = {
            *grammar.symbols, *grammar.bodies, *grammar.notes, *grammar.wrappers,
            *grammar.through, *grammar.holders, *grammar.bodiless,
        }  # fmt: skip
        assert named - known == set(), name


@pytest.mark.parametrize(
    ("path", "language", "text", "grammar"),
    [
        ("a.tsx", "typescript", b"", "tsx"),
        ("a.ts", "typescript", b"", "typescript"),
        ("a.h", "c", b"int x;\n", "c"),
        ("a.h", "c", b"  class A {};\n", "cpp"),
        ("a.rb", "ruby", b"", ""),
    ],
)
def test_grammar_by_path_and_content(path: str, language: str, text: bytes, grammar: str):
    assert grammar_of(Document("test", path, ""), language, text) == grammar


def test_parsing_out_of_all_proportion_is_stopped():
    assert parse(b"x\n", "python", 200_000) is None
    assert parse(b"<div class='a'>hello {x} </div>\n" * 4_000, "javascript", 40) is None
