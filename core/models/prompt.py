"""Messages to token numbers: clean text, the chat template, and what fits the context.

It knows tokenizers and budgets. It deliberately does not know devices, weights or decoding.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import BadInput, ContextOverflow, ModelError
from core.messages import Message, Overflow

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MARK = "\u200b"
CHARS_PER_TOKEN = 32
ROOM = 16
PLAIN_NAMES = {"system": "System", "user": "User", "assistant": "Assistant", "tool": "Tool"}
PLAIN_STOP = "\nUser:"
TOO_LONG = "Shorten the message, start a new chat, or connect a model with a longer context."
CHOOSE = "Drop the oldest turns, have them summarised, or start a new chat."


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes into the model, how many tokens the answer may have, and what was left out."""

    tokens: list[int]
    max_tokens: int
    notices: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Return text that can be encoded: surrogate pairs joined, lone ones replaced, no NUL."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("\0", "")


def cleaned(messages: Sequence[Message]) -> list[Message]:
    """Return the messages with clean text; refuse a conversation that asks nothing."""
    kept = [replace(message, content=clean(message.content)) for message in messages]
    if not any(message.content.strip() for message in kept if message.role != "system"):
        raise BadInput("The prompt is empty.", "Write a question first.")
    return kept


def oldest_turn(messages: Sequence[Message]) -> slice | None:
    """Return where the oldest question and its answer stand; None when nothing else is left."""
    start = next((i for i, message in enumerate(messages) if message.role != "system"), 0)
    later = (i for i in range(start + 1, len(messages)) if messages[i].role == "user")
    end = next(later, None)
    return None if end is None else slice(start, end)


def left_out(count: int) -> str:
    """Return the notice that old messages were not sent to the model."""
    what = "The oldest message was" if count == 1 else f"The {count} oldest messages were"
    return f"{what} left out: the chat outgrew the model's context."


class Prompter:
    """Builds prompts for one tokenizer and one context length."""

    def __init__(
        self,
        tokenizer: "PreTrainedTokenizerBase",
        context: int,
        overflow: Overflow = "drop",
    ) -> None:
        self._tokenizer = tokenizer
        self._context = context
        self._overflow = overflow
        self.plain = not getattr(tokenizer, "chat_template", None)
        self._special = sorted(
            (t for t in tokenizer.all_special_tokens if len(t) > 1), key=len, reverse=True
        )

    def build(
        self, messages: Sequence[Message], max_tokens: int, overflow: Overflow = ""
    ) -> Prompt:
        """Return the tokens of the conversation, fitted to the context."""
        drops = (overflow or self._overflow) == "drop"
        answer = min(max_tokens, ROOM)
        turns = cleaned(messages)
        costs = [self._cost(message.content) for message in turns]
        given = len(turns)
        # First by an estimate, so that huge prompts are never rendered whole, then exactly.
        while sum(costs) + answer > self._context:
            cut = self._oldest(turns, sum(costs), drops)
            del turns[cut], costs[cut]
        tokens = self.encode(turns)
        while len(tokens) + answer > self._context:
            del turns[self._oldest(turns, len(tokens), drops)]
            tokens = self.encode(turns)
        dropped = given - len(turns)
        room = self._context - len(tokens)
        notices = [left_out(dropped)] if dropped else []
        if max_tokens > room:
            notices.append(
                f"The answer may have {room:,} tokens instead of {max_tokens:,}: the context "
                f"holds {self._context:,} and the prompt takes {len(tokens):,}."
            )
        return Prompt(tokens, min(max_tokens, room), tuple(notices))

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of the conversation up to where the answer begins."""
        text = self._plain(messages) if self.plain else self._templated(messages)
        add = self.plain
        return list(self._tokenizer(text, add_special_tokens=add)["input_ids"])

    def raw(self, text: str) -> list[int]:
        """Return the tokens of a text by itself, without a template or special tokens."""
        return list(self._tokenizer(clean(text), add_special_tokens=False)["input_ids"])

    def count(self, text: str) -> int:
        """Count the tokens of a text by itself."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _cost(self, text: str) -> int:
        # No tokenizer packs that many characters into a token, so longer text cannot fit and
        # counting its tokens would only take time.
        if len(text) > self._context * CHARS_PER_TOKEN:
            return len(text) // 4
        return self.count(text)

    def _oldest(self, messages: list[Message], tokens: int, drops: bool) -> slice:
        """Return where the oldest turn stands, up to the next question; refuse if it may not go."""
        end = oldest_turn(messages)
        if not drops or end is None:
            raise ContextOverflow(
                f"The prompt has about {tokens:,} tokens; the model's context holds "
                f"{self._context:,}, the answer included.",
                TOO_LONG if end is None else CHOOSE,
            )
        return end

    def _templated(self, messages: Sequence[Message]) -> str:
        from jinja2 import TemplateError

        turns = [{"role": m.role, "content": self._neutral(m.content)} for m in messages]
        try:
            return self._render(turns)
        except TemplateError:
            pass
        try:
            return self._render(_folded(turns))
        except TemplateError as error:
            raise ModelError(
                f"The model's chat template refuses this conversation: {error}",
                "Start a new chat, or use a model whose template takes system and tool turns.",
            ) from error

    def _render(self, turns: list[dict[str, str]]) -> str:
        text = self._tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return str(text)

    def _neutral(self, text: str) -> str:
        """Keep text that spells a control token from becoming one."""
        for token in self._special:
            text = text.replace(token, token[0] + MARK + token[1:])
        return text

    def _plain(self, messages: Sequence[Message]) -> str:
        turns = [f"{PLAIN_NAMES[m.role]}: {self._neutral(m.content)}" for m in messages]
        return "\n".join([*turns, f"{PLAIN_NAMES['assistant']}:"])


def _folded(turns: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rewrite for strict templates: system text into the first user turn, tool as user."""
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    folded: list[dict[str, str]] = []
    for turn in turns:
        role = "user" if turn["role"] == "tool" else turn["role"]
        if role == "system":
            continue
        if folded and folded[-1]["role"] == role:
            folded[-1] = {"role": role, "content": f"{folded[-1]['content']}\n\n{turn['content']}"}
        else:
            folded.append({"role": role, "content": turn["content"]})
    if system and folded:
        folded[0] = {**folded[0], "content": f"{system}\n\n{folded[0]['content']}"}
    return folded
