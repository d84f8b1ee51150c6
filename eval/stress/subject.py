"""The model of a stress run: as it answers in the product, with its failures left as they are.

It uses the product's own loading, template, decoding and flash tier. A mode is what keeps the
conversation between turns. It knows no limit and no scenario.
"""

import gc
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import StateError
from core.memory.arithmetic import shape
from core.memory.held import Held
from core.memory.kept import Tiers
from core.memory.tier import Tier
from core.messages import Message, Params, Stop
from core.models import decoding
from core.models.keeping import Keeper
from core.models.local import Local
from core.models.prompt import cleaned, oldest_turn
from core.settings import Settings
from eval.stress.keepers import Fresh, Noted, Plain
from eval.stress.plan import CONTROL

WARM_TOKENS = decoding.PIECE
WARM_ANSWER = 16
PARTS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, in tokens, and what it took."""

    tokens: tuple[int, ...]
    text: str
    prompt_tokens: int
    reused_tokens: int
    first_token_s: float | None
    total_s: float
    notices: tuple[str, ...]


class Subject(Local):
    """A model in this process that keeps conversations in the way of a mode."""

    def __init__(self, folder: Path, settings: Settings, bundled: bool, mode: str) -> None:
        self._mode = mode
        super().__init__(folder, settings, bundled, guard_loops=False)

    def say(self, messages: Sequence[Message], limit: int, session: str) -> Said:
        """Answer greedily; what the allocator or the flash tier raises comes through."""
        since, first = time.perf_counter(), None
        prompt = self._prompter.build(messages, limit, "refuse")
        written: list[int] = []
        notices: list[str] = []
        reused: list[int] = []
        params = Params(max_tokens=limit, session=session)
        with closing(self._tokens(prompt, written, params, Stop(), notices, reused)) as tokens:
            for token in tokens:
                first = first if first is not None else time.perf_counter() - since
                if token in self._ends:
                    break
                written.append(token)
        return Said(
            tuple(written),
            self._decode(written),
            len(prompt.tokens),
            reused[-1],
            first,
            time.perf_counter() - since,
            tuple(notices),
        )

    def recomputed(self, messages: Sequence[Message]) -> float:
        """Return the seconds to the first token when the whole conversation is read anew."""
        since = time.perf_counter()
        tokens = self._prompter.build(messages, 1, "refuse").tokens
        held = Plain(self._config).open(tokens)
        next(decoding.tokens(self._model, tokens, decoding.Picker(Params()), 1, Stop(), held))
        return time.perf_counter() - since

    def read_back(self, messages: Sequence[Message]) -> None:
        """Read starts of a stored conversation, of several lengths, so that reading is timed."""
        tokens = self._prompter.build(messages, 1, "refuse").tokens
        for share in PARTS:
            self._noted.abandon(self._noted.open(tokens[: int(len(tokens) * share)], "timing"))

    def warm(self) -> None:
        """Have everything allocated that any answer needs, before a limit stands."""
        context = self._card.context_length or WARM_TOKENS
        prompt = [5 + n % 50 for n in range(min(WARM_TOKENS, context // 2))]
        held = Plain(self._config).open(prompt)
        for _ in decoding.tokens(
            self._model, prompt, decoding.Picker(Params()), WARM_ANSWER, Stop(), held
        ):
            pass
        if self.tier:
            # Its thread is there before the limit is.
            self.tier.flush()
        del held
        gc.collect()

    def fitted(self, messages: list[Message], window: int, answer: int) -> int:
        """Drop the oldest turns until the rest fits a window of tokens; return how many went."""
        dropped = 0
        while len(self._prompter.encode(cleaned(messages))) + answer > window:
            cut = oldest_turn(messages)
            if cut is None:
                break
            del messages[cut]
            dropped += 1
        return dropped

    def forget(self) -> None:
        """Give back what is kept of every session; what is on flash stays."""
        self._noted.drop()

    def cap(self, most: int) -> None:
        """Have the counted bytes of plain caches fail beyond this number."""
        if isinstance(self._noted.keeper, Plain):
            self._noted.keeper.most = most

    def tiers(self) -> Tiers:
        """Return where the keys and values of all sessions lie now."""
        return self._noted.memory().tiers

    @property
    def tier(self) -> Tier | None:
        """Return the flash tier, in the mode that has one."""
        keeper = self._noted.keeper
        return keeper if isinstance(keeper, Tier) else None

    @property
    def reached(self) -> int | None:
        """Return how many tokens had been read when the last pass failed."""
        return self._noted.reached

    @property
    def bytes_per_token(self) -> int:
        """Return what a token adds, by the model's config."""
        return shape(self._config.to_dict()).per_token(self._device.dtype)

    def facts(self) -> dict[str, Any]:
        """Return what is written down of the model."""
        card = self.card()
        return {
            "name": card.name,
            "dtype": card.dtype,
            "device": card.device,
            "context_length": card.context_length,
            "parameters": card.parameters,
            "files_hash": card.files_hash,
            "bytes_per_token": self.bytes_per_token,
        }

    @property
    def _config(self) -> Any:  # noqa: ANN401  transformers types it by model
        return self._model.config

    @property
    def _noted(self) -> Noted:
        assert isinstance(self._prefix, Noted)
        return self._prefix

    def _open_keeper(self) -> Keeper:
        if self._mode != "flash":
            return Noted(Fresh(self._config) if self._mode == "recompute" else Plain(self._config))
        keeper = super()._open_keeper()
        if not isinstance(keeper, Tier):
            raise StateError(" ".join(self._notices) or "The flash tier did not open.")
        return Noted(keeper)

    def _keep(self, held: Held) -> None:
        # Nothing is given up because the machine is full: that is what is measured.
        self._prefix.close(held)

    def _recover(self, error: Exception) -> None:
        raise error


def is_limited(lane: str) -> bool:
    """Say whether the lane runs under the budget."""
    return lane != CONTROL
