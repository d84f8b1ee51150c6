"""Training in stretches that can be killed and resumed. It knows steps, learning rates and
checkpoints; it deliberately does not know what is learned or how good it is.

    python -m core.bundled train --preset cpu --work FOLDER --stretch NAME
"""

import json
import os
import signal
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType

import numpy as np
import torch

from core.bundled.config import Config, Stretch
from core.bundled.induction import plant
from core.bundled.model import build, parameters_of, targets, weighted_loss
from core.bundled.shards import Mixture
from core.bundled.tokenizer import ASSISTANT, END, GLUED, QUESTION, SYSTEM, USER, load_tokenizer

KEPT = ("model", "muon", "adamw")


def circuit_tokens(folder: Path) -> tuple[list[int], list[int], list[int]]:
    """Return the ids of chunk markers, of what opens a part that is no chunk, of common words."""
    tokenizer = load_tokenizer(folder)
    markers = [tokenizer.token_to_id(f"[{n}]") for n in range(1, 5)]
    openers = [tokenizer.token_to_id(name) for name in (USER, QUESTION, ASSISTANT, SYSTEM, END)]
    common = [
        i
        for i in range(tokenizer.get_vocab_size())
        if not (word := tokenizer.decode([i]).strip(" _\n")).isalpha() or word.lower() in GLUED
    ]
    return [i for i in markers if i is not None], [i for i in openers if i is not None], common


class Trainer:
    """One stretch of training over the shards of a working folder."""

    def __init__(self, config: Config, stretch: Stretch, work: Path) -> None:
        self.config, self.stretch, self.work = config, stretch, work
        self.schedule = config.train
        self.model = build(config.model, config.seed)
        plant(self.model, config.model, config.seed, *circuit_tokens(work / "tokenizer"))
        self.model.to(torch.device(self.schedule.device))  # type: ignore[arg-type]
        self.model.train()
        hidden, rest = parameters_of(self.model)
        self.muon = torch.optim.Muon(
            hidden,
            lr=self.schedule.muon_lr,
            weight_decay=self.schedule.weight_decay,
            adjust_lr_fn="match_rms_adamw",
        )
        self.adamw = torch.optim.AdamW(
            rest, lr=self.schedule.adamw_lr, betas=(0.9, 0.95), weight_decay=0.0
        )
        self.mixture = Mixture(
            work / "shards", stretch.mixture, stretch.filler, stretch.row, config.seed
        )
        self.step, self.tokens, self.total, self.stopping = 0, 0, 0, False

    @property
    def checkpoint(self) -> Path:
        """Return the file that this stretch resumes from."""
        return self.work / "checkpoints" / f"{self.stretch.name}.pt"

    def start(self, after: Path | None) -> None:
        """Resume this stretch, or begin it with the weights of a checkpoint or a model folder."""
        if self.checkpoint.exists():
            self._load(self.checkpoint, whole=True)
        elif after is not None and after.is_dir():
            self._load_weights(after)
        elif after is not None:
            self._load(after, whole=False)

    def rate(self) -> float:
        """Return the learning rate's factor: warm up, hold, then fall to zero."""
        warm = min(1.0, (self.step + 1) / max(1, self.schedule.warmup_steps))
        falling = self.stretch.tokens * self.stretch.decay
        left = max(0.0, self.stretch.tokens - self.tokens)
        return self.stretch.lr * warm * min(1.0, left / falling if falling else 1.0)

    def threads(self) -> int:
        """Return one thread on a crowded machine: threads that wait for each other lose there."""
        return 1 if os.getloadavg()[0] > self.schedule.crowded else self.schedule.threads

    def run(self) -> None:
        """Train to the end of the stretch, or until a signal asks to stop."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        saved = time.monotonic()
        while self.tokens < self.stretch.tokens and not self.stopping:
            self._log(self.take_step())
            if time.monotonic() - saved > self.schedule.checkpoint_seconds:
                self.save()
                saved = time.monotonic()
        self.save()

    def take_step(self) -> dict[str, float]:
        """Take one step over several micro-batches and return what it measured."""
        began, factor = time.monotonic(), self.rate()
        torch.set_num_threads(self.threads())
        self.muon.zero_grad(set_to_none=True)
        self.adamw.zero_grad(set_to_none=True)
        count = max(1, self.schedule.micro_tokens // self.stretch.row)
        rng = np.random.default_rng([self.config.seed, self.total])
        weight, used, answers = 0.0, 0, []
        while used < self.schedule.step_tokens * 0.8:
            rows = self.mixture.rows(count)
            chosen = targets(rows, self.schedule, rng)
            loss, each = weighted_loss(self.model, rows, chosen, self.schedule.device)
            loss.backward()
            weight += float(chosen[2].sum())
            used += rows.used
            answers.append(each[torch.from_numpy(chosen[2] == 1.0)])
        self._update(factor, weight)
        self.step, self.tokens, self.total = self.step + 1, self.tokens + used, self.total + used
        return {
            "loss": float(torch.cat(answers).mean()),
            "rate": factor,
            "answers": float(sum(len(a) for a in answers)),
            "seconds": time.monotonic() - began,
            "used": used,
        }

    def save(self) -> None:
        """Write the checkpoint so that a kill at any moment leaves a whole one."""
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        state = {
            **{name: getattr(self, name).state_dict() for name in KEPT},
            "step": self.step,
            "tokens": self.tokens,
            "total": self.total,
            "mixture": self.mixture.state(),
            "stretch": asdict(self.stretch),
        }
        part = self.checkpoint.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.checkpoint)

    def _update(self, factor: float, weight: float) -> None:
        """Scale and clip the gradients and move the weights."""
        hidden, rest = parameters_of(self.model)
        for parameter in hidden + rest:
            if parameter.grad is not None:
                parameter.grad /= max(weight, 1.0)
        torch.nn.utils.clip_grad_norm_(hidden + rest, self.schedule.clip)
        for optimizer, peak in (
            (self.muon, self.schedule.muon_lr),
            (self.adamw, self.schedule.adamw_lr),
        ):
            for group in optimizer.param_groups:
                group["lr"] = peak * factor
            optimizer.step()

    def _load(self, path: Path, whole: bool) -> None:
        """Read a checkpoint; `whole` also takes its place within the stretch."""
        state = torch.load(path, map_location=self.schedule.device, weights_only=False)
        for name in KEPT:
            getattr(self, name).load_state_dict(state[name])
        self.total = state["total"]
        if whole:
            self.step, self.tokens = state["step"], state["tokens"]
        same = state["stretch"]["mixture"] == self.stretch.mixture
        self.mixture.restore(state["mixture"], whole and same)

    def _load_weights(self, folder: Path) -> None:
        """Take the weights of a model folder; its curve tells how far it was."""
        from safetensors.torch import load_model

        load_model(self.model, folder / "model.safetensors")
        lines = (self.work / "curve.jsonl").read_text().splitlines()
        self.total = int(json.loads(lines[-1])["total"]) if lines else 0

    def _log(self, measured: dict[str, float]) -> None:
        """Append one line to the curve of this working folder."""
        line = {
            "stretch": self.stretch.name,
            "step": self.step,
            "tokens": self.tokens,
            "total": self.total,
            **{key: round(value, 5) for key, value in measured.items()},
        }
        with (self.work / "curve.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """Remember that the process was asked to end."""
        self.stopping = True
