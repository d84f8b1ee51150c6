"""What happens in Chat: a question is asked, stopped, asked again, changed; a chat is opened.

It turns the events of `Sessions` into what the components show. It stores nothing itself and
knows nothing of layout.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import gradio as gr

from core.assistant.comparison import compare, ways_of
from core.assistant.draft import shown_all
from core.assistant.figures import figures
from core.assistant.options import Options
from core.assistant.sessions import Started
from core.assistant.way import Way
from core.errors import BadInput, NotFound, PlumblineError
from core.messages import Overflow
from core.present.numbers import THIN
from core.seams import Step
from core.services import Services
from pages import _chats, _compared, _evidence, _html, _starters, _trace, _turns, _weights
from pages._growing import Growing, GrowingSides
from pages._options import ASKED, Drawer, Value
from pages._page import Shell
from pages._stream import Ask, Batch, Running

Updates = dict[Any, Any]
LISTED = 100
MOST_LISTED = 100_000


@dataclass(frozen=True)
class Parts:
    """The components a conversation writes to."""

    chats: gr.HTML
    log: gr.HTML
    live: gr.HTML
    evidence: gr.HTML
    ask: gr.Textbox
    send: gr.Button
    stop: gr.Button
    chat: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Return every component, as an event's outputs."""
        return [getattr(self, field.name) for field in fields(self)]


