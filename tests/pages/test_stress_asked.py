"""Places of Stress survive their address; what cannot be a value is left out."""

import pytest

from pages._stress_asked import Asked, go, link, read


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(view="runs"),
        Asked(view="run", run="ab12"),
        Asked(view="run", run="shipped:needle", play=True),
        Asked(scenario="needle", budget="40", model="bundled"),
        Asked(view="fit", model="SmolLM2-135M", memory="0.5", context="8192", batch="2"),
    ],
)
def test_a_place_is_what_its_address_says(asked: Asked):
    from urllib.parse import parse_qsl

    assert read(dict(parse_qsl(link(asked)))) == asked


@pytest.mark.parametrize(
    "given",
    [
        {"run": "../../etc", "view": "nowhere"},
        {"budget": "-3", "memory": "1e9", "context": "many", "play": "yes"},
        {"run": "<b>"},
    ],
)
def test_what_cannot_be_a_value_is_left_out(given: dict[str, str]):
    assert read(given) == Asked()


def test_a_run_beside_another_view_stays_in_that_view():
    assert read({"run": "ab", "view": "fit"}).view == "fit"


def test_a_link_says_where_it_leads_twice_and_escapes_it():
    made = go(Asked(scenario='a"b'), "there")
    assert (
        'href="?tab=stress&amp;scenario=a%22b" data-act="stress" data-to="scenario=a%22b"' in made
    )
    assert 'href="?tab=stress"' in go(Asked(), "home")
