"""Prices are read as the setting writes them."""

import pytest

from core.prices import Price, strange, table


def test_a_model_costs_by_tokens_or_by_the_hour():
    found = table("org/big=2.5/10, a=b = 1.2/h ,")
    assert found == {"org/big": Price("2.5/10", 2.5, 10.0), "a=b": Price("1.2/h", hour=1.2)}


@pytest.mark.parametrize("entry", ["big", "big=", "big=2", "big=-1/2", "=1/2", "big=1/day"])
def test_what_is_no_price_is_named(entry: str):
    assert strange(f"fine=1/2, {entry}") == [entry] and list(table(f"fine=1/2,{entry}")) == ["fine"]
