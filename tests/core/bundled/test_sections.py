"""Sections of readme files: titles, lines and first sentences are those of the file."""

import random

from core.bundled.corpus import training_packages
from core.bundled.questions import Shown, turns
from core.bundled.sections import sections_in, sections_of
from core.documents import render

MARKDOWN = """# Demo

[![badge](x)](y)

Demo is a small library that shows how sections are read.

## Usage notes

```python
# not a heading
run()
```

Call the function and wait until it is done. Then call it again.
"""

RST = """Install it
==========

Use the installer that comes with the system.

Next steps
----------

* a list is no sentence
"""


def test_markdown_sections_have_their_lines_and_first_sentence() -> None:
    first, second = sections_in("demo", "demo/README.md", MARKDOWN)
    assert (first.chunk.symbol, first.chunk.start) == ("Demo", 1)
    assert first.doc == "Demo is a small library that shows how sections are read."
    assert (second.chunk.symbol, second.chunk.start, second.chunk.end) == ("Usage notes", 7, 14)
    assert second.chunk.text == "\n".join(MARKDOWN.splitlines()[6:14])
    assert second.doc == "Call the function and wait until it is done."


def test_underlined_titles_are_sections_and_lists_are_not_quoted() -> None:
    [section] = sections_in("demo", "demo/README.rst", RST)
    assert section.chunk.symbol == "Install it"
    assert section.doc == "Use the installer that comes with the system."


def test_a_section_is_asked_for_its_place_and_its_first_sentence() -> None:
    unit = next(iter(sections_in("demo", "demo/README.md", MARKDOWN)))
    found = turns(Shown(unit, unit.chunk, 2, unit.chunk.symbol), random.Random(0))
    assert {turn.kind for turn in found} == {"section"}
    assert [turn.answer for turn in found] == [
        "`Demo` is in demo/README.md:1-5 [2].",
        "`Demo` [2]: Demo is a small library that shows how sections are read.",
    ]
    assert render(unit.chunk, 2).startswith("[2] section Demo in demo/README.md:1-5\n# Demo")


def test_installed_packages_bring_sections() -> None:
    found = [unit for name in training_packages() for unit in sections_of(name)]
    assert len(found) >= 100
    assert all(unit.doc and unit.chunk.symbol in unit.chunk.text for unit in found)
    assert list(sections_of("no-such-package")) == []
