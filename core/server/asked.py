"""What callers send to have something answered: the bodies of the chat routes.

It knows fields, limits and the two dialects (ours and OpenAI's) and turns both into messages and
options. It does not answer.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from core.assistant.options import MAX_CHARACTERS, MOST_TOKENS, Options
from core.assistant.way import (
    DEFAULT,
    METHODS,
    MOST_EXAMPLES,
    MOST_PASSAGES,
    SHAPES,
    Method,
    Shape,
    Way,
)
from core.errors import BadInput
from core.messages import Message, Overflow
from core.records import FeedbackKind
from core.retrieval.found import MODES, Mode
from core.settings import Settings

MOST_MESSAGES = 1_000
_SURROGATE = re.compile("[\ud800-\udfff]")


def _whole(value: object) -> object:
    """Replace lone surrogates, which are no text and cannot be encoded."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_whole)]
Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
TopP = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
Longest = Annotated[int, Field(ge=1, le=MOST_TOKENS)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
Passages = Annotated[int, Field(ge=1, le=MOST_PASSAGES)]
Examples = Annotated[int, Field(ge=0, le=MOST_EXAMPLES)]
Stops = Annotated[list[Text], Field(max_length=4)]


class Turn(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: Text


class How(BaseModel):
    """How to answer; every field may be left out."""

    model_config = ConfigDict(extra="forbid")

    method: Method = Field(DEFAULT.method, description=f"One of {', '.join(METHODS)}.")
    corpus: Text = Field("", description="What is searched; blank: the default corpus.")
    mode: Mode = Field(
        DEFAULT.retrieval,
        validation_alias=AliasChoices("mode", "retrieval"),
        description=f"How it is searched: {', '.join(MODES)}.",
    )
    top_k: Passages = Field(DEFAULT.top_k, description="How many passages are searched for.")
    examples: Examples = Field(0, description="Worked examples that cot is shown.")
    shape: Shape = Field(DEFAULT.shape, description=f"How an agent works: {', '.join(SHAPES)}.")
    system: Text = Field("", description="Instruction that goes before the conversation.")
    temperature: Temperature = Field(0.0, description="0 is repeatable; higher is freer.")
    top_p: TopP = Field(1.0, description="Share of likely words to choose from.")
    max_tokens: Longest | None = Field(None, description="Longest answer; blank: MAX_TOKENS.")
    seed: Seed | None = Field(None, description="Makes sampling repeatable.")
    stop: Stops = Field(default=[], description="Texts that end the answer.")
    overflow: Overflow = Field(
        "", description="A chat too long for the model: refuse, drop or summarise; blank: OVERFLOW."
    )
    stream: bool = Field(False, description="Send server-sent events instead of one document.")

    def options(self, settings: Settings) -> Options:
        """Return the options, within what strangers may ask for."""
        check_length(self.max_tokens, settings)
        return Options(
            system=self.system,
            temperature=self.temperature,
            top_p=self.top_p,
            max_tokens=self.max_tokens,
            seed=self.seed,
            stop=tuple(self.stop),
            overflow=self.overflow,
            way=Way(self.method, self.corpus, self.mode, self.top_k, self.examples, self.shape),
        )


class ChatRequest(How):
    """A conversation the caller keeps: `messages`, or `prompt` for a single question.

    With `session_id` the prompt is a question within a chat that Plumbline keeps.
    """

    messages: list[Turn] | None = Field(None, min_length=1, max_length=MOST_MESSAGES)
    prompt: Text | None = None
    session_id: Text | None = Field(None, description="A kept chat that the prompt belongs to.")

    @model_validator(mode="after")
    def _one_of_both(self) -> "ChatRequest":
        if (self.messages is None) == (self.prompt is None):
            raise ValueError("Send either messages or prompt.")
        if self.session_id is not None and self.prompt is None:
            raise ValueError("A kept chat has its messages; send only the next prompt.")
        return self

    def conversation(self) -> list[Message]:
        """Return the messages to answer."""
        if self.messages is None:
            return [Message("user", self.prompt or "")]
        return [Message(turn.role, turn.content) for turn in self.messages]


class QueryRequest(How):
    """A question over a corpus; with `session_id` it is kept in that chat."""

    question: Text = Field(validation_alias=AliasChoices("question", "message"))
    session_id: Text | None = Field(None, description="A kept chat that the question belongs to.")


class FeedbackRequest(BaseModel):
    """What a visitor did with an answer; `text` is the answer as it was edited."""

    model_config = ConfigDict(extra="forbid")

    kind: FeedbackKind
    comment: Annotated[Text, Field(max_length=4_000)] = ""
    text: Annotated[Text, Field(max_length=MAX_CHARACTERS)] = ""

    @model_validator(mode="after")
    def _edited_text(self) -> "FeedbackRequest":
        if (self.kind == "edited") != bool(self.text.strip()):
            raise ValueError("Send the new text with `edited`, and with nothing else.")
        if self.text and self.comment:
            raise ValueError("An edited answer takes no comment.")
        return self

    @property
    def words(self) -> str:
        """Return what is kept: the new text of an answer, else the comment."""
        return self.text or self.comment


class MessageRequest(How):
    """A question in a chat that Plumbline keeps."""

    text: Text


class TitleRequest(BaseModel):
    """A chat's title."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Text, Field(min_length=1, max_length=200)]


class NewChatRequest(BaseModel):
    """A new chat; the title may be left out."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[Text, Field(min_length=1, max_length=200)] = "New chat"


class OpenAIPart(BaseModel):
    """One part of a message's content; only text is understood."""

    type: Literal["text"]
    text: Text


class OpenAITurn(BaseModel):
    """One message as OpenAI's clients send it."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | list[OpenAIPart] | None = None

    def message(self) -> Message:
        """Return it as one of our messages."""
        content = self.content or ""
        text = content if isinstance(content, str) else "".join(part.text for part in content)
        return Message("system" if self.role == "developer" else self.role, text)


class StreamOptions(BaseModel):
    """What a stream should tell besides the words."""

    include_usage: bool = False


class OpenAIRequest(BaseModel):
    """A chat completion as OpenAI's clients ask for it; unknown fields are let pass."""

    model: Text = "auto"
    messages: Annotated[list[OpenAITurn], Field(min_length=1, max_length=MOST_MESSAGES)]
    temperature: Temperature | None = None
    top_p: TopP | None = None
    max_tokens: Longest | None = None
    max_completion_tokens: Longest | None = None
    seed: Seed | None = None
    stop: Text | Stops | None = None
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    tools: list[Any] | None = None
    logprobs: bool | None = None
    response_format: dict[str, Any] | None = None

    def conversation(self) -> list[Message]:
        """Return the messages to answer."""
        self._refuse_what_is_missing()
        return [turn.message() for turn in self.messages]

    def options(self, settings: Settings) -> Options:
        """Return the options, within what strangers may ask for."""
        longest = self.max_completion_tokens or self.max_tokens
        check_length(longest, settings)
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return Options(
            temperature=self.temperature or 0.0,
            top_p=1.0 if self.top_p is None else self.top_p,
            max_tokens=longest,
            seed=self.seed,
            stop=tuple(stop),
        )

    def _refuse_what_is_missing(self) -> None:
        kind = (self.response_format or {}).get("type", "text")
        asked = {"tools": self.tools, "logprobs": self.logprobs, "response_format": kind != "text"}
        missing = [name for name, wanted in asked.items() if wanted]
        if missing:
            raise BadInput(f"{', '.join(missing)} cannot be used here.", "Leave it out.")


def check_length(longest: int | None, settings: Settings) -> None:
    """Refuse answers longer than a public server gives to strangers."""
    if settings.public and longest is not None and longest > settings.max_tokens:
        raise BadInput(
            f"max_tokens is {longest}; on this public server at most {settings.max_tokens}.",
            "Ask for fewer.",
        )