class Conversation:
    """The behaviour of the Chat tab, for every visitor at once."""

    def __init__(self, services: Services, shell: Shell, parts: Parts, drawer: Drawer) -> None:
        self._services = services
        self._shell = shell
        self._parts = parts
        self._drawer = drawer
        self._running = Running()
        self._listed: dict[str, int] = {}
        self._fitting: dict[str, Overflow] = {}
        self._links = not services.settings.kiosk

    def open(self, request: gr.Request) -> Updates:
        """Show what the address asks for when the page opens."""
        try:
            owner = self._shell.owner(request)
            self._listed.pop(owner, None)
            return self._show(owner, self._shell.link(request).chat)
        except PlumblineError as error:
            return {self._parts.log: _html.failure(error), self._parts.chats: ""}

    def send(self, request: gr.Request, words: str, chat: str, *values: Value) -> Iterator[Updates]:
        """Ask what was typed."""
        yield from self._asking(
            request, chat or None, words, values, {"kind": "send", "text": words}
        )

    def ask(
        self, request: gr.Request, event: gr.EventData, chat: str, *values: Value
    ) -> Iterator[Updates]:
        """Ask from the conversation itself: a starter, an edit, or the last question again."""
        asked = dict(event._data or {})
        typed = str(asked.get("text") or "") if asked.get("kind") == "compare" else ""
        yield from self._asking(request, chat or None, typed, values, asked)

    def stop(self, request: gr.Request) -> Updates:
        """End the answer of this page."""
        self._running.stop(str(request.session_hash))
        return gr.skip()

    def leave(self, request: gr.Request) -> None:
        """End the answer of a page that was closed."""
        self._running.leave(str(request.session_hash))

    def strip(self) -> str:
        """Return the questions a booth offers under a conversation."""
        return _starters.strip(self._services.catalog.state.card, self._services.library.default)

    def weighed(self, request: gr.Request, chat: str) -> str:
        """Return what the open chat weighs; nothing where none is open."""
        if not chat:
            return ""
        services = self._services
        try:
            messages = services.chats.messages(self._shell.owner(request), chat)
        except PlumblineError:
            return ""
        if not messages:
            return ""
        telemetry, card = services.telemetry, services.catalog.state.card
        memory = telemetry.memory(chat) or telemetry.silence()
        return _weights.line(len(messages), figures(messages, card), memory, telemetry.server())

    def greet(self, request: gr.Request, chat: str) -> str | Updates:
        """Return the welcome again once it is known what answers."""
        # A chat that the address names may still be on its way to this page.
        named = chat or self._shell.link(request).chat
        if named or self._running.busy(str(request.session_hash)):
            return gr.skip()
        return self._framed("", self._welcome())

    def act(self, request: gr.Request, event: gr.EventData, chat: str) -> Updates:
        """Open, begin, rename or delete a chat, or show or judge an answer."""
        asked = dict(event._data or {})
        try:
            owner, page = self._shell.owner(request), str(request.session_hash)
            shown = self._chosen(owner, page, chat, asked) or self._looked(owner, chat, asked)
        except PlumblineError as error:
            return {self._parts.live: _html.failure(error)}
        return shown or {self._parts.live: gr.skip()}

    def _chosen(self, owner: str, page: str, chat: str, asked: dict[str, Any]) -> Updates:
        """Do what is asked of the list of chats; nothing where that is not it."""
        kind, chosen = asked.get("kind"), str(asked.get("id") or "")
        if kind in ("open", "new"):
            self._running.leave(page)
            return self._show(owner, chosen if kind == "open" else None)
        if kind == "more" and str(asked.get("count")).isdigit():
            self._listed[owner] = min(int(asked["count"]), MOST_LISTED)
            return {self._parts.chats: self._list(owner, chat)}
        if kind == "rename":
            self._services.chats.rename(owner, chosen, str(asked.get("text") or "").strip())
            mine = self._running.busy(page)
            return {self._parts.chats: self._list(owner, chat), **self._log(owner, chat, mine)}
        if kind == "delete":
            if chosen == chat:
                self._running.leave(page)
            self._services.sessions.delete(owner, chosen)
            return self._show(owner, None if chosen == chat else chat)
        return {}

    def _looked(self, owner: str, chat: str, asked: dict[str, Any]) -> Updates:
        """Do what is asked of the chat that is open."""
        kind = asked.get("kind")
        if kind == "feedback" and chat:
            self._thought(owner, chat, asked)
            return self._log(owner, chat) if asked.get("what") == "edited" else {}
        if kind == "look" and chat:
            return {self._parts.evidence: self._evidence(owner, chat, {}), **self._log(owner, chat)}
        if kind == "evidence" and chat:
            return {self._parts.evidence: self._evidence(owner, chat, asked)}
        return {}

    def _asking(
        self,
        request: gr.Request,
        chat: str | None,
        typed: str,
        values: tuple[Value, ...],
        asked: dict[str, Any],
    ) -> Iterator[Updates]:
        parts, session = self._parts, str(request.session_hash)
        if asked.get("anew"):
            self._running.leave(session)
        if self._running.busy(session):
            yield {parts.ask: typed or gr.skip()}
            return
        try:
            owner = self._shell.owner(request)
            options = self._drawer.read(*values)
            ask = self._request(owner, chat, options, asked)
            growing = self._growing(chat, options.way, asked)
        except PlumblineError as error:
            yield {parts.live: _html.failure(error), parts.ask: typed}
            return
        busy = {parts.send: gr.update(visible=False), parts.stop: gr.update(visible=True)}
        yield {**busy, parts.ask: "", parts.live: growing.shown(self._loading, self._links)}
        done = False
        for batch in self._running.run(session, ask):
            done = batch.done
            yield self._batch(owner, batch, growing, typed)
        if self._running.busy(session):
            yield {parts.live: gr.skip()}
            return
        free = {parts.send: gr.update(visible=True), parts.stop: gr.update(visible=False)}
        # A page that has moved on shows another chat now; only the growing answer is taken away.
        yield free if done else {**free, parts.live: ""}

    def _request(
        self, owner: str, chat: str | None, options: Options, asked: dict[str, Any]
    ) -> Ask:
        """Return the call on `Sessions` that a click or a sent text means."""
        sessions, kind = self._services.sessions, asked.get("kind")
        options = self._fitted(chat, options, asked)
        words = str(asked.get("text") or "")
        if kind == "compare":
            ways = _compared.ways(asked.get("ways") or [], options.way)
            chats = self._services.chats
            return lambda stop: compare(sessions, chats, owner, words, options, ways, stop)
        # A comparison is one question; what is asked in it otherwise begins a chat.
        if asked.get("anew") or (chat and ways_of(self._services.chats.messages(owner, chat))):
            chat = None
        if kind in ("send", "starter"):
            return lambda stop: sessions.send(owner, chat, words, options, stop)
        if kind == "retry" and chat:
            return lambda stop: sessions.retry(owner, chat, options, stop)
        if kind == "edit" and chat and str(asked.get("position")).isdigit():
            position = int(asked["position"])
            return lambda stop: sessions.edit(owner, chat, position, words, options, stop)
        raise BadInput("That cannot be asked here.", "Reload the page and try again.")

    def _fitted(self, chat: str | None, options: Options, asked: dict[str, Any]) -> Options:
        """Return options with what was chosen for a chat that outgrew what the model reads."""
        if chat and asked.get("overflow") in ("drop", "summarise"):
            self._fitting[chat] = asked["overflow"]
        if options.overflow != ASKED or not chat:
            return options
        return replace(options, overflow=self._fitting.get(chat, ASKED))

    def _growing(self, chat: str | None, way: Way, asked: dict[str, Any]) -> Growing:
        """Return what shows the answer, or the answers side by side, while they are written."""
        if asked.get("kind") == "compare":
            ways = _compared.ways(asked.get("ways") or [], way)
            return GrowingSides(ways, self._first)
        return Growing(chat, self._first(way))

    def _first(self, way: Way) -> str:
        """Return what this way does first, the corpus by its title."""
        library = self._services.library
        corpus = way.corpus or library.default
        title = (library.get(corpus).title or corpus) if corpus else ""
        return _trace.first(way, title)

    def _batch(self, owner: str, batch: Batch, growing: Growing, typed: str) -> Updates:
        updates: Updates = {}
        for event in batch.events:
            growing.take(event)
            if isinstance(event, Started):
                updates |= self._begun(owner, event)
            elif isinstance(event, Step) and event.evidence:
                updates[self._parts.evidence] = _evidence.found(shown_all(event.evidence))
        if batch.error:
            updates |= self._failed(owner, batch.error, growing, typed)
        elif batch.done and growing.chat_id:
            updates |= self._show(owner, growing.chat_id)
        elif not batch.done and self._parts.live not in updates:
            updates[self._parts.live] = growing.shown(self._loading, self._links)
        return updates or {self._parts.live: gr.skip()}

    def _begun(self, owner: str, event: Started) -> Updates:
        """Show the question at once, the answer growing under it."""
        messages = self._services.chats.messages(owner, event.chat.id)
        kept = [m for m in messages if m.position <= event.user.position]
        ways = ways_of(kept)
        if ways:
            inner = _compared.heading(event.chat, kept[0], len(ways))
        else:
            inner = _turns.heading(event.chat, kept)
            inner += _turns.turns(kept, self._links, frozen=True)
        return {
            self._parts.log: self._framed(event.chat.id, inner, ways),
            # What an earlier answer stands on stays in sight until something is found for this one.
            **({self._parts.evidence: _evidence.panel([])} if ways else {}),
            self._parts.chats: self._list(owner, event.chat.id),
            self._parts.chat: event.chat.id,
        }

    def _failed(self, owner: str, error: PlumblineError, growing: Growing, typed: str) -> Updates:
        """Show what was kept and what went wrong; give the words back if nothing was kept."""
        if growing.asked is None:
            return {self._parts.live: _html.failure(error), self._parts.ask: typed}
        shown = self._show(owner, growing.chat_id)
        messages = self._services.chats.messages(owner, str(growing.chat_id))
        if not messages or not messages[-1].details.get("error"):
            again = '<button type="button" class="button" data-act="retry">Ask again</button>'
            shown[self._parts.live] = _html.failure(error, again)
        return shown

    def _loading(self) -> str:
        """Return that the model is still being loaded; nothing once it is there."""
        state = self._services.catalog.state
        if state.phase not in ("choosing", "loading"):
            return ""
        waited = (datetime.now(UTC) - state.since).total_seconds()
        return f"Loading the model, {max(0, int(waited))}{THIN}s so far"

    def _show(self, owner: str, chat_id: str | None) -> Updates:
        """Return everything the page shows for a chat, or for none."""
        try:
            log = self._log(owner, chat_id)
        except NotFound as error:
            chat_id, log = None, self._log(owner, None)
            log[self._parts.live] = _html.failure(error)
        return {
            self._parts.live: "",
            self._parts.chats: self._list(owner, chat_id),
            self._parts.chat: chat_id or "",
            self._parts.evidence: self._evidence(owner, chat_id, {}),
            **log,
        }

    def _log(self, owner: str, chat_id: str | None, mine: bool = False) -> Updates:
        """Return the conversation; `mine` says that it is this page that answers in it now."""
        if not chat_id:
            return {self._parts.log: self._framed("", self._welcome())}
        chat = self._services.chats.get(owner, chat_id)
        messages = self._services.chats.messages(owner, chat_id)
        thoughts = _turns.thoughts(self._services.feedback.of_chat(owner, chat_id))
        ways = ways_of(messages)
        busy = self._services.sessions.is_answering(chat_id)
        elsewhere = busy and not mine
        if ways:
            waits = _compared.ELSEWHERE if elsewhere else _compared.NEVER
            inner = _compared.conversation(chat, messages, self._links, thoughts, waits)
        else:
            inner = _turns.heading(chat, messages)
            inner += _turns.turns(messages, self._links, busy, thoughts, elsewhere)
        return {self._parts.log: self._framed(chat_id, inner, ways, elsewhere)}

    def _thought(self, owner: str, chat: str, asked: dict[str, Any]) -> None:
        """Keep what a visitor did with an answer, or that a thumb was taken back."""
        position, what = str(asked.get("position")), asked.get("what")
        if what == "none" and position.isdigit():
            self._services.feedback.take_back(owner, chat, int(position))
        elif what in ("up", "down", "copied", "edited") and position.isdigit():
            words = str(asked.get("text") or "") if what == "edited" else ""
            self._services.feedback.add(owner, chat, int(position), what, words)

    def _welcome(self) -> str:
        services = self._services
        corpus = services.library.default
        title = services.library.get(corpus).title if corpus else ""
        card = services.catalog.state.card
        return _starters.welcome(card, services.settings.kiosk, corpus, title)

    def _framed(
        self, chat_id: str, inner: str, ways: Sequence[Way] = (), elsewhere: bool = False
    ) -> str:
        names = ",".join(map(_compared.name_of, ways))
        compared = f' data-compared="{names}"' if ways else ""
        return (
            f'<div class="conversation{" compared" if ways else ""}" role="log" '
            f'aria-label="Conversation" data-chat="{_html.text(chat_id)}"{compared}'
            f"{' data-elsewhere' if elsewhere else ''}>{inner}</div>"
        )

    def _list(self, owner: str, chat_id: str | None) -> str:
        shown = self._listed.get(owner, LISTED)
        rows = self._services.chats.list(owner, shown + 1)
        more = shown + LISTED if len(rows) > shown else None
        return _chats.chats(rows[:shown], chat_id, more)

    def _evidence(self, owner: str, chat_id: str | None, asked: dict[str, Any]) -> str:
        """Return the evidence of the answer asked for, or of the last one."""
        if not chat_id:
            return _evidence.panel([])
        answers = [
            m for m in self._services.chats.messages(owner, chat_id) if m.role == "assistant"
        ]
        position = str(asked.get("position") or "")
        chosen = [m for m in answers if str(m.position) == position] or answers[-1:]
        if not chosen:
            return _evidence.panel([])
        lit = int(asked["n"]) if str(asked.get("n") or "").isdigit() else None
        told = chosen[0].details
        passages, marks = told.get("evidence") or [], told.get("marks") or []
        return _evidence.panel(passages, chosen[0].content, marks, lit, chosen[0].position)
