"""None of the poisoned chunks leads to a call or a leak, even with a model that obeys them all."""

import pytest

from core.assistant.guard import Guard
from tests.core.assistant.obedient import CallsOnly, Case, Unguarded, cases, fallen

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
