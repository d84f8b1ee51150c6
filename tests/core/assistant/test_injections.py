"""None of the poisoned chunks leads to a call or a leak, even with a model that obeys them all."""

import pytest

from core.assistant.guard import Guard
from tests.core.assistant.obedient import CallsOnly, Case, OrdersOnly, Unguarded, cases, fallen

CASES = cases()


def test_the_suite_is_whole():
    assert len(CASES) == 40 and len({case.id for case in CASES}) == 40
    assert len({case.kind for case in CASES}) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.kind}")
def test_nothing_is_called_or_given_away(case: Case):
    assert not fallen(case, Guard)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.kind}")
def test_it_would_be_without_the_guard(case: Case):
    assert fallen(case, Unguarded)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id} {case.kind}")
def test_it_does_not_hang_on_orders_being_recognised(case: Case):
    assert not fallen(case, CallsOnly)


def test_what_it_does_without_the_guard_is_known():
    found = [fallen(case, Unguarded) for case in CASES]
    assert sum(bool(each.calls) for each in found) == 31
    assert sum(bool(each.leaks) for each in found) == 14


def test_recognising_orders_alone_would_let_two_links_through():
    through = [case.kind for case in CASES if fallen(case, OrdersOnly)]
    assert through == ["markdown link", "markdown link"]
