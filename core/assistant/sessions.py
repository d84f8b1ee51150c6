"""Conversations: a question is stored, answered, and the answer stored with what it cost.

It knows the order in which things become durable and who may touch which chat. It does not know
HTTP or the page, and it never chooses a model: it asks the catalog.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from core import seams
from core.assistant.answering import NO_KIT, build
from core.assistant.draft import Draft
from core.assistant.findings import Corpora, Findings
from core.assistant.methods.quote import Quote
from core.assistant.options import Options, check_text, clean, titled
from core.assistant.overflow import Summary, known, summarising
from core.assistant.scorer import BY_WORDS
from core.assistant.toolbox import Kit
from core.assistant.way import Way
from core.errors import BadInput, Busy, ModelError, PlumblineError
from core.messages import Delta, Message, ModelCard, Stop
from core.records import Chat, ChatMessage
from core.retrieval.handbook import Handbook
from core.seams import Answer, Answerer, Step, SupportScorer
from core.settings import Settings
from core.store.chats import Chats
from core.store.connection import Store


@dataclass(frozen=True, slots=True)
class Started:
    """The question is stored; the answer begins."""

    chat: Chat
    user: ChatMessage


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is stored; `before` counts the characters of the turns it answers."""

    message: ChatMessage
    answer: Answer
    before: int


Event = Started | Step | Delta | Finished


class Source(Protocol):
    """Where a generator comes from; None means that no language model can be used."""

    def generator(self, wait: float = 60) -> seams.Generator | None:
        """Return the active generator, waiting while it loads."""
        ...


