"""Rules of nested .gitignore files against what git itself says, and globs that would not end."""

import subprocess
import time
from pathlib import Path

import pytest

from core.errors import BadInput, TooLarge
from ingest import globs
from ingest.found import Caps, Found
from ingest.globs import Ignored, Rules, compiled, stars
from ingest.walk import Walk
from tests.ingest.gitserver import git

RULES = {
    ".gitignore": "*.log\n!keep.log\nbuild/\n/top.txt\ndocs/**/draft*.md\n\n# remark\n\\#odd\n!\n",
    "pkg/.gitignore": "!special.log\n*.tmp\n/only_here.py\n",
    "pkg/deep/.gitignore": "*\n!*.py\n",
}
FILES = [
    "a.log", "keep.log", "top.txt", "sub/top.txt", "build/x.py", "sub/build/y.py", "build.py",
    "docs/a/b/draft1.md", "docs/draft.md", "docs/final.md", "#odd", "pkg/special.log",
    "pkg/other.log", "pkg/x.tmp", "x.tmp", "pkg/only_here.py", "pkg/sub/only_here.py",
    "pkg/deep/a.py", "pkg/deep/a.txt", "pkg/deep/more/b.py", "sub/keep.log",
]  # fmt: skip


def test_what_is_ignored_is_what_git_ignores(tmp_path: Path):
    for path, text in {**RULES, **dict.fromkeys(FILES, "text\n")}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    git("init", "--quiet", str(tmp_path))
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    wanted = {path for path in listed if not path.endswith(".gitignore")}
    found = {each.path for each in Walk(tmp_path, Caps()).entries() if isinstance(each, Found)}
    assert found == wanted
    assert 0 < len(found) < len(FILES)


def test_lines_that_are_no_rules_are_passed_over():
    rules = Rules.read("", "!\n*.log\n//\n")
    assert rules.verdict("a.log") is True
    assert rules.verdict("a.py") is None


def test_rules_that_would_take_for_ever_are_not_used():
    """`*a*a*a*a*a*b` against a name of a's takes a regular expression longer than a life."""
    rules = Rules.read("", "*a*a*a*a*a*a*a*b\n*.log\n" + "x\n" * 10_000)
    began = time.process_time()
    assert rules.verdict("a" * 250) is None
    assert time.process_time() - began < 5
    assert rules.verdict("x.log") is True


def test_rules_that_take_too_long_together_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(globs, "MAX_SECONDS", 0.0)
    with pytest.raises(TooLarge, match="rules of this source"):
        Ignored()("a.py", (Rules.read("", "*.log"),))


@pytest.mark.parametrize("glob", ["", "  ", "!a", "# a", "*a*a*a*a*a*b", "a/*/*/*/*/*/b"])
def test_globs_of_a_user_are_checked(glob: str):
    with pytest.raises(BadInput) as caught:
        compiled(["*.py", glob])
    assert caught.value.hint


def test_stars_are_counted_by_what_they_cost():
    assert [stars(glob) for glob in ("*.py", "**/*.py", "src/**/test_*.py", "a**b")] == [1, 2, 2, 2]
