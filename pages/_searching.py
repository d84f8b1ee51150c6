"""What happens in Search: a query is run, a corpus chosen, a source brought in, a map drawn.

It turns what the library and the ingests say into what the components show. It finds nothing
itself, keeps nothing of a visitor but the fields of the page, and knows nothing of layout.
"""

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl

import gradio as gr

from core.errors import BadInput, Forbidden, PlumblineError
from core.present.numbers import THIN
from core.records import Corpus, IngestProgress
from core.retrieval.found import Results
from core.services import Services
from pages import _html, _search_add, _search_corpus, _search_form, _search_results
from pages._page import Shell
from pages._search_asked import NOTHING, Asked, link, read
from pages._search_examples import examples
from pages._search_map import Maps
from pages._stream import attempt

Updates = dict[Any, Any]
Given = dict[str, Any]
Answer = tuple[Results, Results | None]

SLUG, TITLE = "search", "Search"
AT_ONCE_S = 0.3
TICK_S = 1.0
AT_ONE_TIME = 4
MOST_VISITORS = 10_000
OPENS = "The first search of a corpus opens its index, which takes longest."
TO_START = "Start from one of these, or write what you are looking for."
TO_TOUCH = "Touch what you want to find."
BEING_READ = "It can be searched as soon as its words are indexed, long before its vectors are."
NO_EXAMPLES = "Write what you are looking for: a question, a name, or a piece of code."


@dataclass(frozen=True)
class Parts:
    """The components Search writes to; the last two remember what the page shows."""

    about: gr.HTML
    form: gr.HTML
    strip: gr.HTML
    narrow: gr.HTML
    wrong: gr.HTML
    standing: gr.HTML
    found: gr.HTML
    map: gr.Column
    plot: gr.Plot
    note: gr.HTML
    card: gr.HTML
    added: gr.HTML
    timer: gr.Timer
    link: gr.Textbox
    shown: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Return every component, as an event's outputs."""
        return [getattr(self, field.name) for field in fields(self)]


