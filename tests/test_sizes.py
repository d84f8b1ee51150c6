"""How large a file and a function may grow, and what may not stand in them at all."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests import source

FILE_LINES = 400
FUNCTION_LINES = 60
# HTTP handler, page event, evaluation sample, background job: the four boundaries.
BOUNDARIES = ("core/server/", "pages/", "eval/", "core/jobs/")
ENVIRONMENT = {"core/settings.py", "core/process.py"}
BLIND = {"Exception", "BaseException"}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def blind_handlers(path: Path) -> Iterator[int]:
    for node in ast.walk(source.tree(path)):
        if isinstance(node, ast.ExceptHandler):
            named = ast.walk(node.type) if node.type else ()
            caught = {part.id for part in named if isinstance(part, ast.Name)}
            if node.type is None or caught & BLIND:
                yield node.lineno


def test_no_file_is_longer_than_a_person_reads():
    long = {
        source.name(path): lines
        for path in source.python()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    assert long == {}


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{source.name(path)}:{node.lineno} {node.name} {size}"
        for path in source.python()
        for node in functions(path)
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    ]
    assert long == []


def test_blind_excepts_stand_only_at_the_boundaries():
    found = [
        (source.name(path), line) for path in source.shipped() for line in blind_handlers(path)
    ]
    outside = [f"{name}:{line}" for name, line in found if not name.startswith(BOUNDARIES)]
    assert outside == []
    for boundary in BOUNDARIES:
        here = [f"{name}:{line}" for name, line in found if name.startswith(boundary)]
        assert len(here) <= 1, here


def test_the_environment_is_read_in_one_place():
    pattern = re.compile(r"\bos\.(environ|getenv|putenv)\b|from os import .*\b(environ|getenv)\b")
    found = {
        source.name(path)
        for path in source.shipped()
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert found <= ENVIRONMENT


def test_nothing_is_left_for_later():
    word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|NotImplementedError)\b")
    found = [
        f"{source.name(path)}:{number}"
        for path in source.python()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert [hit for hit in found if not hit.startswith("tests/")] == []


def test_every_module_says_what_it_is():
    silent = [
        source.name(path) for path in source.python() if not ast.get_docstring(source.tree(path))
    ]
    assert [path for path in silent if not path.endswith("__init__.py")] == []
