"""An answer while it is written, alone or beside others: what came so far, and what is being done.

It takes the events of an answer one by one. It asks nothing and stores nothing.
"""

import time
from collections.abc import Callable, Sequence

from core.assistant.comparison import Began, Kept, Turn
from core.assistant.sessions import Event, Started
from core.assistant.way import Way
from core.messages import Delta
from core.present.numbers import THIN
from core.records import ChatMessage
from core.seams import Step
from pages import _compared, _trace, _turns

Loading = Callable[[], str]


class Growing:
    """The answer that is being written."""

    def __init__(self, chat_id: str | None, first: str = _trace.WAITING) -> None:
        self.chat_id = chat_id
        self.asked: ChatMessage | None = None
        self.words = ""
        self._step = first
        self._since = time.monotonic()

    @property
    def ways(self) -> Sequence[Way]:
        """Return the ways that are compared; none for a single answer."""
        return ()

    def take(self, event: Event | Turn) -> None:
        """Add what arrived."""
        if isinstance(event, Started):
            self.asked, self.chat_id = event.user, event.chat.id
        elif isinstance(event, Delta):
            self.words += event.text
        elif isinstance(event, Step):
            self._step = _trace.doing(event) or self._step

    def begin(self, first: str) -> None:
        """Begin another answer, which does this first."""
        self.words, self._step = "", first
        self._since = time.monotonic()

    def doing(self, loading: Loading) -> str:
        """Return what is being done: searching, reading and writing each have words of their own.

        `loading` says that the model is not there yet, or nothing.
        """
        so_far = f"{int(time.monotonic() - self._since)}{THIN}s so far"
        if self.words:
            return f"Writing, {so_far}"
        return loading() or f"{self._step}, {so_far}"

    def shown(self, loading: Loading, links: bool) -> str:
        """Return it as HTML."""
        return _turns.growing(self.words, self.doing(loading), 0, links)


class GrowingSides(Growing):
    """Answers side by side: those that are there, the one being written, those that wait."""

    def __init__(self, ways: Sequence[Way], first: Callable[[Way], str]) -> None:
        super().__init__(None, first(ways[0]))
        self._ways = tuple(ways)
        self._kept: dict[int, ChatMessage] = {}
        self._now = 0
        self._first_of = first

    @property
    def ways(self) -> Sequence[Way]:
        """Return the ways that are compared."""
        return self._ways

    def take(self, event: Event | Turn) -> None:
        """Add what arrived, in the column it belongs to."""
        super().take(event)
        if isinstance(event, Began):
            self._now = event.n
            self.begin(self._first_of(self._ways[event.n]))
        elif isinstance(event, Kept):
            self._kept[event.n] = event.message

    def shown(self, loading: Loading, links: bool) -> str:
        """Return every column as HTML."""
        now = "" if self._now in self._kept else super().shown(loading, links)
        return _compared.sides(self._ways, self._kept, links, growing={self._now: now})