class Searching:
    """The behaviour of the Search tab, for every visitor at once."""

    def __init__(self, services: Services, shell: Shell, parts: Parts) -> None:
        self._services = services
        self._library = services.library
        self._ingests = services.ingests
        self._shared = services.settings.public or services.settings.is_open
        self._shell = shell
        self._parts = parts
        self._maps = Maps(services.library, services.settings.theme)
        self._count = itertools.count()
        self._latest: OrderedDict[str, int] = OrderedDict()
        self._pool = ThreadPoolExecutor(AT_ONE_TIME, thread_name_prefix="search")

    def opened(self, request: gr.Request) -> Iterator[Updates]:
        """Show what the address asks for, where it asks for this tab."""
        if self._shell.link(request).tab != SLUG:
            yield {self._parts.wrong: gr.skip()}
            return
        asked, wrong = read(dict(request.query_params))
        yield {self._parts.form: _search_form.form(asked)}
        yield from self._show(request, asked, wrong)

    def selected(
        self, request: gr.Request, event: gr.SelectData, address: str, shown: str
    ) -> Iterator[Updates]:
        """Show the tab when it is opened, and stop looking after ingests when it is left."""
        if event.value != TITLE:
            yield {self._parts.timer: gr.Timer(active=False)}
        elif shown:
            yield self.tick(request, address, shown)
        else:
            yield from self._show(request, Asked(), {})

    def ask(self, request: gr.Request, event: gr.EventData, shown: str) -> Iterator[Updates]:
        """Run the query of the form."""
        given: Given = dict(event._data or {})
        asked, wrong = read(given)
        if not wrong and not asked.text:
            wrong = {"q": NOTHING}
        # Gradio can hold a later query back, but runs the earlier one's words again for it. So
        # every query runs, and what an earlier one still finds is not shown.
        session, mine = str(request.session_hash), next(self._count)
        self._latest[session] = mine
        self._latest.move_to_end(session)
        if len(self._latest) > MOST_VISITORS:
            self._latest.popitem(last=False)
        for updates in self._show(request, asked, wrong, shown, given):
            yield updates if self._latest.get(session) == mine else {self._parts.link: gr.skip()}

    def act(self, request: gr.Request, event: gr.EventData, shown: str) -> Iterator[Updates]:
        """Choose a corpus, draw the map, begin, cancel or delete."""
        given: Given = dict(event._data or {})
        act = given.get("act")
        if act == "corpus":
            yield from self._show(request, read(given)[0], {}, shown)
        elif act == "map":
            yield from self._map(read(given)[0], given)
        elif act == "close-map":
            yield {self._parts.map: gr.Column(visible=False)}
        else:
            yield from self._changed(request, given, shown)

    def tick(self, request: gr.Request, address: str, shown: str) -> Updates:
        """Say how far ingests are; show the corpus anew once something of it has changed."""
        asked, _ = read(dict(parse_qsl(address)))
        begun = attempt(lambda: self._around(request, asked, shown))
        if isinstance(begun, PlumblineError):
            return {self._parts.standing: _html.failure(begun)}
        asked, corpus, updates = begun
        if self._parts.card in updates:
            updates[self._parts.added] = ""
            if not asked.text:
                updates[self._parts.found] = self._start(asked, corpus)
        return updates

    def _show(
        self,
        request: gr.Request,
        asked: Asked,
        wrong: dict[str, str],
        shown: str = "",
        given: Given | None = None,
    ) -> Iterator[Updates]:
        """Show what stands around a query at once, then its results when they are there."""
        parts = self._parts
        begun = attempt(lambda: self._around(request, asked, shown, wrong))
        if isinstance(begun, PlumblineError):
            yield {parts.found: _search_results.failed(begun, asked)}
            return
        asked, corpus, updates = begun
        updates[parts.wrong] = _search_form.wrong(wrong)
        can_be_searched = corpus is not None and corpus.generation > 0
        if wrong or not asked.text or not can_be_searched:
            yield updates if wrong else {**updates, parts.found: self._start(asked, corpus)}
            return
        yield updates
        answer = None
        for answer in self._waited(asked):
            if isinstance(answer, str) and given and given.get("ids"):
                yield {parts.wrong: _html.loading(answer)}
            elif isinstance(answer, str):
                yield {parts.found: _search_results.searching(asked, answer)}
        yield {parts.wrong: "", parts.found: _answered(asked, answer)}
        if given and given.get("map") and isinstance(answer, tuple):
            yield from self._map(asked, given)

    def _around(
        self,
        request: gr.Request,
        asked: Asked,
        shown: str,
        wrong: dict[str, str] | None = None,
    ) -> tuple[Asked, Corpus | None, Updates]:
        """Return the query with its corpus named, that corpus, and what is shown around it."""
        parts = self._parts
        corpora = {corpus.name: corpus for corpus in self._library.list()}
        if wrong is not None and asked.corpus and asked.corpus not in corpora:
            wrong["corpus"] = f"There is no corpus “{asked.corpus}” here; another one is chosen."
        name = asked.corpus if asked.corpus in corpora else self._library.default
        corpus = corpora.get(name or next(iter(corpora), ""))
        asked = replace(asked, corpus=corpus.name if corpus else "")
        running = self._ingests.running()
        progress = next((one for one in running if one.corpus == asked.corpus), None)
        lacking = self._lacking(corpus)
        mine = progress is not None and progress.owner == self._shell.owner(request)
        updates: Updates = {
            parts.standing: _search_corpus.standing(corpus, progress, mine, lacking),
            parts.timer: gr.Timer(active=bool(running) or self._may_change(lacking)),
            parts.link: link(asked),
        }
        state = _state(corpus, list(corpora))
        if state != shown and lacking:
            # So that the embedder is loaded by the time somebody asks.
            self._pool.submit(attempt, lambda: self._library.open(asked.corpus))
        if state != shown:
            updates |= self._described(request, asked, list(corpora.values()), corpus)
            updates[parts.shown] = state
        return asked, corpus, updates

    def _described(
        self, request: gr.Request, asked: Asked, corpora: list[Corpus], corpus: Corpus | None
    ) -> Updates:
        """Return what changes only with the corpora themselves."""
        booth = self._services.settings.kiosk
        return {
            self._parts.strip: _search_results.strip(examples(corpus)) if booth else "",
            self._parts.about: _search_form.about(asked, corpora),
            self._parts.narrow: _search_form.narrow(asked, corpora),
            self._parts.card: _search_corpus.card(
                corpus, self._shared, not self._shared or self._made(request, corpus)
            ),
        }

    def _lacking(self, corpus: Corpus | None) -> str:
        """Say why a corpus that has vectors goes by words alone all the same."""
        if corpus is None or corpus.state != "ready":
            return ""
        return self._library.known(corpus.name)

    def _may_change(self, lacking: str) -> bool:
        return bool(lacking) and not self._library.trouble

    def _made(self, request: gr.Request, corpus: Corpus | None) -> bool:
        """Say whether this visitor brought the corpus in."""
        job = attempt(lambda: self._services.jobs.get(str(corpus.job_id if corpus else "")))
        return not isinstance(job, PlumblineError) and job.owner == self._shell.owner(request)

    def _start(self, asked: Asked, corpus: Corpus | None) -> str:
        """Return what stands below the form while nothing is asked."""
        if corpus is None:
            return _search_results.nothing_to_search()
        if corpus.name == self._library.default:
            asked = replace(asked, corpus="")
        if not corpus.generation:
            return _search_results.nothing_yet(asked, (), BEING_READ)
        known = examples(corpus)
        start = TO_TOUCH if self._services.settings.kiosk else TO_START
        return _search_results.nothing_yet(asked, known, start if known else NO_EXAMPLES)

    def _waited(self, asked: Asked) -> Iterator[str | Answer | PlumblineError]:
        """Yield what is being done while a search takes its time, then what it gave."""
        run: Future[Answer | PlumblineError] = self._pool.submit(attempt, lambda: self._run(asked))
        waited = 0.0
        while True:
            rest = AT_ONCE_S if not waited else TICK_S
            try:
                yield run.result(rest)
                return
            except NotYet:
                waited += rest
                told = f"Searching, {int(waited)}{THIN}s so far." if waited > 1 else "Searching."
                yield f"{told} {OPENS}" if waited > TICK_S else told

    def _run(self, asked: Asked) -> Answer:
        first = self._library.search(asked.query())
        return first, self._library.search(asked.query(asked.versus)) if asked.versus else None

    def _map(self, asked: Asked, given: Given) -> Iterator[Updates]:
        """Draw the map, the query and what was found for it on it."""
        parts = self._parts
        yield {parts.map: gr.Column(visible=True), parts.note: _html.loading("Drawing the map.")}
        ids = [str(id) for id in list(given.get("ids") or ())[: _search_form.MAX_K]]
        scheme = str(given.get("scheme"))
        drawn = attempt(
            lambda: self._maps.figure(self._library.get(asked.corpus), asked, ids, scheme)
        )
        if isinstance(drawn, PlumblineError):
            yield {parts.plot: gr.Plot(visible=False), parts.note: _html.failure(drawn)}
        else:
            yield {parts.plot: gr.Plot(drawn[0], visible=True), parts.note: drawn[1]}

    def _changed(self, request: gr.Request, given: Given, shown: str) -> Iterator[Updates]:
        """Begin or cancel an ingest, or delete a corpus, and show what follows from it."""
        done = attempt(lambda: self._do(request, given))
        if isinstance(done, PlumblineError):
            yield {self._parts.added: _html.failure(done)}
            return
        name, said = done
        begun = " data-begun" if given.get("act") == "ingest" else ""
        told = f'<p class="right" role="status"{begun}>✓ {_html.text(said)}</p>'
        yield {self._parts.added: told}
        yield from self._show(request, Asked(corpus=name), {}, shown)

    def _do(self, request: gr.Request, given: Given) -> tuple[str, str]:
        """Return which corpus is shown next, and what was done."""
        act, owner = given.get("act"), self._shell.owner(request)
        if act == "ingest":
            return self._begin(_search_add.read(given), owner)
        if act == "cancel-ingest":
            return self._cancel(str(given.get("id") or ""), owner)
        if act == "delete-corpus":
            name = str(given.get("name") or "")
            self._ingests.delete(name, owner)
            return "", f"{name} is deleted."
        raise Forbidden("That cannot be done here.", "Ask whoever runs this server.")

    def _begin(self, wanted: _search_add.Wanted, owner: str) -> tuple[str, str]:
        if not wanted.source:
            raise BadInput(_search_add.NO_SOURCE)
        job = self._ingests.submit(
            wanted.source,
            wanted.name,
            cutting=wanted.cutting,
            include=wanted.include,
            exclude=wanted.exclude,
            owner=owner,
        )
        name = next((one.corpus for one in self._ingests.running() if one.job_id == job.id), "")
        return name, f"{name or wanted.source} is queued. You may leave this page; it goes on."

    def _cancel(self, id: str, owner: str) -> tuple[str, str]:
        progress = next((one for one in self._ingests.running() if one.job_id == id), None)
        if progress is None:
            return "", "That ingest had ended already."
        if progress.owner != owner:
            raise Forbidden("That ingest is another visitor’s.", "Only who began it can cancel it.")
        self._services.jobs.cancel(id)
        said = f"The ingest of {progress.corpus} is cancelled. Index it again to go on with it."
        return progress.corpus, said


def _answered(asked: Asked, answer: str | Answer | PlumblineError | None) -> str:
    if isinstance(answer, PlumblineError):
        return _search_results.failed(answer, asked)
    assert isinstance(answer, tuple)
    first, second = answer
    if second is None:
        return _search_results.found(asked, first)
    return _search_results.beside(asked, first, second)


def _state(corpus: Corpus | None, names: list[str]) -> str:
    """Return what must be the same for the descriptions on the page to be still right."""
    served = f"{corpus.name}@{corpus.generation}:{corpus.state}:{corpus.updated}" if corpus else "-"
    return f"{served} of {','.join(names)}"


__all__ = ["SLUG", "TITLE", "IngestProgress", "Parts", "Searching"]
