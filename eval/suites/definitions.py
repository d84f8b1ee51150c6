"""Definitions of installed packages with their exact bytes: what gold spans are made of.

It knows a file's bytes, its syntax tree and where a definition and its docstring stand. It knows
no questions.
"""

import ast
import hashlib
import sysconfig
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from core.bundled.corpus import first_sentence

Function = ast.FunctionDef | ast.AsyncFunctionDef
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class; a class reaches to its first method."""

    package: str
    path: str
    symbol: str
    kind: str
    span: Span
    node: Any
    doc: str
    doc_span: Span | None

    @property
    def name(self) -> str:
        """Return the last part of the qualified name."""
        return self.symbol.rpartition(".")[2]

    @property
    def lines(self) -> int:
        """Return how many lines stand in it beside its docstring."""
        body = self.node.body[1:] if self.doc_span else self.node.body
        return sum((item.end_lineno or item.lineno) - item.lineno + 1 for item in body)


class File:
    """One source file as it is on disk."""

    def __init__(self, package: str, path: str, raw: bytes) -> None:
        self.package, self.path, self.raw = package, path, raw

    @property
    def sha256(self) -> str:
        """Return the hash that says whether this is the file a suite was made of."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def definitions(self) -> list[Definition]:
        """Return its functions, classes and methods, in order."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(self.raw)
        return list(self._walk(tree.body, ""))

    def _walk(self, body: Sequence[ast.stmt], owner: str) -> Iterator[Definition]:
        for node in body:
            if isinstance(node, Function):
                yield self._define(node, owner, "method" if owner else "function", node.end_lineno)
            elif isinstance(node, ast.ClassDef) and not owner:
                methods = [_first_line(item) for item in node.body if isinstance(item, Function)]
                last = min([methods[0] - 1] if methods else [node.end_lineno or node.lineno])
                yield self._define(node, "", "class", max(last, node.lineno))
                yield from self._walk(node.body, node.name)

    def _define(self, node: Any, owner: str, kind: str, last: int | None) -> Definition:  # noqa: ANN401
        doc = ast.get_docstring(node) or ""
        return Definition(
            package=self.package,
            path=self.path,
            symbol=f"{owner}.{node.name}" if owner else node.name,
            kind=kind,
            span=(self._starts[_first_line(node) - 1], self._starts[last or node.lineno]),
            node=node,
            doc=first_sentence(doc),
            doc_span=self._bytes(node.body[0]) if doc else None,
        )

    def _bytes(self, node: ast.stmt) -> Span:
        last = node.end_lineno or node.lineno
        return (
            self._starts[node.lineno - 1] + node.col_offset,
            self._starts[last - 1] + (node.end_col_offset or 0),
        )

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.raw.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts


def packages_folder() -> Path:
    """Return the folder that installed packages are in."""
    return Path(sysconfig.get_paths()["purelib"])


def read(packages: Mapping[str, Mapping[str, Any]], root: Path | None = None) -> dict[str, File]:
    """Return the wanted files of installed packages by their paths."""
    base = root or packages_folder()
    found: dict[str, File] = {}
    for package, wanted in packages.items():
        paths = {path for pattern in wanted["files"] for path in base.glob(pattern)}
        paths -= {path for pattern in wanted.get("without", ()) for path in base.glob(pattern)}
        for path in sorted(paths):
            name = path.relative_to(base).as_posix()
            raw = path.read_bytes()
            if raw.strip() and "/tests/" not in name:
                found[name] = File(package, name, raw)
    return found


def blanked(raw: bytes, spans: Sequence[Sequence[int]]) -> bytes:
    """Return the bytes with spans overwritten by spaces; lines and offsets stay as they are."""
    made = bytearray(raw)
    for first, last in spans:
        made[first:last] = bytes(c if c in b"\r\n" else 32 for c in made[first:last])
    return bytes(made)


def _first_line(node: Any) -> int:  # noqa: ANN401
    return min([node.lineno, *(item.lineno for item in node.decorator_list)])
