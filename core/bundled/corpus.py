"""Definitions of installed packages as facts that can be asked about.

It knows which packages are read, their licences, and what a syntax tree says of a function
or class; it deliberately does not know questions, tokens or models.
"""

import ast
import sysconfig
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from core.bundled.splits import ASSETS, load_splits
from core.documents import Chunk
from core.errors import NotFound

SOURCES = ASSETS / "models" / "sources.yaml"
SKIPPED = frozenset({"tests", "test", "_vendor", "vendored", "_vendored_packages", "__pycache__"})
MAX_LINES = 80
MAX_BYTES = 400_000

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Unit:
    """One function, method or class with everything a question may ask about it."""

    package: str
    chunk: Chunk
    doc: str = ""
    defaults: tuple[tuple[str, str, str], ...] = ()
    plain: tuple[str, ...] = ()
    returns: str = ""
    raises: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the last part of the qualified name."""
        return self.chunk.symbol.rsplit(".", 1)[-1]


@lru_cache(maxsize=1)
def sources() -> dict[str, dict[str, str]]:
    """Return the packages that may be read, each with its folder and licence."""
    return yaml.safe_load(SOURCES.read_text())["packages"]


def training_packages() -> list[str]:
    """Return the packages that training reads, in a fixed order."""
    return [name for name in sources() if name not in load_splits().not_trained]


def package_root(package: str) -> tuple[Path, Path]:
    """Return the folder (or file) of a package and the folder its paths are relative to."""
    where = sources()[package]["path"]
    if package == "stdlib":
        base = Path(sysconfig.get_paths()["stdlib"])
        return base, base
    base = Path(sysconfig.get_paths()["purelib"])
    root = base / where
    if not root.exists():
        raise NotFound(f"{package} is not installed.", "Install requirements-dev.txt.")
    return root, base


def python_files(package: str) -> Iterator[tuple[str, str]]:
    """Yield the path and text of every source file of a package, in a fixed order."""
    root, base = package_root(package)
    files = [root] if root.is_file() else sorted(root.rglob("*.py"))
    for file in files:
        parts = file.relative_to(base).parts
        if SKIPPED & set(parts) or "site-packages" in parts or file.stat().st_size > MAX_BYTES:
            continue
        text = file.read_bytes().decode("utf-8", errors="ignore").replace("\r\n", "\n")
        yield "/".join(parts), text.expandtabs(4)


def units_of(package: str) -> Iterator[Unit]:
    """Yield every documented or annotated definition of a package."""
    for path, text in python_files(package):
        yield from units_in(package, path, text)


def units_in(package: str, path: str, text: str) -> Iterator[Unit]:
    """Yield the definitions of one file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.splitlines()
    for node in tree.body:
        if isinstance(node, Function):
            yield _function(package, path, lines, node, "")
        elif isinstance(node, ast.ClassDef):
            yield _class(package, path, lines, node)
            for item in node.body:
                if isinstance(item, Function):
                    yield _function(package, path, lines, item, node.name)


def _function(package: str, path: str, lines: list[str], node: Function, owner: str) -> Unit:
    """Read a function or method into a unit."""
    start, end = _first_line(node), node.end_lineno or node.lineno
    text = "\n".join(lines[start - 1 : min(end, start - 1 + MAX_LINES)])
    chunk = Chunk(
        path=path,
        start=start,
        end=end,
        text=textwrap.dedent(text),
        kind="method" if owner else "function",
        symbol=f"{owner}.{node.name}" if owner else node.name,
        names=parameter_names(node.args),
        language="python",
        source=package,
    )
    with_default, without = _defaults(lines, node.args)
    return Unit(
        package=package,
        chunk=chunk,
        doc=first_sentence(ast.get_docstring(node) or ""),
        defaults=with_default,
        plain=without,
        returns=ast.unparse(node.returns) if node.returns else "",
        raises=_raises(node),
    )


def _class(package: str, path: str, lines: list[str], node: ast.ClassDef) -> Unit:
    """Read a class, up to its first method, into a unit."""
    start, end = _first_line(node), node.end_lineno or node.lineno
    methods = [_first_line(item) for item in node.body if isinstance(item, Function)]
    stop = min([end, start - 1 + MAX_LINES, *[line - 1 for line in methods]])
    chunk = Chunk(
        path=path,
        start=start,
        end=end,
        text=textwrap.dedent("\n".join(lines[start - 1 : max(stop, node.lineno)])).rstrip(),
        kind="class",
        symbol=node.name,
        names=tuple(ast.unparse(base) for base in node.bases),
        language="python",
        source=package,
    )
    return Unit(package, chunk, first_sentence(ast.get_docstring(node) or ""))


def parameter_names(args: ast.arguments) -> tuple[str, ...]:
    """Return a function's parameters as they are written, without defaults."""
    names = [arg.arg for arg in args.posonlyargs + args.args]
    if args.vararg:
        names.append("*" + args.vararg.arg)
    elif args.kwonlyargs:
        names.append("*")
    names += [arg.arg for arg in args.kwonlyargs]
    return tuple(names + (["**" + args.kwarg.arg] if args.kwarg else []))


def first_sentence(doc: str, words: int = 28) -> str:
    """Return a docstring's first sentence, if it is one that can be quoted."""
    paragraph = " ".join(doc.strip().split("\n\n")[0].split())
    for mark in (". ", ".\n", ": ", "; "):
        head, found, _ = paragraph.partition(mark)
        if found and len(head) > 12:
            paragraph = head + "."
    ok = 3 <= len(paragraph.split()) <= words and paragraph.isascii()
    return paragraph if ok and paragraph[0].isalpha() and "::" not in paragraph else ""


def _first_line(node: Function | ast.ClassDef) -> int:
    """Return the line of the first decorator, or of the definition."""
    return min([node.lineno, *[item.lineno for item in node.decorator_list]])


def _defaults(
    lines: list[str], args: ast.arguments
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """Return (name, `name: type = value` as written, value) of every default, and the rest."""
    positional = args.posonlyargs + args.args
    pairs = list(
        zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True)
    )
    pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
    found = []
    for arg, value in pairs:
        row = lines[arg.lineno - 1].encode()
        snippet = row[arg.col_offset : value.end_col_offset].decode(errors="ignore")
        literal = row[value.col_offset : value.end_col_offset].decode(errors="ignore")
        if arg.lineno == value.end_lineno and len(snippet) <= 60 and literal:
            found.append((arg.arg, snippet, literal))
    named = {arg.arg for arg, _ in pairs} | {"self", "cls"}
    rest = [a.arg for a in positional + args.kwonlyargs if a.arg not in named]
    return tuple(found), tuple(rest)


def _raises(node: Function) -> tuple[str, ...]:
    """Return the names of the exceptions a function raises, in order, each once."""
    names: list[str] = []
    for item in ast.walk(node):
        if isinstance(item, ast.Raise) and item.exc is not None:
            target = item.exc.func if isinstance(item.exc, ast.Call) else item.exc
            name = ast.unparse(target)
            if name[:1].isupper() and name.isidentifier() and name not in names:
                names.append(name)
    return tuple(names)
