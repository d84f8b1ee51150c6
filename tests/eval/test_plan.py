"""What a run asks is fixed before it begins, and the same for the same seed."""

from array import array
from pathlib import Path

import pytest

from core.errors import BadInput, Corrupt
from core.records import Item
from eval import plan
from eval.config import parse
from eval.plan import Plan


def items(count: int) -> list[Item]:
    return [
        Item(f"q{n}", "why " * (1 + n % 5), kind="a" if n % 2 else "b", details={"split": "test"})
        for n in range(count)
    ]


def ids(config: dict, count: int = 50) -> list[str]:
    return [item.id for _, item in plan.chosen(items(count), parse({"suite": "s", **config}))]


def test_a_larger_sample_holds_the_smaller_and_another_seed_draws_another():
    few, more = ids({"n": 5, "seed": 1}), ids({"n": 20, "seed": 1})
    assert len(few) == 5
    assert set(few) < set(more)
    assert more == sorted(more, key=lambda id: int(id[1:]))
    assert set(ids({"n": 5, "seed": 2})) != set(few)
    assert ids({}) == [f"q{n}" for n in range(50)]
    assert len(ids({"n": 500})) == 50


def test_kinds_and_splits_are_kept_to():
    assert ids({"kinds": "a"}, 4) == ["q1", "q3"]
    assert ids({"split": "train"}, 4) == []
    nothing = plan.chosen(items(4), parse({"suite": "s", "split": "train"}))
    with pytest.raises(BadInput, match="split 'train'"):
        list(plan.checked(nothing, parse({"suite": "s", "split": "train"})))


def test_like_lengths_stand_together_and_every_place_is_asked_once_an_epoch():
    lengths = array("q", [n % 7 for n in range(50)])
    config = parse({"suite": "s", "batch": 8, "epochs": 2, "seed": 3})
    made = plan.batches(lengths, config)
    assert made == plan.batches(lengths, config)
    assert [each.n for each in made] == list(range(14))
    for epoch in (0, 1):
        mine = [each for each in made if each.epoch == epoch]
        assert sorted(p for each in mine for p in each.positions) == list(range(50))
    assert all(
        max(lengths[p] for p in each.positions) - min(lengths[p] for p in each.positions) <= 2
        for each in made
    )
    firsts = [min(lengths[p] for p in each.positions) for each in made[:7]]
    assert firsts != sorted(firsts)


def test_a_plan_is_read_as_it_was_written(tmp_path: Path):
    asked = list(enumerate(items(10)))
    plan.write(tmp_path, asked, parse({"suite": "s", "batch": 4}))
    found = Plan(tmp_path)
    (batch,) = [each for each in found.batches if 3 in each.positions]
    assert [item.id for item in found.items(batch)] == [f"q{p}" for p in batch.positions]
    assert found.items(batch)[0] == items(10)[batch.positions[0]]
    (tmp_path / "plan.json").unlink()
    with pytest.raises(Corrupt):
        Plan(tmp_path)
