"""The two ways an answer is told: Plumbline's, and OpenAI's chat completions.

It knows field names and event order. It does not run or store anything.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from core.assistant.draft import marks_told, shown, shown_all, told_of
from core.assistant.figures import weighed
from core.assistant.sessions import Finished, Started
from core.assistant.support import citations
from core.assistant.way import Way
from core.messages import Delta, Finish, ModelCard, Usage
from core.seams import Answer, Step
from core.server.answers import data, event
from core.server.rows import chat_row, message_row

_FINISH: dict[Finish, str] = {"length": "length", "loop": "length"}
_DIAGNOSED = ("reasoning", "reason", "prompts", "left_out", "usage", "latency")
Card = Callable[[], ModelCard | None]
Noted = Callable[[Sequence[Usage]], None]


class Plain:
    """Plumbline's own shape; serves answers alone and answers within a kept chat."""

    def __init__(self, card: Card, noted: Noted, request_id: str, before: int = 0) -> None:
        self._card = card
        self._noted = noted
        self._request_id = request_id
        self._characters = before
        self._began = time.perf_counter()
        self._first: float | None = None
        self._done: dict[str, Any] = {}

    def whole(self, items: list[Any]) -> dict[str, Any]:
        """Return the document of a finished answer."""
        for item in items:
            for _ in self.events(item):
                continue
        return self._done

    def events(self, item: Any) -> Iterator[bytes]:  # noqa: ANN401
        """Return the events that tell one item."""
        if isinstance(item, Delta):
            self._first = self._first or time.perf_counter() - self._began
            yield event("delta", {"text": item.text})
        elif isinstance(item, Step):
            yield event("step", told_of(item))
            if item.evidence:
                yield event("evidence", {"evidence": shown_all(item.evidence)})
        elif isinstance(item, Started):
            told = {"chat": chat_row(item.chat), "message": message_row(item.user)}
            self._done = told
            yield event("start", told)
        else:
            answer = item.answer if isinstance(item, Finished) else item
            yield event("usage", usage_row(answer.usage))
            yield event("done", self._finish(item))

    def closing(self) -> bytes:
        """Return nothing: the done event was the last."""
        return b""

    def failed(self, problem: dict[str, Any]) -> bytes:
        """Return the event that ends a stream which did not go well."""
        return event("error", problem)

    def _finish(self, item: Answer | Finished) -> dict[str, Any]:
        answer = item.answer if isinstance(item, Finished) else item
        before = item.before if isinstance(item, Finished) else self._characters
        self._noted(answer.usage)
        self._done = {
            **self._done,
            "text": answer.text,
            "evidence": shown_all(answer.evidence),
            "marks": marks_told(answer.marks),
            "notices": list(answer.notices),
            "quote": answer.quote,
            "reasoning": answer.reasoning,
            "reason": answer.reason,
            "prompts": list(answer.prompts),
            "left_out": list(answer.left_out),
            "usage": usage_row(answer.usage),
            "latency": self._latency(answer.usage),
            "metrics": self._weighed(answer, before),
            "model": name_of(self._card()),
            "request_id": self._request_id,
        }
        if isinstance(item, Finished):
            self._done["answer"] = message_row(item.message)
        return self._done

    def _weighed(self, answer: Answer, before: int) -> dict[str, Any]:
        last = answer.usage[-1] if answer.usage else None
        read, written = (last.tokens_in, last.tokens_out) if last else (None, None)
        reused = last.tokens_reused if last else None
        return weighed(before + len(answer.text), read, written, self._card(), reused)

    def _latency(self, usages: Sequence[Usage]) -> dict[str, Any]:
        return {
            "engine_s": _total(usages, "total_s"),
            "first_token_s": usages[0].first_token_s if usages else None,
            "total_s": time.perf_counter() - self._began,
        }


