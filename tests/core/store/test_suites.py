"""A suite is kept whole or not at all, each version beside the others, and read back in order."""

from collections.abc import Iterator

import pytest

from core.errors import Busy, NotFound
from core.records import Suite
from core.store.connection import Store
from core.store.suites import BATCH, KeptSuites


def suite(
    name: str = "mine",
    version: str = "v1",
    count: int = 3,
    criterion: str = "contains",
    owner: str = "",
) -> Suite:
    return Suite(name, "Mine", version, criterion, count, owner=owner)


def lines(count: int) -> list[str]:
    return [f'{{"id": "{n}"}}' for n in range(count)]


@pytest.fixture
def kept(store: Store) -> KeptSuites:
    return KeptSuites(store)


def test_items_come_back_in_order_and_in_part(kept: KeptSuites):
    count = 2 * BATCH + 7
    found = kept.keep(suite(count=count, owner="ann"), lines(count))
    assert (found.count, found.owner, found.created is not None) == (count, "ann", True)
    assert list(kept.lines("mine")) == lines(count)
    assert list(kept.lines("mine", first=BATCH - 1, most=3)) == lines(count)[BATCH - 1 : BATCH + 2]
    assert list(kept.lines("mine", first=count - 1, most=9)) == lines(count)[-1:]


def test_versions_stand_beside_each_other(kept: KeptSuites):
    kept.keep(suite(), lines(3))
    kept.keep(suite(version="v2", count=4), lines(4))
    assert [each.version for each in kept.versions("mine")] == ["v2", "v1"]
    assert [each.version for each in kept.list()] == ["v2"]
    assert kept.get("mine").count == 4
    assert len(list(kept.lines("mine", "v1"))) == 3
    with pytest.raises(NotFound, match="version 'v3' of the suite 'mine'"):
        kept.get("mine", "v3")


def test_the_same_content_again_changes_what_is_said_of_it_alone(kept: KeptSuites, store: Store):
    kept.keep(suite(), lines(3))
    kept.keep(suite(version="v2"), lines(3))
    again = kept.keep(suite(criterion="numeric"), lines(3))
    assert (again.version, again.criterion) == ("v1", "numeric")
    assert kept.get("mine").version == "v1"
    assert store.rows("SELECT count(*) FROM suite_items") == [(6,)]


def test_what_breaks_off_leaves_no_suite_and_is_swept(kept: KeptSuites, store: Store):
    def broken() -> Iterator[str]:
        yield from lines(BATCH + 1)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        kept.keep(suite(), broken())
    assert kept.list() == []
    assert store.rows("SELECT count(*) FROM suite_items") == [(BATCH,)]
    kept.keep(suite(), lines(3))
    assert store.rows("SELECT count(*) FROM suite_items") == [(3,)]


def test_one_is_taken_in_at_a_time(kept: KeptSuites):
    def nosy() -> Iterator[str]:
        with pytest.raises(Busy):
            kept.keep(suite("other"), lines(1))
        yield from lines(3)

    kept.keep(suite(), nosy())
    assert [each.name for each in kept.list()] == ["mine"]


def test_deleting_takes_every_version_and_nothing_else(kept: KeptSuites, store: Store):
    kept.keep(suite(), lines(3))
    kept.keep(suite(version="v2"), lines(3))
    kept.keep(suite("other"), lines(2))
    kept.delete("mine")
    assert [each.name for each in kept.list()] == ["other"]
    assert store.rows("SELECT count(*) FROM suite_items") == [(2,)]
    with pytest.raises(NotFound):
        kept.delete("mine")


def test_text_that_is_hard_to_keep(kept: KeptSuites):
    hard = '{"id": "ü\\u0000\\ud800 \u2028 🙂"}'
    kept.keep(suite(count=1), [hard])
    assert list(kept.lines("mine")) == [hard]
