"""How a chunk is shown to a model and cut to a budget."""

from core.documents import (
    CHUNK_TOKENS,
    ELLIPSIS,
    Chunk,
    approximate_tokens,
    cut,
    header,
    prompt,
    render,
)

BODY = "\n".join(["    def train(self, resume=None):", *(f"        step({i})" for i in range(90))])


def _chunk(**more: object) -> Chunk:
    given = {"path": "a/b.py", "start": 412, "end": 440, "text": "x = 1", **more}
    return Chunk(**given)  # type: ignore[arg-type]


def test_header_holds_everything_that_is_asked_about_a_place() -> None:
    chunk = _chunk(kind="method", symbol="Trainer.train", names=("self", "*", "resume"))
    assert header(chunk, 2) == "[2] method Trainer.train(self, *, resume) in a/b.py:412-440"


def test_header_of_a_class_shows_its_bases_and_none_where_there_are_none() -> None:
    assert header(_chunk(kind="class", symbol="A", names=("B", "C")), 1).startswith(
        "[1] class A(B, C) in "
    )
    assert header(_chunk(kind="class", symbol="A"), 1).startswith("[1] class A in ")


def test_header_of_a_section_is_its_heading() -> None:
    chunk = _chunk(path="README.md", kind="section", symbol="Install")
    assert header(chunk, 1) == "[1] section Install in README.md:412-440"


def test_header_without_a_definition_is_number_and_place() -> None:
    assert header(_chunk(), 3) == "[3] a/b.py:412-440"


def test_long_signatures_end_in_an_ellipsis() -> None:
    chunk = _chunk(kind="function", symbol="f", names=tuple(f"p{i}" for i in range(12)))
    assert f"p9, {ELLIPSIS})" in header(chunk, 1)
    assert "p10" not in header(chunk, 1)


def test_render_removes_the_common_indent() -> None:
    assert render(_chunk(text="    a = 1\n    b = 2\n"), 1).endswith("\na = 1\nb = 2")


def test_cut_keeps_the_budget_the_opening_and_the_match() -> None:
    chunk = _chunk(text=BODY)
    shown = cut(chunk, lines=[60])
    assert approximate_tokens(shown.text) <= CHUNK_TOKENS
    assert shown.text.startswith("    def train")
    assert "step(59)" in shown.text
    assert "step(5)" not in shown.text
    assert shown.text.count(ELLIPSIS) == 2
    assert (shown.start, shown.end) == (412, 440)


def test_cut_without_a_match_keeps_the_opening_lines() -> None:
    shown = cut(_chunk(text=BODY))
    assert "step(0)" in shown.text
    assert shown.text.rstrip().endswith(ELLIPSIS)


def test_cut_leaves_short_text_alone() -> None:
    chunk = _chunk()
    assert cut(chunk) is chunk


def test_cut_ignores_lines_that_do_not_exist() -> None:
    assert "step(0)" in cut(_chunk(text=BODY), lines=[10_000, -4]).text


def test_prompt_numbers_the_chunks_it_is_given() -> None:
    text = prompt("Why?", [_chunk(path=f"{i}.py") for i in range(6)])
    assert text.startswith("[1] 0.py:412-440\n")
    assert "[4] 3.py" in text and "[6] 5.py" in text
    assert text.endswith("\n\nQuestion: Why?")


def test_prompt_without_evidence_says_so() -> None:
    assert prompt("Why?", []) == "No context.\n\nQuestion: Why?"
