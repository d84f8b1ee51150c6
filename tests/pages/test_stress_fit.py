"""What would fit: the arithmetic's sentence, a map of memory and context, faults in words."""

import re

from core.memory.fitting import FORMULA, what_fits
from pages import _stress_fit as fit
from pages._stress_asked import Asked


def test_the_sentence_is_that_of_the_arithmetic_with_its_formula():
    told = fit.told(fit.full(Asked(view="fit", model="Llama-3.1-8B", memory="24")))
    verdict = what_fits("Llama-3.1-8B", 24 * 10**9, 131_072)
    assert verdict.sentence in told and not verdict.fits
    assert f'title="{FORMULA}">modelled' in told
    assert "measured" not in told


def test_the_longest_context_that_fits_is_one_token_short_of_the_first_that_does_not():
    asked = fit.full(Asked(view="fit", memory="24"))
    most = fit._most(asked)
    assert what_fits("Llama-3.1-8B", 24 * 10**9, most).fits
    assert not what_fits("Llama-3.1-8B", 24 * 10**9, most + 1).fits


def test_the_map_has_a_row_for_the_memory_that_was_asked_for():
    told = fit.told(fit.full(Asked(view="fit", memory="18.5")))
    assert re.findall(r'<tr class=asked><th scope="row">([\d.]+)', told) == ["18.5"]
    assert told.count("<tr") == 2 + len(fit.MEMORIES)


def test_the_address_reopens_what_is_shown():
    told = fit.told(fit.of({"model": "SmolLM2-135M", "memory": "2", "batch": "4"}))
    assert 'data-link="view=fit&amp;model=SmolLM2-135M&amp;memory=2' in told
    assert "batch=4" in told


def test_a_fault_is_told_and_nothing_is_computed():
    for given in ({"memory": "much"}, {"context": "1.5"}, {"batch": "0"}, {"model": "<b>"}):
        told = fit.told(fit.of(given))
        assert 'class="state failure"' in told
        assert "<b>" not in told and "modelled" not in told


def test_a_whole_context_that_fits_is_said_to():
    told = fit.told(fit.full(Asked(view="fit", model="SmolLM2-135M", memory="128", context="1024")))
    assert "✓</b>" in told and "fit into 128 GB" in told
