"""A lane over an OpenAI-style server: the same turns, with what can be seen from outside.

First token, gaps between pieces, errors; that the server drops old turns shows when it reports
fewer tokens read than the conversation had before. Its memory is not seen.
"""

import hashlib
import statistics
import time
from pathlib import Path
from typing import Any

from core.documents import approximate_tokens
from core.errors import ContextOverflow, PlumblineError
from core.messages import Delta, Message, Params, Stop, Usage
from core.models.endpoint import Endpoint
from core.settings import load
from core.store.flock import is_held
from eval.stress.scenario import Scenario
from eval.stress.script import Step, steps
from eval.stress.telling import Told, named, tell

POLL_S = 0.1
# Templates may add or take some tokens between two turns.
SLACK = 8


class Served:
    """A server, and what was said so far in every session."""

    def __init__(self, told: Told) -> None:
        self._scenario = Scenario.model_validate(told["scenario"])
        self._slow: float = told["slow_s"]
        self._pause = Path(told["pause"])
        flags = {"model": "endpoint", "inference_url": told["url"], "model_name": told["model"]}
        secrets = Path(told["secrets"]) if told["secrets"] else None
        named_ones = {name: text for name, text in flags.items() if text}
        self._model = Endpoint(load({**told["settings"], **named_ones}, env_file=secrets))
        self._said: dict[int, list[Message]] = {}
        self._read: dict[int, int] = {}
        self._hashes: dict[int, Any] = {}
        self._has_lost = False

    def run(self) -> int:
        """Ask every turn; return 0 where all were answered."""
        self._model.probe()
        card = self._model.card()
        todo = [*steps(self._scenario, approximate_tokens)]
        model = {"name": card.name, "context_length": card.context_length, "device": "server"}
        tell("lane", limit="none", turns=len(todo), model=model)
        for step in todo:
            while is_held(self._pause):
                time.sleep(POLL_S)
            tell("asking", **_place(step))
            try:
                self._turn(step)
            except ContextOverflow as error:
                tell("failure", kind="context", **named(error), **_place(step))
                return 1
            except PlumblineError as error:
                tell("failure", kind="error", **named(error), **_place(step))
                return 1
        tell("lane_end")
        return 0

    def _turn(self, step: Step) -> None:
        messages = self._said.setdefault(step.session, [])
        messages.append(Message("user", step.text))
        text, usage, gaps = self._answer(messages, step.answer)
        messages.append(Message("assistant", text))
        if step.is_alone:
            self._said.pop(step.session)
        needle = self._scenario.needle
        recalled = bool(needle and needle.is_in(text))
        tell(
            "turn",
            **_place(step),
            prompt_tokens=usage.tokens_in,
            reused_tokens=usage.tokens_reused,
            written_tokens=usage.tokens_out,
            first_token_s=usage.first_token_s,
            total_s=usage.total_s,
            tokens_per_s=usage.tokens_per_s,
            gap_s=statistics.median(gaps) if gaps else None,
            answer=text,
            asked=step.text[-200:],
            digest=self._digest(step.session, text),
            needle=("recalled" if recalled else "lost") if step.is_needle else None,
            slow=usage.total_s > self._slow,
        )
        for words in usage.notices:
            tell("notice", text=words)
        self._judge(step, usage)

    def _answer(self, messages: list[Message], most: int) -> tuple[str, Usage, list[float]]:
        pieces: list[str] = []
        gaps: list[float] = []
        last = None
        for piece in self._model.stream(messages, Params(max_tokens=most), Stop()):
            if isinstance(piece, Delta):
                moment = time.perf_counter()
                gaps += [] if last is None else [moment - last]
                last = moment
                pieces.append(piece.text)
            else:
                return "".join(pieces), piece, gaps
        raise AssertionError("A stream ends with its usage.")

    def _judge(self, step: Step, usage: Usage) -> None:
        """Tell of a slow turn, and of turns that the server left out."""
        if usage.total_s > self._slow:
            words = f"The turn took {usage.total_s:.1f} s, more than {self._slow:g} s."
            tell("failure", kind="slow", type="slow", message=words, **_place(step))
        before, now = self._read.get(step.session), usage.tokens_in
        if now is None or step.is_alone:
            return
        if before is not None and now + SLACK < before and not self._has_lost:
            self._has_lost = True
            words = f"The server read {now:,} tokens after {before:,} in the turn before."
            place = {**_place(step), "token": now}
            tell("failure", kind="truncation", type="truncated", message=words, **place)
        self._read[step.session] = now

    def _digest(self, session: int, text: str) -> str:
        so_far = self._hashes.setdefault(session, hashlib.sha256())
        so_far.update(f"{text}\0".encode())
        return so_far.copy().hexdigest()


def _place(step: Step) -> Told:
    return {"session": step.session, "turn": step.turn}
