"""The languages by file name, and for each that has a grammar which nodes are definitions.

It knows suffixes, grammars and node types; it deliberately does not walk trees.
"""

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePosixPath

from tree_sitter import Language, Parser, Tree

from core.documents import Document

_SUFFIXES = {
    "python": "py pyi pyw",
    "javascript": "js mjs cjs jsx",
    "typescript": "ts mts cts tsx",
    "go": "go",
    "java": "java",
    "rust": "rs",
    "c": "c h",
    "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp inl tcc cu cuh",
    "markdown": "md markdown mdx",
    "rst": "rst",
    "yaml": "yaml yml",
    "toml": "toml",
    "json": "json jsonl json5 ipynb",
    "html": "html htm xhtml vue svelte",
    "css": "css scss sass less",
    "xml": "xml svg xsd xsl",
    "shell": "sh bash zsh fish",
    "sql": "sql",
    "ini": "ini cfg conf properties",
    "cython": "pyx pxd pxi",
    "csharp": "cs",
    "kotlin": "kt kts",
    "swift": "swift",
    "ruby": "rb",
    "php": "php",
    "scala": "scala sc",
    "lua": "lua",
    "perl": "pl pm",
    "r": "r",
    "julia": "jl",
    "haskell": "hs",
    "elixir": "ex exs",
    "dart": "dart",
    "protobuf": "proto",
    "cmake": "cmake",
    "make": "mk mak",
    "docker": "dockerfile",
    "jinja": "jinja j2 jinja2",
}
_BY_SUFFIX = {suffix: name for name, words in _SUFFIXES.items() for suffix in words.split()}
_BY_NAME = {"makefile": "make", "gnumakefile": "make", "cmakelists.txt": "cmake"}
# A parser's work is bounded: its progress is reported every hundred steps, and a file that
# needs far more of them than any real one is cut as plain text.
_LONGEST_ROW = 100_000
_LARGEST = 10_000_000
_STEPS, _BYTES_PER_STEP = 2_000, 30
_CPP_WORDS = re.compile(
    rb"^[ \t]*(class|namespace|template|using|public:|private:)\b", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """A tree-sitter grammar and the roles of its nodes.

    `symbols` are definitions with their kinds; `bodies` hold statements; `wrappers` belong to
    the one definition they hold (decorators, exports); `through` may hold definitions without
    being one; `notes` belong to what follows them; `holders` are definitions by the value in
    the named field. `bodiless` definitions need no body.
    """

    wheel: str
    symbols: Mapping[str, str]
    bodies: frozenset[str]
    notes: frozenset[str] = frozenset({"comment"})
    wrappers: frozenset[str] = frozenset()
    through: frozenset[str] = frozenset()
    holders: Mapping[str, str] = field(default_factory=dict)
    bodiless: frozenset[str] = frozenset()
    entry: str = "language"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SCRIPT_FUNCTIONS = {
    "function_declaration": "function",
    "generator_function_declaration": "function",
    "function_expression": "function",
    "generator_function": "function",
    "arrow_function": "function",
    "method_definition": "method",
    "class_declaration": "class",
    "class": "class",
}
_SCRIPT_HOLDERS = {"variable_declarator": "value", "assignment_expression": "right"}
_SCRIPT_WRAPPERS = "export_statement expression_statement lexical_declaration variable_declaration"
_SCRIPT_THROUGH = _set("if_statement else_clause try_statement catch_clause finally_clause")
_C_SYMBOLS = {
    "function_definition": "function",
    "struct_specifier": "struct",
    "union_specifier": "struct",
    "enum_specifier": "enum",
}
_C_BODIES = "translation_unit declaration_list preproc_if preproc_ifdef preproc_else preproc_elif"
_C_HOLDERS = {"type_definition": "type", "declaration": "type"}


def _typescript(entry: str) -> Grammar:
    return Grammar(
        wheel="tree_sitter_typescript",
        entry=entry,
        symbols={
            **_SCRIPT_FUNCTIONS,
            "abstract_class_declaration": "class",
            "interface_declaration": "interface",
            "enum_declaration": "enum",
            "type_alias_declaration": "type",
            "internal_module": "namespace",
            "module": "namespace",
        },
        bodies=_set("program class_body statement_block"),
        wrappers=_set(_SCRIPT_WRAPPERS + " ambient_declaration"),
        through=_SCRIPT_THROUGH,
        holders={**_SCRIPT_HOLDERS, "public_field_definition": "value"},
        bodiless=frozenset({"type_alias_declaration"}),
    )


GRAMMARS = {
    "python": Grammar(
        wheel="tree_sitter_python",
        symbols={"function_definition": "function", "class_definition": "class"},
        bodies=_set("module block"),
        wrappers=frozenset({"decorated_definition"}),
        through=_set(
            "if_statement elif_clause else_clause try_statement except_clause finally_clause"
            " with_statement"
        ),
    ),
    "javascript": Grammar(
        wheel="tree_sitter_javascript",
        symbols=_SCRIPT_FUNCTIONS,
        bodies=_set("program class_body statement_block"),
        wrappers=_set(_SCRIPT_WRAPPERS),
        through=_SCRIPT_THROUGH,
        holders={**_SCRIPT_HOLDERS, "field_definition": "value"},
    ),
    "typescript": _typescript("language_typescript"),
    "tsx": _typescript("language_tsx"),
    "go": Grammar(
        wheel="tree_sitter_go",
        symbols={
            "function_declaration": "function",
            "method_declaration": "method",
            "struct_type": "struct",
            "interface_type": "interface",
        },
        bodies=frozenset({"source_file"}),
        wrappers=frozenset({"type_declaration"}),
        holders={"type_spec": "type"},
        bodiless=_set("struct_type interface_type"),
    ),
    "java": Grammar(
        wheel="tree_sitter_java",
        symbols={
            "class_declaration": "class",
            "record_declaration": "class",
            "interface_declaration": "interface",
            "annotation_type_declaration": "interface",
            "enum_declaration": "enum",
            "method_declaration": "method",
            "constructor_declaration": "method",
            "compact_constructor_declaration": "method",
        },
        bodies=_set("program class_body interface_body enum_body enum_body_declarations"),
        notes=_set("line_comment block_comment"),
    ),
    "rust": Grammar(
        wheel="tree_sitter_rust",
        symbols={
            "function_item": "function",
            "struct_item": "struct",
            "union_item": "struct",
            "enum_item": "enum",
            "trait_item": "trait",
            "impl_item": "impl",
            "mod_item": "namespace",
            "macro_definition": "macro",
        },
        bodies=_set("source_file declaration_list"),
        notes=_set("line_comment block_comment attribute_item"),
        through=frozenset({"foreign_mod_item"}),
        bodiless=frozenset({"macro_definition"}),
    ),
    "c": Grammar(
        wheel="tree_sitter_c",
        symbols=_C_SYMBOLS,
        bodies=_set(_C_BODIES),
        through=frozenset({"linkage_specification"}),
        holders=_C_HOLDERS,
    ),
    "cpp": Grammar(
        wheel="tree_sitter_cpp",
        symbols={**_C_SYMBOLS, "class_specifier": "class", "namespace_definition": "namespace"},
        bodies=_set(_C_BODIES + " field_declaration_list"),
        notes=_set("comment access_specifier"),
        wrappers=frozenset({"template_declaration"}),
        through=frozenset({"linkage_specification"}),
        holders={**_C_HOLDERS, "field_declaration": "type"},
    ),
}


def language_of(path: str) -> str:
    """Return the language of a file by its name, or `text`."""
    name = PurePosixPath(path).name.lower()
    stem, _, suffix = name.rpartition(".")
    if name in _BY_NAME or "dockerfile" in (name, stem):
        return _BY_NAME.get(name, "docker")
    return _BY_SUFFIX.get(suffix, "text") if stem else "text"


def grammar_of(document: Document, language: str, data: bytes) -> str:
    """Return the name of the grammar that reads a document, or nothing."""
    if language == "typescript" and document.path.lower().endswith(".tsx"):
        return "tsx"
    if language == "c" and _CPP_WORDS.search(data):
        return "cpp"
    return language if language in GRAMMARS else ""


def parse(data: bytes, grammar: str, longest_row: int) -> Tree | None:
    """Return the syntax tree, or None where parsing would take out of all proportion."""
    if longest_row > _LONGEST_ROW or len(data) > _LARGEST:
        return None
    left = _STEPS + len(data) // _BYTES_PER_STEP

    def tired(_offset: int, _failed: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    try:
        return Parser(load(grammar)).parse(
            lambda offset, _point: data[offset : offset + 65_536], progress_callback=tired
        )
    except ValueError:  # how this parser says that it was stopped
        return None


@cache
def load(grammar: str) -> Language:
    """Return a grammar's parse tables, read at first use."""
    made = GRAMMARS[grammar]
    return Language(getattr(importlib.import_module(made.wheel), made.entry)())