class Grounded(Plain):
    """An answer with its contexts, what it cites and how it came about."""

    def __init__(
        self, card: Card, noted: Noted, request_id: str, way: Way, before: int = 0
    ) -> None:
        super().__init__(card, noted, request_id, before)
        self._way = way
        self._steps: list[dict[str, Any]] = []

    def events(self, item: Any) -> Iterator[bytes]:  # noqa: ANN401
        """Return the events that tell one item."""
        if isinstance(item, Step):
            self._steps.append(told_of(item))
        yield from super().events(item)

    def _finish(self, item: Answer | Finished) -> dict[str, Any]:
        told = super()._finish(item)
        answer = item.answer if isinstance(item, Finished) else item
        contexts = told.pop("evidence")
        self._done = {
            "answer": told.pop("text"),
            "contexts": contexts,
            "citations": cited(answer),
            "diagnostics": {
                "method": self._way.method,
                "mode": self._way.retrieval,
                "corpus": self._way.corpus,
                "steps": self._steps,
                **{name: told.pop(name) for name in _DIAGNOSED},
            },
            **{name: value for name, value in told.items() if name != "answer"},
            **({"message": told["answer"]} if "answer" in told else {}),
        }
        return self._done


def cited(answer: Answer) -> list[dict[str, Any]]:
    """Return each place that an answer cites, with the sentences that stand on it and how well."""
    found: list[dict[str, Any]] = []
    for n in citations(answer.text, len(answer.evidence)):
        marks = [mark for mark in answer.marks if n in mark.chunks]
        scores = [mark.score for mark in marks if mark.score is not None]
        first = [list(mark.lines) for mark in marks if mark.chunks[0] == n]
        found.append(
            {
                **shown(n, answer.evidence[n - 1]),
                "support": max(scores, default=None),
                "lines": first[0] if first else None,
                "sentences": [[mark.start, mark.end] for mark in marks],
            }
        )
    return found


class Completion:
    """OpenAI's chat completion, whole or in chunks."""

    def __init__(self, card: Card, noted: Noted, include_usage: bool) -> None:
        self._card = card
        self._noted = noted
        self._include_usage = include_usage
        self._id = f"chatcmpl-{secrets.token_hex(12)}"
        self._created = int(time.time())
        self._opened = False

    def whole(self, items: list[Any]) -> dict[str, Any]:
        """Return the document of a finished answer."""
        answer = next(item for item in reversed(items) if isinstance(item, Answer))
        self._noted(answer.usage)
        message = {"role": "assistant", "content": answer.text, "refusal": None}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": _ending(answer),
        }
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": _openai_usage(answer.usage),
        }

    def events(self, item: Any) -> Iterable[bytes]:  # noqa: ANN401
        """Return the chunks that tell one item."""
        if isinstance(item, Delta):
            yield from self._open()
            yield self._chunk({"content": item.text}, None)
        elif isinstance(item, Answer):
            self._noted(item.usage)
            yield from self._open()
            yield self._chunk({}, _ending(item))
            if self._include_usage:
                head = self._head("chat.completion.chunk")
                yield data({**head, "choices": [], "usage": _openai_usage(item.usage)})

    def closing(self) -> bytes:
        """Return the mark that ends every stream."""
        return b"data: [DONE]\n\n"

    def failed(self, problem: dict[str, Any]) -> bytes:
        """Return the chunk that ends a stream which did not go well."""
        return data(problem)

    def _open(self) -> Iterator[bytes]:
        if not self._opened:
            self._opened = True
            yield self._chunk({"role": "assistant", "content": ""}, None)

    def _chunk(self, delta: dict[str, Any], finish: str | None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        told = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return data({**told, "usage": None} if self._include_usage else told)

    def _head(self, kind: str) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": name_of(self._card()),
        }


def name_of(card: ModelCard | None) -> str:
    """Return the name of what answers; quotes do while there is no model."""
    return card.name if card else "quote"


def usage_row(usages: Sequence[Usage]) -> dict[str, Any]:
    """Return what all model calls of an answer cost; None means not measured."""
    return {
        "tokens_in": _total(usages, "tokens_in"),
        "tokens_out": _total(usages, "tokens_out"),
        "tokens_reused": _total(usages, "tokens_reused"),
        "finish": usages[-1].finish if usages else None,
        "model_calls": len(usages),
    }


def _total(usages: Sequence[Usage], name: str) -> Any:  # noqa: ANN401
    values = [getattr(usage, name) for usage in usages]
    return None if not values or None in values else sum(values)


def _ending(answer: Answer) -> str:
    return _FINISH.get(answer.usage[-1].finish, "stop") if answer.usage else "stop"


def _openai_usage(usages: Sequence[Usage]) -> dict[str, Any] | None:
    read, written = _total(usages, "tokens_in"), _total(usages, "tokens_out")
    if read is None or written is None:
        return None
    reused = _total(usages, "tokens_reused")
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": None if reused is None else {"cached_tokens": reused},
    }
