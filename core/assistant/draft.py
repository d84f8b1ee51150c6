"""An answer as it grows, and the form in which it is kept and sent.

It knows what is shown under an answer. It does not store anything.
"""

from collections.abc import Sequence
from typing import Any

from core.assistant.way import Way
from core.documents import Evidence, Mark
from core.errors import PlumblineError
from core.messages import Delta, ModelCard, PageStop, Stop, Usage
from core.seams import Answer, Step


class Draft:
    """An answer as it grows, so that whatever came is kept however it ends."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self.pieces: list[str] = []
        self.steps: list[Step] = []
        self.answer: Answer | None = None
        self.error: PlumblineError | None = None

    def take(self, item: Step | Delta | Answer) -> None:
        """Add what arrived."""
        if isinstance(item, Delta):
            self.pieces.append(item.text)
        elif isinstance(item, Step):
            self.steps.append(item)
        else:
            self.answer = item

    @property
    def text(self) -> str:
        """Return the words so far."""
        return self.answer.text if self.answer else "".join(self.pieces)

    def details(self, card: ModelCard | None, way: Way) -> dict[str, Any]:
        """Return what is shown under the answer."""
        usage = self.answer.usage[-1] if self.answer and self.answer.usage else None
        told: dict[str, Any] = {
            "model": card.name if card else None,
            "kind": card.kind if card else None,
            "method": way.method,
            "corpus": way.corpus,
            "finish": self._finish(usage),
            **_costs(self.answer.usage if self.answer else ()),
            "notices": list(self.answer.notices) if self.answer else [],
            "quote": self.answer.quote if self.answer else "",
            "evidence": shown_all(self.answer.evidence) if self.answer else [],
            "marks": marks_told(self.answer.marks) if self.answer else [],
            "steps": [told_of(step) for step in self.steps],
            "reasoning": self.answer.reasoning if self.answer else "",
            "reason": self.answer.reason if self.answer else "",
            "prompts": list(self.answer.prompts) if self.answer else [],
            "left_out": list(self.answer.left_out) if self.answer else [],
        }
        if self.error:
            told["error"] = {
                "message": self.error.message,
                "hint": self.error.hint,
                "code": self.error.code,
                "retryable": self.error.retryable,
            }
        return told

    def _finish(self, usage: Usage | None) -> str:
        """Return how it ended, telling a page that was left from a stop that was pressed."""
        finish = usage.finish if usage else "error" if self.error else "stopped"
        left = isinstance(self._stop, PageStop) and self._stop.left
        return "left" if left and finish == "stopped" else finish


def shown_all(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Return evidence as it is stored and sent, numbered as it is cited."""
    return [shown(n, each) for n, each in enumerate(evidence, 1)]


def shown(n: int, evidence: Evidence) -> dict[str, Any]:
    """Return a piece of evidence as it is stored and sent."""
    chunk = evidence.chunk
    return {
        "n": n,
        "path": chunk.path,
        "first_line": chunk.start,
        "last_line": chunk.end,
        "symbol": chunk.symbol,
        "span": list(chunk.span),
        "text": chunk.text,
        "score": evidence.score,
        "found_by": list(evidence.found_by),
    }


def marks_told(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Return the marks of an answer's sentences as they are stored and sent."""
    return [
        {
            "text": mark.text,
            "start": mark.start,
            "end": mark.end,
            "mark": mark.mark,
            "score": None if mark.score is None else round(mark.score, 4),
            "chunks": list(mark.chunks),
            "lines": list(mark.lines),
        }
        for mark in marks
    ]


def told_of(step: Step) -> dict[str, Any]:
    """Return a step as it is stored and sent; what it has not is left out."""
    told: dict[str, Any] = {"kind": step.kind, "text": step.text, "seconds": step.seconds}
    if step.tool:
        told["tool"] = step.tool
    if step.tool or step.given:
        told["given"] = step.given
    if not step.ok:
        told["ok"] = False
    if step.usage:
        told |= {"tokens_in": step.usage.tokens_in, "tokens_out": step.usage.tokens_out}
    return told


def _costs(usages: Sequence[Usage]) -> dict[str, Any]:
    """Return what all model calls cost together; speed and reuse are those of the last."""
    last = usages[-1] if usages else None
    return {
        **{name: _sum(usages, name) for name in ("tokens_in", "tokens_out", "total_s")},
        "first_token_s": usages[0].first_token_s if usages else None,
        "tokens_reused": last.tokens_reused if last else None,
        "tokens_per_s": last.tokens_per_s if last else None,
    }


def _sum(usages: Sequence[Usage], name: str) -> Any:  # noqa: ANN401
    values = [getattr(usage, name) for usage in usages]
    return None if not values or None in values else sum(values)
