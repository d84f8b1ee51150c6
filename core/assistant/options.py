"""What a visitor may change about an answer, and what a text must be to be answered.

It knows the limits and says them in words. It does not know models.
"""

from dataclasses import dataclass
from typing import get_args

from core.assistant.way import DEFAULT, Way
from core.errors import BadInput, TooLarge
from core.messages import Overflow, Params

MAX_CHARACTERS = 400_000
MOST_TOKENS = 65_536
OVERFLOWS: tuple[Overflow, ...] = get_args(Overflow)
TITLE = 60


@dataclass(frozen=True, slots=True)
class Options:
    """What a visitor may change about an answer."""

    system: str = ""
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    way: Way = DEFAULT
    overflow: Overflow = ""

    def params(self, longest: int) -> Params:
        """Check the values and return them as generation parameters."""
        self.way.check()
        wrong = self.faults()
        if wrong:
            raise BadInput(" ".join(wrong.values()), "Change the value and send again.")
        return Params(
            max_tokens=self.max_tokens or longest,
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=self.stop,
            overflow=self.overflow,
        )

    def faults(self, most: int = MOST_TOKENS) -> dict[str, str]:
        """Return what is wrong, by the name of the value, each in words."""
        wrong: dict[str, str] = {}
        if not 0 <= self.temperature <= 2:
            wrong["temperature"] = (
                f"Temperature is {self.temperature:g}; it must be between 0 and 2."
            )
        if not 0 < self.top_p <= 1:
            wrong["top_p"] = f"Top-p is {self.top_p:g}; it must be above 0 and at most 1."
        if self.max_tokens is not None and not 1 <= self.max_tokens <= most:
            limit = "at least 1" if self.max_tokens < 1 else f"at most {most:,}"
            told = f"The longest answer is {self.max_tokens:,} tokens; it must be {limit}."
            wrong["max_tokens"] = told
        if self.seed is not None and not 0 <= self.seed < 2**63:
            wrong["seed"] = f"The seed is {self.seed}; it must be between 0 and 2^63 − 1."
        if self.overflow not in OVERFLOWS:
            wrong["overflow"] = f"{self.overflow!r} is no choice; use refuse, drop or summarise."
        return wrong


def check_text(text: str, empty: bool = False) -> None:
    """Refuse a text that cannot be answered, in words."""
    if not empty and not clean(text).strip():
        raise BadInput("The message is empty.", "Write a question first.")
    if len(text) > MAX_CHARACTERS:
        raise TooLarge(
            f"The message has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.",
            "Send a shorter one.",
        )


def titled(text: str) -> str:
    """Return the title of a chat that begins with this question."""
    title = " ".join(text.split())
    return title if len(title) <= TITLE else f"{title[:TITLE]}…"


def clean(text: str) -> str:
    """Return the text without lone surrogates and control characters."""
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(c for c in whole if c in "\n\t\r" or (ord(c) >= 32 and ord(c) != 127))
