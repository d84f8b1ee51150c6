"""What the words of the project may not hold: machine paths, workplaces, shouting."""

import ast
import re
from pathlib import Path

import pytest

from tests import source

README_LINES = 200
TEXT = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".json", ".css", ".js", ".html", ".svg", ""}
VENDORED = ("assets/swagger/", "assets/fonts/", "tests/browser/axe.min.js", "LICENSE")
# Homes and scratch places of one machine, and hosts that only a package client needs to know.
FORBIDDEN = re.compile(
    r"(?<![\w.])/(work|root|Users)/"
    r"|(?<![\w.])/home/(?!(user|me|you|somebody)\b)\w+"
    r"|/opt/(pypi|wheels)"
    r"|files\.pythonhosted\.org|registry\.npmjs|deb\.debian\.org|pypi\.org/simple"
)


def texts() -> list[Path]:
    """Return the text files written here: what is vendored keeps its own words."""
    return [
        path
        for path in source.files()
        if path.suffix in TEXT and not source.name(path).startswith(VENDORED)
    ]


def test_no_machine_of_one_person_is_named():
    found = [
        f"{source.name(path)}:{number}: {line.strip()[:80]}"
        for path in texts()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ["see /ro" + "ot/x", "in /ho" + "me/ann/code", "at /Us" + "ers/a/b"]
)
def test_the_list_catches_what_it_should(line: str):
    assert FORBIDDEN.search(line)


def test_the_list_lets_through_what_it_should():
    assert not FORBIDDEN.search("docs/root/page and /home/user/app and ./work/x")


def test_readme_is_short():
    lines = (source.ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= README_LINES


def test_the_screen_does_not_shout():
    found = [
        f"{source.name(path)}:{node.lineno}: {node.value[:60]}"
        for path in source.python("pages/")
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"\w!(\s|$|\")|\b[Pp]lease\b", node.value)
    ]
    assert found == []
