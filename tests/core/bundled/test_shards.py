"""Examples on disk, packing, and what a token may see."""

from pathlib import Path

import numpy as np
import pytest
import torch

from core.bundled.config import Schedule
from core.bundled.model import targets, visible
from core.bundled.shards import ANSWER, CONTEXT, SKIP, Example, Mixture, Rows, write_shard
from core.errors import NotFound


def _tree() -> Example:
    example = Example().add([1, 2, 3], CONTEXT)
    example.add([4], SKIP, 1).add([5], ANSWER, 1)
    return example.add([6], SKIP, 2).add([7, 8], ANSWER, 2)


@pytest.fixture
def rows(tmp_path: Path) -> Rows:
    write_shard(tmp_path, "tree", [_tree()] * 3)
    return Mixture(tmp_path, {"tree": 1.0}, "", 16, 0).rows(1)


def test_branches_see_the_prefix_and_themselves_only(rows: Rows) -> None:
    seen = visible(rows)[0, 0]
    assert seen[4].tolist()[:8] == [True] * 5 + [False] * 3
    assert seen[7].tolist()[:8] == [True, True, True, False, False, True, True, True]


def test_examples_do_not_see_each_other(rows: Rows) -> None:
    assert rows.document[0].tolist() == [1] * 8 + [2] * 8
    assert not visible(rows)[0, 0, 8:, :8].any()


def test_every_branch_continues_the_prefix(rows: Rows) -> None:
    assert rows.position[0].tolist()[:8] == [0, 1, 2, 3, 4, 3, 4, 5]


def test_answers_are_predicted_from_their_own_branch(rows: Rows) -> None:
    schedule = Schedule(context_sample=0.0)
    at, wanted, weight = targets(rows, schedule, np.random.default_rng(0))
    assert at.tolist()[:3] == [3, 5, 6]
    assert wanted.tolist()[:3] == [5, 7, 8]
    assert set(weight.tolist()) == {1.0}


def test_the_sampled_context_weighs_as_much_as_the_whole(tmp_path: Path) -> None:
    write_shard(tmp_path, "plain", [Example().add(list(range(500)), CONTEXT)] * 4)
    packed = Mixture(tmp_path, {"plain": 1.0}, "", 500, 0).rows(4)
    schedule = Schedule(context_weight=0.1, context_sample=0.2)
    _, _, weight = targets(packed, schedule, np.random.default_rng(0))
    assert weight.sum() == pytest.approx(0.1 * 4 * 499, rel=0.15)


def test_shares_are_kept_and_a_state_resumes(tmp_path: Path) -> None:
    write_shard(tmp_path, "a", [Example().add([1] * 10, ANSWER)] * 9)
    write_shard(tmp_path, "b", [Example().add([2] * 10, ANSWER)] * 9)
    first = Mixture(tmp_path, {"a": 0.75, "b": 0.25}, "", 40, 0)
    tokens = np.concatenate([first.rows(2).tokens.ravel() for _ in range(10)])
    assert (tokens == 1).mean() == pytest.approx(0.75, abs=0.05)
    second = Mixture(tmp_path, {"a": 0.75, "b": 0.25}, "", 40, 0)
    second.restore(first.state())
    assert np.array_equal(first.rows(2).tokens, second.rows(2).tokens)


def test_what_is_left_of_a_row_is_filled(tmp_path: Path) -> None:
    write_shard(tmp_path, "long", [Example().add([1] * 60, ANSWER)] * 2)
    write_shard(tmp_path, "fill", [Example().add([3] * 90, CONTEXT)])
    packed = Mixture(tmp_path, {"long": 1.0}, "fill", 100, 0).rows(1)
    assert packed.tokens[0].tolist() == [1] * 60 + [3] * 40


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing-here"):
        Mixture(tmp_path, {"nothing-here": 1.0}, "", 10, 0)


def test_a_masked_branch_is_as_if_it_stood_alone(rows: Rows) -> None:
    from core.bundled.config import load_config
    from core.bundled.model import build

    model = build(load_config("smoke").model, 0).eval()
    alone = torch.tensor([[1, 2, 3, 6, 7, 8]])
    with torch.inference_mode():
        packed = model.model(
            input_ids=torch.from_numpy(rows.tokens),
            attention_mask=visible(rows),
            position_ids=torch.from_numpy(rows.position),
            use_cache=False,
        ).last_hidden_state[0, [0, 1, 2, 5, 6, 7]]
        single = model.model(input_ids=alone, use_cache=False).last_hidden_state[0]
    assert torch.allclose(packed, single, atol=1e-5)
