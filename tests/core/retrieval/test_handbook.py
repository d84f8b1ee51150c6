"""The documentation is split at headings with exact lines, and can be searched."""

from pathlib import Path

from core.retrieval.handbook import Handbook, pages, sections

PAGE = """# Title

Intro text.

## Install

Run the command.

```sh
# not a heading
make demo
```

## Use

Open the page.
"""


def write(root: Path) -> Path:
    (root / "docs").mkdir()
    page = root / "docs" / "guide.md"
    page.write_text(PAGE)
    return page


def test_sections_carry_exact_lines(tmp_path: Path):
    page = write(tmp_path)
    rows = PAGE.splitlines()
    found = list(sections(page, tmp_path))
    assert [chunk.symbol for chunk in found] == ["Title", "Install", "Use"]
    for chunk in found:
        assert "\n".join(rows[chunk.start - 1 : chunk.end]).strip("\n") == chunk.text
    assert found[1].start == 5


def test_a_comment_in_a_code_block_is_no_heading(tmp_path: Path):
    page = write(tmp_path)
    assert all(chunk.symbol != "not a heading" for chunk in sections(page, tmp_path))


def test_search_finds_the_section(tmp_path: Path):
    write(tmp_path)
    best = Handbook(tmp_path).search("how to install", 1)[0]
    assert (best.chunk.path, best.chunk.symbol) == ("docs/guide.md", "Install")


def test_a_folder_without_documentation_finds_nothing(tmp_path: Path):
    assert pages(tmp_path) == []
    assert Handbook(tmp_path).search("install", 3) == []


def test_front_matter_is_no_section(tmp_path: Path):
    (tmp_path / "README.md").write_text("---\ntitle: Secret words\n---\n\n# Name\n\nA text.\n")
    found = list(sections(tmp_path / "README.md", tmp_path))
    assert [chunk.text for chunk in found] == ["# Name\n\nA text."]
    assert found[0].end == 7


def test_a_name_is_held_as_a_word_of_its_own(tmp_path: Path):
    (tmp_path / "README.md").write_text("# Settings\n\nSet `KV_TIER=flash`.\n")
    book = Handbook(tmp_path)
    assert book.holds("KV_TIER") and not book.holds("KV") and not book.holds("TIER_KV")