class Sessions:
    """The one way to have a conversation, for the page and for the API alike."""

    def __init__(
        self,
        settings: Settings,
        chats: Chats,
        source: Source,
        quote: Quote,
        yielding: Callable[[], AbstractContextManager[object]] = nullcontext,
        findings: Findings | None = None,
        kit: Kit = NO_KIT,
        support: SupportScorer = BY_WORDS,
        forget: Callable[[str], object] = str,
    ) -> None:
        self._settings = settings
        self._chats = chats
        self._source = source
        self._quote = quote
        self._yielding = yielding
        self._findings = findings
        self._kit = kit
        self._support = support
        self._forget = forget
        self._answering: set[str] = set()
        self._guard = threading.Lock()

    @property
    def kit(self) -> Kit:
        """Return what agents may use, and where their runs are kept."""
        return self._kit

    @property
    def support(self) -> SupportScorer:
        """Return what says whether evidence supports an answer."""
        return self._support

    @classmethod
    def over(
        cls,
        settings: Settings,
        store: Store,
        chats: Chats,
        source: Source,
        corpora: Corpora,
        yielding: Callable[[], AbstractContextManager[object]] = nullcontext,
        support: SupportScorer = BY_WORDS,
        forget: Callable[[str], object] = str,
    ) -> "Sessions":
        """Return sessions that search these corpora and our own documentation."""
        findings = Findings(corpora, Handbook())
        quote = Quote(findings.quotable, lambda: findings.searched, support)
        kit = Kit.of(settings, store, findings.search)
        return cls(settings, chats, source, quote, yielding, findings, kit, support, forget)

    def answerer(self, way: Way) -> Answerer:
        """Return what answers this way now; without a model, quotes do."""
        generator = self._source.generator()
        if generator is None:
            return self._quote
        missing = self._settings.missing_names
        return build(way, generator, self._findings, self._kit, self._support, missing)

    def complete(
        self, messages: Sequence[Message], options: Options, stop: Stop
    ) -> Iterator[Step | Delta | Answer]:
        """Answer a conversation that the caller keeps."""
        options.params(self._settings.max_tokens)
        turns = self._turns(messages, options.system)
        yield from self._run(self.answerer(options.way), turns, options, stop)

    def send(
        self, owner: str, chat_id: str | None, text: str, options: Options, stop: Stop
    ) -> Iterator[Event]:
        """Add a question to a chat, or to a new one, and answer it."""
        check_text(text)
        options.params(self._settings.max_tokens)
        chat = (
            self._chats.get(owner, chat_id) if chat_id else self._chats.create(owner, titled(text))
        )
        with self.alone(chat.id):
            user = self._chats.append(owner, chat.id, "user", text)
            yield Started(chat, user)
            yield from self._reply(owner, chat.id, user.position, options, stop)

    def retry(self, owner: str, chat_id: str, options: Options, stop: Stop) -> Iterator[Event]:
        """Answer the last question again; the old answer stays until the new one is there."""
        options.params(self._settings.max_tokens)
        chat = self._chats.get(owner, chat_id)
        with self.alone(chat_id):
            asked = [m for m in self._chats.messages(owner, chat_id) if m.role == "user"]
            if not asked:
                raise BadInput("This chat has no question to answer again.", "Ask one first.")
            yield Started(chat, asked[-1])
            yield from self._reply(owner, chat_id, asked[-1].position, options, stop)

    def edit(
        self, owner: str, chat_id: str, position: int, text: str, options: Options, stop: Stop
    ) -> Iterator[Event]:
        """Replace a question; it and what followed give way to the new question and its answer."""
        check_text(text)
        options.params(self._settings.max_tokens)
        chat = self._chats.get(owner, chat_id)
        with self.alone(chat_id):
            old = [m for m in self._chats.messages(owner, chat_id) if m.position == position]
            if not old or old[0].role != "user":
                raise BadInput(f"Message {position} is not a question of this chat.", "Reload it.")
            user = self._chats.replace(owner, chat_id, position, "user", text)
            yield Started(chat, user)
            yield from self._reply(owner, chat_id, user.position, options, stop)

    def delete(self, owner: str, chat_id: str) -> None:
        """Delete a chat, and what a model kept of it in memory and on flash."""
        self._chats.delete(owner, chat_id)
        self._forget(chat_id)

    def _turns(self, messages: Sequence[Message], system: str) -> list[Message]:
        if not messages:
            raise BadInput("There is no message to answer.", "Send at least one message.")
        for message in messages:
            check_text(message.content, empty=message is not messages[-1])
        lead = [Message("system", system)] if system.strip() else []
        return [*lead, *(Message(m.role, clean(m.content)) for m in messages)]

    def _reply(
        self, owner: str, chat_id: str, asked: int, options: Options, stop: Stop
    ) -> Iterator[Event]:
        draft = Draft(stop)
        card: ModelCard | None = None
        try:
            answerer = self.answerer(options.way)
            card = answerer.card()
            told = [m for m in self._chats.messages(owner, chat_id) if m.position <= asked]
            turns = self._turns(_history(told), options.system)
            with closing(self._run(answerer, turns, options, stop, chat_id, known(told))) as run:
                for item in run:
                    draft.take(item)
                    self.own(item, owner, chat_id)
                    if not isinstance(item, Answer):
                        yield item
        except PlumblineError as error:
            draft.error = error
            self._keep(owner, chat_id, asked, draft, card, options.way)
            raise
        except GeneratorExit:
            stop.set()
            self._keep(owner, chat_id, asked, draft, card, options.way)
            raise
        message = self._keep(owner, chat_id, asked, draft, card, options.way)
        if draft.answer is None or message is None:
            raise ModelError("The answer ended without a result.", "Ask again.")
        before = sum(len(turn.content) for turn in turns if turn.role != "system")
        yield Finished(message, draft.answer, before)

    def _run(
        self,
        answerer: Answerer,
        turns: list[Message],
        options: Options,
        stop: Stop,
        chat_id: str = "",
        earlier: Summary | None = None,
    ) -> Generator[Step | Delta | Answer, None, None]:
        params = options.params(self._settings.max_tokens)
        overflow = options.overflow or self._settings.overflow
        params = replace(params, overflow=overflow, session=chat_id)
        with self._yielding():
            if params.overflow == "summarise":
                model = self._source.generator()
                yield from summarising(answerer, model, turns, params, stop, earlier)
            else:
                yield from answerer.answer(turns, params, stop)

    def _keep(
        self,
        owner: str,
        chat_id: str,
        asked: int,
        draft: Draft,
        card: ModelCard | None,
        way: Way,
    ) -> ChatMessage | None:
        """Store the answer, whole or partial; an old answer gives way only to words."""
        old = [m for m in self._chats.messages(owner, chat_id) if m.position > asked]
        if old and not draft.text and draft.answer is None:
            return None
        told = draft.details(card, way)
        return self._chats.replace(owner, chat_id, asked + 1, "assistant", draft.text, told)

    def own(self, item: object, owner: str, chat_id: str) -> None:
        """Note whose an agent's run is, so that it goes with its chat."""
        if isinstance(item, Step) and item.kind == "thread" and self._kit.threads is not None:
            self._kit.threads.own(item.text, owner, chat_id)

    def is_answering(self, chat_id: str) -> bool:
        """Say whether an answer is being written in a chat, on whatever page."""
        with self._guard:
            return chat_id in self._answering

    @contextmanager
    def alone(self, chat_id: str) -> Iterator[None]:
        """Hold a chat while it is answered; whoever else asks in it is told so."""
        with self._guard:
            if chat_id in self._answering:
                raise Busy("This chat is still answering.", "Stop that answer or wait for it.")
            self._answering.add(chat_id)
        try:
            yield
        finally:
            with self._guard:
                self._answering.discard(chat_id)


def _history(messages: Sequence[ChatMessage]) -> list[Message]:
    """Return the turns up to a question, leaving out questions that got no answer.

    Of answers side by side the first counts, since models read turns in alternation.
    """
    turns: list[Message] = []
    for message in messages:
        if message.role == "assistant" and not message.content:
            turns = turns[:-1]
        elif message.role != "assistant" or (turns and turns[-1].role == "user"):
            turns.append(Message(message.role, message.content))
    return turns
