"""A short training: the loss falls, and a checkpoint resumes to the same loss."""

import json
from pathlib import Path

import pytest
import torch

from core.bundled.config import Config
from core.bundled.train import Trainer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(smoke: Config, work: Path) -> Trainer:
    trainer = Trainer(smoke, smoke.stretch("smoke"), work)
    trainer.start(None)
    trainer.run()
    return trainer


def _curve(work: Path, name: str) -> list[float]:
    lines = [json.loads(line) for line in (work / "curve.jsonl").read_text().splitlines()]
    return [line[name] for line in lines if line["stretch"] == "smoke"]


def test_the_loss_falls(trained: Trainer, work: Path) -> None:
    losses = _curve(work, "loss")
    first, last = sum(losses[:5]) / 5, sum(losses[-5:]) / 5
    assert last < 0.9 * first


def test_the_rate_warms_up_and_decays_to_zero(trained: Trainer, work: Path) -> None:
    rates = _curve(work, "rate")
    assert rates[0] < rates[4] == max(rates) == 1.0
    assert rates[-1] < 0.15


def test_a_checkpoint_resumes_to_the_same_loss(trained: Trainer, smoke: Config, work: Path) -> None:
    trained.stretch = smoke.stretch("smoke")
    going_on = [trained.take_step() for _ in range(3)]
    again = Trainer(smoke, smoke.stretch("smoke"), work)
    again.start(None)
    resumed = [again.take_step() for _ in range(3)]
    assert [a["loss"] for a in going_on] == pytest.approx([b["loss"] for b in resumed], abs=1e-6)


def test_a_new_stretch_begins_with_earlier_weights(
    trained: Trainer, smoke: Config, work: Path
) -> None:
    following = Trainer(smoke, smoke.stretch("more"), work)
    following.start(trained.checkpoint)
    saved = torch.load(trained.checkpoint, weights_only=False)
    assert following.tokens == 0
    assert following.total == saved["total"] > 0
    assert torch.equal(following.model.lm_head.weight, saved["model"]["lm_head.weight"])
    assert following.mixture.drawn["qa-short"] == saved["mixture"]["drawn"]["qa-short"] > 0
