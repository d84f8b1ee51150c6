"""What callers send about indexes: the bodies of the routes, and the documents they get back.

It knows fields, their limits and which of them leave the house. It searches and ingests nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from core.records import Corpus, IngestProgress, Job
from core.retrieval.found import MAX_K, MAX_QUERY, MODES, Filters, Hit, Mode, Query, Results
from core.server.asked import Text
from core.server.paths import without_paths
from core.server.rows import job_row

MOST_TEXTS = 256
LONGEST_TEXT = 100_000
MOST_CHARACTERS = 500_000

_Globs = Annotated[list[Annotated[Text, Field(max_length=200)]], Field(max_length=50)]
_Names = Annotated[list[Annotated[Text, Field(max_length=60)]], Field(max_length=50)]


class FiltersBody(BaseModel):
    """What a chunk must be to be found."""

    model_config = ConfigDict(extra="forbid")

    paths: _Globs = Field(default=[], description="Globs, such as src/*.py; any may match.")
    languages: _Names = Field(default=[], description="Such as python; any may match.")
    kinds: _Names = Field(default=[], description="Such as class or method; any may match.")


class RetrieveRequest(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    query: Annotated[Text, Field(min_length=1, max_length=MAX_QUERY)] = Field(
        validation_alias=AliasChoices("query", "text"), description="What is looked for."
    )
    corpus: Annotated[Text, Field(max_length=100)] = Field(
        "",
        validation_alias=AliasChoices("corpus", "index"),
        description="The index to search; blank: the default one.",
    )
    mode: Mode = Field("reranked", description="How to rank; what is not ready is left out.")
    top_k: Annotated[int, Field(ge=1, le=MAX_K)] = Field(5, description="How many chunks.")
    filters: FiltersBody = Field(default_factory=FiltersBody, description="What to search in.")

    def asked(self) -> Query:
        """Return the search."""
        filters = Filters(*(tuple(each) for each in self.filters.model_dump().values()))
        return Query(self.query, self.corpus, self.mode, self.top_k, filters)


class EmbeddingsRequest(BaseModel):
    """Texts to turn into vectors, in the shape of OpenAI's embeddings."""

    model_config = ConfigDict(extra="forbid")

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MOST_TEXTS)] = Field(
        description="A text, or a list of texts."
    )
    model: Text = Field("auto", description="The embedder's name, or auto.")
    store: bool = Field(
        False, description="Keep the vectors, so that no index computes them for the same texts."
    )


class IndexRequest(BaseModel):
    """A source to bring into an index."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[Text, Field(min_length=1, max_length=2_000)] = Field(
        description="A package, folder, archive, git address, or hub:NAME."
    )
    name: Annotated[Text, Field(max_length=63)] | None = Field(
        None, description="The index's name; blank: made from the source."
    )
    title: Annotated[Text, Field(max_length=200)] | None = Field(
        None, description="What it is called on pages."
    )
    cutting: Annotated[Text, Field(max_length=40)] = Field(
        "code", description="code, or window-128, -256, -512 or -800."
    )
    include: _Globs = Field(default=[], description="Globs; only what matches one is taken in.")
    exclude: _Globs = Field(default=[], description="Globs; what matches one is left out.")
    embed: bool = Field(True, description="Make vectors too; without, it is searched by words.")


class CommandRequest(IndexRequest):
    """What the command line asks for: sources of this machine too."""

    corpus: bool = False


def results_row(results: Results) -> dict[str, Any]:
    """Return what a search found as it is sent."""
    return {
        "query": results.query.text,
        "corpus": results.corpus,
        "generation": results.generation,
        "mode": results.query.mode,
        "used": results.used,
        "notice": results.notice,
        "hits": [_hit_row(hit) for hit in results.hits],
        "misses": [_hit_row(hit) for hit in results.misses],
        "seconds": results.seconds,
    }


def index_row(corpus: Corpus, progress: IngestProgress | None = None) -> dict[str, Any]:
    """Return a corpus as it is sent, without its report."""
    report = corpus.report
    return {
        "id": corpus.name,
        "title": without_paths(corpus.title),
        "kind": corpus.source.get("kind", ""),
        "state": corpus.state,
        "generation": corpus.generation,
        "modes": modes(corpus),
        "cutting": corpus.settings.get("cutting"),
        "revision": report.get("revision"),
        "files": report.get("files", {}).get("indexed"),
        "chunks": report.get("chunks"),
        "created": corpus.created.isoformat(),
        "updated": corpus.updated.isoformat(),
        "error": without_paths(corpus.error) if corpus.error else None,
        "progress": None if progress is None else progress_row(progress),
    }


def report_row(corpus: Corpus) -> dict[str, Any]:
    """Return a corpus' report as it is sent."""
    return {name: said for name, said in corpus.report.items() if name not in ("job", "attempt")}


def modes(corpus: Corpus) -> Sequence[str]:
    """Return how a corpus can be searched now."""
    if not corpus.generation:
        return []
    return list(MODES) if corpus.state == "ready" else ["lexical"]


def progress_row(progress: IngestProgress) -> dict[str, Any]:
    """Return how far an ingest is, as it is sent."""
    return {
        "job_id": progress.job_id,
        "state": progress.state,
        "phase": progress.phase,
        "fraction": progress.fraction,
        "seconds_left": progress.seconds_left,
        "said": without_paths(progress.said),
    }


def submitted_row(job: Job, corpus: Corpus) -> dict[str, Any]:
    """Return an ingest that was asked for, as it is sent."""
    return {"index": index_row(corpus), "job": job_row(job)}


def _hit_row(hit: Hit) -> dict[str, Any]:
    chunk = hit.chunk
    return {
        "id": chunk.id,
        "path": chunk.path,
        "start": chunk.start,
        "end": chunk.end,
        "kind": chunk.kind,
        "symbol": chunk.symbol,
        "language": chunk.language,
        "context": chunk.context,
        "source": chunk.source,
        "text": chunk.text,
        "score": hit.score,
        "terms": list(hit.terms),
        "places": [asdict(place) for place in hit.places],
    }
