"""From tokens to text as it arrives: whole characters only, stop strings, loops.

Everything here is linear in the number of tokens. It knows a `decode` function and token
numbers; it deliberately does not know torch or any model.
"""

from collections.abc import Callable, Collection, Sequence

from core.messages import Finish

Decode = Callable[[Sequence[int]], str]

LOOPED = "The model began to repeat itself, so the answer was ended."
BROKEN = "\ufffd"
WINDOW = 16
KEPT = 4
LONGEST = 64
PERIODS = 64
REPEATS = 4
REPEATED = 48
EVERY = 8


class Detokenizer:
    """Turns token numbers into text pieces and never lets go of half a character.

    Only a short window of tokens is decoded at each step. What a window ends with may be
    the first bytes of a character (shown as U+FFFD), so it is held until it is whole.
    """

    def __init__(self, decode: Decode) -> None:
        self._decode = decode
        self._window: list[int] = []
        self._shown = 0

    def push(self, token: int) -> str:
        """Take one token and return the text that has become certain."""
        self._window.append(token)
        text = self._decode(self._window)
        certain = len(text) - _held(text)
        piece = text[self._shown : certain]
        self._shown = max(self._shown, certain)
        whole = certain == len(text)
        if (whole and len(self._window) >= WINDOW) or len(self._window) >= LONGEST:
            self._slide()
        return piece

    def flush(self) -> str:
        """Return what was still held."""
        text = self._decode(self._window) if self._window else ""
        piece, self._shown = text[self._shown :], len(text)
        return piece

    def _slide(self) -> None:
        self._window = self._window[-KEPT:]
        text = self._decode(self._window)
        self._shown = len(text) - _held(text)


def _held(text: str) -> int:
    """Count the trailing replacement characters that may yet become a character."""
    return min(len(text) - len(text.rstrip(BROKEN)), 3)


class StopStrings:
    """Cuts text at the first stop string, holding back what may become one."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max((len(stop) for stop in self._stops), default=0)
        self._held = ""
        self.met = False

    def push(self, piece: str) -> str:
        """Take a piece and return what may be shown of it."""
        if not self._stops or self.met:
            return "" if self.met else piece
        text = self._held + piece
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.met, self._held = True, ""
            return text[: min(found)]
        keep = self._maybe(text)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """Return what was held back and turned out to be no stop string."""
        text, self._held = self._held, ""
        return text

    def _maybe(self, text: str) -> int:
        """Return the length of the longest end of the text that begins a stop string."""
        for size in range(min(self._longest - 1, len(text)), 0, -1):
            tail = text[-size:]
            if any(stop.startswith(tail) for stop in self._stops):
                return size
        return 0


class LoopGuard:
    """Notices when the same run of tokens comes again and again."""

    def __init__(self) -> None:
        self._tokens: list[int] = []

    def push(self, token: int) -> bool:
        """Take one token and say whether the answer has begun to loop."""
        self._tokens.append(token)
        if len(self._tokens) < REPEATED or len(self._tokens) % EVERY:
            return False
        self._tokens = self._tokens[-PERIODS * REPEATS - EVERY :]
        return any(self._repeats(period) for period in range(1, PERIODS + 1))

    def _repeats(self, period: int) -> bool:
        times = max(REPEATS, -(-REPEATED // period))
        span = period * times
        if span > len(self._tokens) or self._tokens[-1] != self._tokens[-1 - period]:
            return False
        tail = self._tokens[-span:]
        return tail[period:] == tail[:-period]


class Writer:
    """Writes one answer from its tokens and knows when it has ended, and how."""

    def __init__(
        self, decode: Decode, ends: Collection[int], stops: Sequence[str], guard: bool = True
    ) -> None:
        self._text = Detokenizer(decode)
        self._stops = StopStrings(stops)
        self._guard = LoopGuard() if guard else None
        self._ends = ends
        self.finish: Finish | None = None
        self.tokens: list[int] = []

    def push(self, token: int) -> str:
        """Take one token and return the text to show; `finish` is set when it was the last."""
        self.tokens.append(token)
        if token in self._ends:
            self.finish = "stop"
            return ""
        piece = self._stops.push(self._text.push(token))
        if self._stops.met:
            self.finish = "stop"
        elif self._guard is not None and self._guard.push(token):
            self.finish = "loop"
        return piece

    def flush(self) -> str:
        """Return the text that was held back until the end."""
        return self._stops.push(self._text.flush()) + self._stops.flush()
