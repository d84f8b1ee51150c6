"""The form of an ingest: what is written in it, and what a public server leaves out."""

from pages import _search_add as add


def test_fields_are_read_as_written():
    given = {
        "source": " ./lib ",
        "name": "",
        "cutting": "window-256",
        "include": "a/** b.md",
        "exclude": "",
    }
    assert add.read(given) == add.Wanted("./lib", None, "window-256", ("a/**", "b.md"), ())
    assert add.read({}) == add.Wanted("", None, "code", (), ())


def test_every_kind_of_source_has_an_example_and_strangers_get_packages_alone():
    whole, public = add.form(shared=False), add.form(shared=True)
    for label, source in add.EXAMPLES:
        assert f'data-text="{source}">{label}' in whole
    assert public.count('data-act="source"') == 1
    assert add.SHARED in public
    assert add.SHARED not in whole


def test_every_preset_can_be_chosen():
    from pages._search_report import CUTTINGS

    assert add.form(shared=False).count("<option") == len(CUTTINGS)
