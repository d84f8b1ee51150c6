"""What is installed is what is pinned, and what is imported is pinned here, not by chance."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, version

from tests import source

OURS = {"app", "core", "pages", "ingest", "eval", "bench", "docs", "tests"}


def text(*names: str) -> str:
    return "\n".join((source.ROOT / name).read_text(encoding="utf-8") for name in names)


def pins(*names: str) -> list[str]:
    lines = text(*names).splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def plain(name: str) -> str:
    return re.split(r"[=\[<>]", name)[0].lower().replace("_", "-")


def imports(*starts: str) -> dict[str, str]:
    """Return each third-party top-level name with one place that imports it."""
    found = {}
    for path in source.python(*starts):
        for node in ast.walk(source.tree(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in (name.partition(".")[0] for name in names):
                if name not in sys.stdlib_module_names and name not in OURS:
                    found[name] = f"{source.name(path)}:{node.lineno}"
    return found


def undeclared(found: dict[str, str], declared: set[str]) -> dict[str, str]:
    known = packages_distributions()
    return {
        name: place
        for name, place in found.items()
        if not {plain(each) for each in known.get(name, [name])} & declared
    }


def extras() -> set[str]:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    return {plain(each) for group in project["optional-dependencies"].values() for each in group}


def test_what_a_user_runs_imports_only_what_requirements_pin():
    declared = {plain(pin) for pin in pins("requirements.txt")} | extras()
    assert undeclared(imports(*source.SHIPPED), declared) == {}


def test_tests_and_benchmarks_import_only_what_is_pinned():
    declared = {
        plain(pin)
        for pin in pins("requirements.txt", "requirements-dev.txt", "requirements-peers.txt")
    }
    declared |= extras()
    assert undeclared(imports(), declared) == {}


def test_requirements_are_exact_and_installed():
    for pin in pins("requirements.txt", "requirements-dev.txt"):
        found = re.fullmatch(r"([\w-]+)(\[\w+\])?==([\w.]+)", pin)
        assert found, pin
        assert version(found[1]).partition("+")[0] == found[3], pin


def test_the_project_reads_its_requirements_from_one_file():
    project = tomllib.loads(text("pyproject.toml"))
    assert project["tool"]["setuptools"]["dynamic"]["dependencies"] == {
        "file": ["requirements.txt"]
    }
    least = re.fullmatch(r">=(\d+)\.(\d+)", project["project"]["requires-python"])
    assert least
    assert (int(least[1]), int(least[2])) <= sys.version_info[:2]
