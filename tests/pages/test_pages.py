"""The tabs together: their addresses, what is public, what the head brings."""

import re
from types import SimpleNamespace

import gradio as gr
import pytest
from gradio.routes import templates

import app
import pages
from core.settings import Settings
from pages import _html, _visitor
from pages._theme import GROUND, SCRIPTS, STYLES, head, mount_arguments
from tests import source


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory):
    from contextlib import ExitStack

    settings = Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("data"), model="quote")
    with ExitStack() as ending:
        yield pages.build(app.wire(settings, ending))


def asked(**query: str) -> gr.Request:
    return SimpleNamespace(query_params=query)  # pyright: ignore[reportReturnType]


def test_slugs_and_titles_are_unique_words():
    assert len({page.slug for page in pages.PAGES}) == len(pages.PAGES)
    assert all(page.slug.isidentifier() for page in pages.PAGES)


def test_no_event_of_the_page_is_a_public_endpoint(blocks):
    shown = [f.api_name for f in blocks.fns.values() if f.api_visibility != "private"]
    assert shown == []
    assert len(blocks.fns) > 10


def test_the_page_has_no_footer_and_keeps_no_history():
    given = mount_arguments(Settings(_env_file=None))
    assert given["footer_links"] == []
    assert given["run_history"] is False


def test_the_template_of_the_page_names_nobody_else():
    mount_arguments(Settings(_env_file=None))
    env = templates.env
    assert env.loader is not None
    page = env.loader.get_source(env, "frontend/index.html")[0]
    cards = re.findall(r"<meta[^>]*(?:og:|twitter:)[^>]*>", page)
    assert 'og:title" content="Plumbline"' in "".join(cards)
    assert not re.search(r"gradio|githubusercontent|\{url\}", "".join(cards), re.IGNORECASE)


def test_an_address_opens_only_what_could_exist():
    slugs = ("chat", "status")
    link = _visitor.link(asked(tab="status", chat="a" * 32), slugs)
    assert (link.tab, link.chat) == ("status", "a" * 32)
    for chat in ("../x", "a b", "<x>", "a" * 65, ""):
        assert _visitor.link(asked(tab="nope", chat=chat), slugs) == _visitor.Link(None, None)


def test_every_file_the_head_names_exists():
    named = re.findall(r'(?:href|src)="([^"]+)"', head(Settings(_env_file=None)))
    assert len(named) == len(STYLES) + len(SCRIPTS) + 1
    for name in named:
        assert (source.ROOT / name).is_file(), name


def test_the_first_ground_is_that_of_the_tokens():
    from core.present.tokens import colours

    for palette, (light, dark) in GROUND.items():
        assert colours()[palette, "light"]["paper"] == light
        assert colours()[palette, "dark"]["paper"] == dark


def test_every_icon_that_is_used_is_drawn():
    drawn = set(re.findall(r'id="(\w+)"', (source.ROOT / _html.ICONS).read_text()))
    text = "".join(p.read_text() for p in source.python("pages/"))
    used = set(re.findall(r'\bicon\("(\w+)"\)|\btool\("(\w+)"', text))
    names = {name for pair in used for name in pair if name}
    assert len(names) > 6
    assert names <= drawn


def test_a_sentence_begins_large_unless_it_begins_with_a_name():
    assert _html.sentence("no model is at hand") == "No model is at hand."
    assert _html.sentence("qwen3-8b at gpu answers") == "qwen3-8b at gpu answers."
    assert _html.sentence("INFERENCE_URL is not set") == "INFERENCE_URL is not set."
    assert _html.sentence("") == ""
