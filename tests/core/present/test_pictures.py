"""Pictures: the same bytes every time, text as text, colours that follow the page."""

from core.present import pictures
from core.present.tokens import colours


def drawn() -> tuple[str, bytes]:
    with pictures.figure(5, 2) as (figure, axes):
        pictures.title(axes, "What is found")
        axes.plot([1, 2], [3, 4], color=pictures.colour(1))
        pictures.badge(figure, "measured on a machine")
        return pictures.svg(figure), pictures.png(figure)


def test_the_same_figure_gives_the_same_bytes():
    assert drawn() == drawn()


def test_svg_holds_its_words_and_follows_the_scheme():
    svg, png = drawn()
    assert svg.startswith("<svg") and "What is found" in svg and "measured on a machine" in svg
    assert "Instrument Serif" in svg
    paper = colours()["studio", "light"]["paper"].lower()
    assert f"var(--paper, {paper})" in svg and "var(--series-1, #b23a1e)" in svg
    assert paper not in svg.replace(f"var(--paper, {paper})", "")
    assert png.startswith(b"\x89PNG")
