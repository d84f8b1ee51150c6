"""A lane with a model in this process: it puts the limit on itself and asks turn after turn.

The first failure of memory ends it, after the exception's own words. It writes what happens, and
does not know who reads it.
"""

import hashlib
import json
import time
from array import array
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import ContextOverflow, PlumblineError
from core.messages import Message
from core.settings import Settings, load
from core.store.flock import is_held
from core.telemetry.sampler import Reading, Sampler
from eval.stress import limits
from eval.stress.scenario import Scenario
from eval.stress.script import Step, steps
from eval.stress.subject import Said, Subject, is_limited
from eval.stress.telling import Told, named, tell

# Of the budget: what the flash tier may hold in memory, and what a cut conversation may weigh.
# The rest is for working memory, which grows with the conversation too.
FLASH_SHARE, WINDOW_SHARE = 0.25, 0.4
MB = 1_000_000
POLL_S = 0.1
NO_MEMORY = 12
OUT_OF_MEMORY = ("can't allocate memory", "not enough memory", "out of memory", "bad_alloc")
# oneDNN has no other words for an allocation that failed.
UNSAID = ("could not create a primitive", "could not create a memory")
TALK = "conversation.json"


class Lane:
    """A model, a limit, and what was said so far in every session."""

    def __init__(self, told: Told) -> None:
        self._scenario = Scenario.model_validate(told["scenario"])
        self._name: str = told["lane"]
        self._talk = Path(told["data_dir"]) / TALK
        self._budget: int = told["budget_bytes"]
        self._slow: float = told["slow_s"]
        self._pause = Path(told["pause"])
        self._wanted: str = told["limit"]
        self._subject = Subject(
            Path(told["folder"]), _settings(told), told["bundled"], mode=self._name
        )
        self._said: dict[int, list[Message]] = {}
        self._hashes: dict[int, Any] = {}
        self._sampler = Sampler()
        self._limit = limits.Limit("none")
        self._window = int(self._budget * WINDOW_SHARE / self._subject.bytes_per_token)
        self._has_dropped = False

    def run(self) -> int:
        """Ask every turn; return 0 where all were answered."""
        self._subject.warm()
        todo = [*steps(self._scenario, self._subject.count)]
        self._sampler.read()
        if is_limited(self._name):
            kind = limits.choose(self._subject.device.device, self._wanted)
            self._limit = limits.stand(kind, self._budget)
            if self._limit.kind == "counted":
                self._subject.cap(self._budget)
        else:
            self._limit.base = limits.data_bytes()
        self._begin(len(todo))
        for step in todo:
            while is_held(self._pause):
                time.sleep(POLL_S)
            tell("asking", **self._place(step, None))
            if not self._turn(step):
                return 1
        self._end()
        return 0

    def _begin(self, turns: int) -> None:
        limit = self._limit
        tell(
            "lane",
            limit=limit.kind,
            base_bytes=limit.base,
            limit_bytes=limit.limit,
            turns=turns,
            model=self._subject.facts(),
            window=self._window if self._name == "truncate" else None,
        )
        for words in (limit.notice, *self._subject.card().notices):
            if words:
                tell("notice", text=words)

    def _turn(self, step: Step) -> bool:
        """Ask one turn; False where it could not be answered."""
        messages = self._said.setdefault(step.session, [])
        messages.append(Message("user", step.text))
        dropped = self._dropped(step, messages)
        try:
            said = self._subject.say(messages, step.answer, str(step.session))
        except ContextOverflow as error:
            tell("failure", kind="context", **named(error), **self._place(step, None))
            return False
        except (RuntimeError, MemoryError, OSError) as error:
            return self._failed(step, error)
        messages.append(Message("assistant", said.text))
        self._tell_turn(step, said, dropped)
        if step.is_alone:
            self._said.pop(step.session)
            self._subject.forget()
        return True

    def _dropped(self, step: Step, messages: list[Message]) -> int:
        if self._name != "truncate":
            return 0
        dropped = self._subject.fitted(messages, self._window, step.answer)
        if dropped and not self._has_dropped:
            self._has_dropped = True
            words = (
                f"The conversation outgrew {self._window:,} tokens: its oldest turns were left out."
            )
            place = self._place(step, self._window)
            tell("failure", kind="truncation", type="truncated", message=words, **place)
        return dropped

    def _failed(self, step: Step, error: Exception) -> bool:
        """Tell what failed, with the limit lifted so that there is room to tell it."""
        reading = _reading(self._sampler)
        self._limit.lift()
        token = self._subject.reached
        kind = "memory" if is_memory(error, self._limit.kind) else "error"
        tell("failure", kind=kind, **named(error), **self._place(step, token), **_memory(reading))
        return False

    def _place(self, step: Step, token: int | None) -> Told:
        return {"session": step.session, "turn": step.turn, "token": token}

    def _tell_turn(self, step: Step, said: Said, dropped: int) -> None:
        tiers, subject = self._subject.tiers(), self._subject
        length = said.prompt_tokens + len(said.tokens)
        needle = self._scenario.needle
        recalled = bool(needle and needle.is_in(said.text))
        rest = said.total_s - (said.first_token_s or 0.0)
        tell(
            "turn",
            session=step.session,
            turn=step.turn,
            prompt_tokens=said.prompt_tokens,
            reused_tokens=said.reused_tokens,
            written_tokens=len(said.tokens),
            first_token_s=said.first_token_s,
            total_s=said.total_s,
            tokens_per_s=(len(said.tokens) - 1) / rest if len(said.tokens) > 1 and rest else None,
            recompute_s=self._recomputed(step),
            kv_bytes=length * subject.bytes_per_token,
            ram_bytes=tiers.ram,
            vram_bytes=tiers.vram,
            flash_bytes=tiers.flash,
            **_memory(_reading(self._sampler)),
            asked=step.text if step.is_needle or step.turn == 1 else step.text[-200:],
            answer=said.text,
            digest=self._digest(step.session, said.tokens),
            needle=("recalled" if recalled else "lost") if step.is_needle else None,
            dropped=dropped,
            slow=said.total_s > self._slow,
        )
        for words in said.notices:
            tell("notice", text=words)
        if said.total_s > self._slow:
            words = (
                f"The turn took {said.total_s:.1f} s; more than {self._slow:g} s counts as slow."
            )
            place = self._place(step, length)
            tell("failure", kind="slow", type="slow", message=words, **place)

    def _recomputed(self, step: Step) -> float | None:
        if self._name != "control":
            return None
        # The question alone, as it stood before the answer.
        return self._subject.recomputed(self._said[step.session][:-1])

    def _digest(self, session: int, tokens: tuple[int, ...]) -> str:
        so_far = self._hashes.setdefault(session, hashlib.sha256())
        so_far.update(array("q", (*tokens, -1)).tobytes())
        return so_far.copy().hexdigest()

    def _end(self) -> None:
        self._limit.lift()
        tier = self._subject.tier
        if tier and 0 in self._said:
            talk = [[message.role, message.content] for message in self._said[0]]
            self._talk.write_text(json.dumps(talk), encoding="utf-8")
        # What is kept is written now, for whoever takes it up.
        self._subject.close()
        tell("lane_end", counters=dict(tier.counters.read()) if tier else {})

    def resume(self) -> int:
        """Take the first session up again, as after a restart, and time its first token."""
        if not self._talk.is_file():
            return 0
        self._subject.warm()
        talk = json.loads(self._talk.read_text(encoding="utf-8"))
        # Up to the last question, without its answer.
        messages = [Message(role, content) for role, content in talk][:-1]
        said = self._subject.say(messages, 1, "0")
        self._subject.read_back(messages)
        tier = self._subject.tier
        tell(
            "resumed",
            prompt_tokens=said.prompt_tokens,
            reused_tokens=said.reused_tokens,
            first_token_s=said.first_token_s or said.total_s,
            recompute_s=self._subject.recomputed(messages),
            break_even_tokens=tier.break_even() if tier else None,
        )
        return 0


def is_memory(error: Exception, kind: str) -> bool:
    """Say whether an exception means that there was no room."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == NO_MEMORY
    words = OUT_OF_MEMORY if kind == "none" else (*OUT_OF_MEMORY, *UNSAID)
    return any(each in str(error) for each in words)


def _settings(told: Told) -> Settings:
    flash = told["lane"] == "flash"
    ram = max(1, int(told["budget_bytes"] * FLASH_SHARE / MB))
    flags = {
        "data_dir": told["data_dir"],
        "kv_tier": "flash" if flash else "off",
        "kv_ram_mb": str(ram),
    }
    dtype = told["scenario"]["dtype"]
    own = told["settings"]
    if dtype and own.get("dtype", "auto") == "auto":
        flags["dtype"] = dtype
    return load({**own, **flags}, env_file=None)


def _reading(sampler: Sampler) -> Reading | None:
    # Where not even that fits any more, there is none.
    with suppress(MemoryError, OSError, PlumblineError):
        return sampler.read()
    return None


def _memory(reading: Reading | None) -> Told:
    names = ("anonymous_bytes", "file_bytes", "data_bytes")
    return {name: getattr(reading, name, None) for name in names}
