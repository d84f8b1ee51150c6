"""One ingest as the owner follows it: takes in what its worker writes, and answers its questions.

Everything it does can be done again: an owner that dies is followed by one that starts from the
worker's first record. It does not know the queue, nor how anything is cut or embedded.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import BadInput, PlumblineError, StateError
from core.records import Corpus, CorpusState, IngestPhase, Job, JobRecord
from core.retrieval import canaries
from core.retrieval.canaries import Song
from core.retrieval.library import Library
from core.store.values import now
from ingest import parts, report
from ingest.exchange import Question, answer, answered, asked, full, refuse, whole
from ingest.sources import Source
from ingest.work import LEXICAL, PIECES, SEEN

_THEN: dict[str, IngestPhase] = {
    "known": "reading",
    "read": "indexing",
    "indexed": "embedding",
    "split": "embedding",
    "embedded": "checking",
}


class Intake:
    """What one attempt of a worker brings."""

    def __init__(self, job: Job, folder: Path, library: Library) -> None:
        self.name = str(job.args["corpus"])
        self.attempt = job.attempt
        self.after = -1
        self.phase: IngestPhase = "waiting"
        self.said = ""
        self._job = job
        self._folder = folder
        self._library = library
        self._corpora = library.corpora
        self._embeddings = library.embeddings
        self._staged: int | None = None
        self._generation = 0
        self._trouble: PlumblineError | None = None
        self._report: dict[str, Any] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def take(self, records: Sequence[JobRecord]) -> None:
        """Take in a worker's records in order; one that was taken in before changes nothing."""
        for record in records:
            if record.n > self.after and record.attempt == self.attempt:
                question = asked(record.data)
                if question is not None:
                    self._hear(question)
                elif "part" in record.data:
                    self._tried(self._stage, self._folder / str(record.data["part"]))
                elif "vectors" in record.data:
                    self._tried(self._keep, self._folder / str(record.data["vectors"]))
                self.after = record.n

    def _tried(self, take: Callable[[Path], None], path: Path) -> None:
        # A part is no question: what goes wrong with it is the answer to the next one.
        try:
            if self._trouble is None:
                take(path)
        except (PlumblineError, OSError) as error:
            self._trouble = _ours(error)

    def _hear(self, question: Question) -> None:
        self._add(question.data.get("seconds", {}))
        done = answered(self._folder, self.attempt, question.n)
        # What was read must be known again by an owner that comes after the one who answered.
        if not done or question.name == "read":
            try:
                if self._trouble is not None:
                    raise self._trouble
                told = _ANSWERS[question.name](self, question.data)
            except (PlumblineError, OSError) as error:
                words = _ours(error)
                refuse(self._folder, self.attempt, question.n, words.message, words.hint)
                return
            if not done:
                answer(self._folder, self.attempt, question.n, told)
        self.phase = _THEN[question.name]

    def _add(self, seconds: Mapping[str, float]) -> None:
        for stage, took in seconds.items():
            self._seconds[stage] += took

    def _known(self, _: dict[str, Any]) -> dict[str, Any]:
        corpus = self._corpora.get(self.name)
        same = corpus.generation and corpus.settings.get("cutting") == self._job.args["cutting"]
        return {"files": self._corpora.files(self.name) if same else {}}

    def _stage(self, path: Path) -> None:
        if not self._is_published:
            files = [(each.file, each.chunks) for each in parts.read_cut(path)]
            self._corpora.stage(self.name, self._begun(), files)

    def _begun(self) -> int:
        if self._staged is None:
            self._staged = self._corpora.begin(self.name)
        return self._staged

    def _read(self, data: dict[str, Any]) -> dict[str, Any]:
        """Settle which generation this is about, and hand its rows to the worker."""
        self._add(data["tally"]["seconds"])
        self._report |= report.of_files(data["tally"], data["revision"])
        if not self._is_published:
            self._drop_what_is_gone(data["tally"])
        corpus = self._corpora.get(self.name)
        self._generation = self._staged or corpus.generation
        words = self._library.words(self.name, corpus.generation)
        indexed = self._staged is None and words.is_dir()
        if indexed and self._is_whole(corpus):
            self._settle(corpus.state)
            return {"unchanged": True}
        rows = self._corpora.live(self.name, self._generation)
        if not len(rows):
            raise _nothing(corpus.title, data["tally"])
        self._report |= report.of_rows(rows)
        name = f"rows-{self.attempt}.parquet"
        parts.write_rows(self._folder / name, rows)
        earlier = str(words.resolve()) if words.is_dir() else ""
        return {"unchanged": False, "rows": name, "index": not indexed, "lexical": earlier}

    def _drop_what_is_gone(self, tally: dict[str, Any]) -> None:
        seen = set(json.loads((self._folder / SEEN).read_text(encoding="utf-8")))
        if not seen:
            raise _nothing(self._corpora.get(self.name).title, tally)
        there = self._corpora.files(self.name, self._staged)
        gone = [path for path in there if path not in seen]
        if gone:
            self._corpora.drop(self.name, self._begun(), gone)

    def _is_whole(self, corpus: Corpus) -> bool:
        if not self._job.args["embed"]:
            return True
        embedder = corpus.report.get("embedder")
        return corpus.state == "ready" and embedder == self._library.embedder.name()

    @property
    def _is_published(self) -> bool:
        known = self._corpora.get(self.name).report
        return (known.get("job"), known.get("attempt")) == (self._job.id, self.attempt)

    def _indexed(self, data: dict[str, Any]) -> dict[str, Any]:
        """Put the word index in its place, try it, and let the generation serve."""
        built = self._folder / LEXICAL
        if data["built"] and built.is_dir():
            self._library.shelve(self.name, self._generation, built)
        if self._staged is not None:
            self._try_words()
            told = self._told("lexical")
            self._corpora.publish(self.name, self._staged, "lexical", told)
        self._library.open(self.name)
        if not self._job.args["embed"]:
            self._settle(self._corpora.get(self.name).state)
            return {"wanted": ""}
        lacking = self._lacking()
        if not lacking:
            self._finish()
            return {"wanted": ""}
        name = f"wanted-{self.attempt}.json"
        whole(self._folder / name, json.dumps(lacking).encode())
        return {"wanted": name}

    def _try_words(self) -> None:
        songs, examples = self._library.try_words(self.name, self._generation)
        try:
            canaries.check(self.name, "word", songs)
        except StateError as error:
            self._tell_refused(error, songs)
            place = self._library.words(self.name, self._generation)
            shutil.rmtree(place, ignore_errors=True)
            raise
        self._report |= {"canaries": _rows(songs), "examples": examples}

    def _tell_refused(self, error: PlumblineError, songs: Sequence[Song]) -> None:
        """Write down why a new index does not serve, in the report of what does."""
        known = self._corpora.get(self.name).report
        moment = now().isoformat()
        refused = {"finished": moment, "said": error.message, "canaries": _rows(songs)}
        self._corpora.amend(self.name, report={**known, "refused": refused})

    def _lacking(self) -> list[str]:
        """Return the ids of the chunks that have not all of their vectors."""
        embedder = self._library.embedder.name()
        pieces = self._embeddings.pieces(self.name, embedder, self._generation)
        hashes = pieces["hash"].to_pylist()
        missing = set(self._embeddings.missing(embedder, hashes))
        pairs = zip(pieces["chunk_id"].to_pylist(), hashes, strict=True)
        partly = [id for id, hash in pairs if hash in missing]
        unsplit = self._embeddings.unsplit(self.name, embedder, self._generation)
        return list(dict.fromkeys([*unsplit, *partly]))

    def _split(self, _: dict[str, Any]) -> dict[str, Any]:
        """Keep the pieces, and say which of them no corpus has a vector for."""
        embedder = self._library.embedder.name()
        places = parts.read_pieces(self._folder / PIECES)
        self._embeddings.keep_pieces(self.name, self._generation, embedder, places)
        for name in parts.found(self._folder, parts.VECTORS):
            self._keep(self._folder / name)
        missing = self._embeddings.missing(embedder, [hash for _, _, hash in places])
        name = f"missing-{self.attempt}.json"
        whole(self._folder / name, json.dumps(missing).encode())
        return {"missing": name}

    def _keep(self, path: Path) -> None:
        if path.exists():
            hashes, matrix = parts.read_vectors(path)
            self._embeddings.keep(self._library.embedder.name(), hashes, matrix)
            path.unlink()

    def _embedded(self, data: dict[str, Any]) -> dict[str, Any]:
        self._report["embedded"] = data["embedded"]
        self._finish()
        return {}

    def _finish(self) -> None:
        """Write the vector index, which is tried before it serves."""
        self.phase = "checking"
        embedder = self._library.embedder.name()
        try:
            written = self._library.keeper.write(self.name, embedder, self._say)
        except StateError as error:
            self._tell_refused(error, self._library.tried(self.name))
            self._library.refresh(self.name)
            raise
        self._seconds["vectors"] += written.seconds
        songs = self._library.try_vectors(self.name)
        kept = self._corpora.get(self.name).report.get("canaries", [])
        words = [song for song in self._report.get("canaries", kept) if song["stage"] == "words"]
        self._report |= {"embedder": embedder, "canaries": [*words, *_rows(songs)]}
        self._settle("ready")
        self._library.sweep(self.name)

    def _say(self, fraction: float, text: str) -> None:
        self.said = f"{text.rstrip('.')} ({fraction:.0%})."

    def _settle(self, state: CorpusState) -> None:
        """Write the report of an ingest that is done, and how the corpus can be searched."""
        told = self._told(state)
        self._corpora.amend(self.name, state=state, report=told, error="")
        self._library.refresh(self.name)

    def _told(self, state: CorpusState) -> dict[str, Any]:
        started = self._job.started or now()
        index = self._library.words(self.name, self._generation).parent
        told = {
            **{k: v for k, v in self._corpora.get(self.name).report.items() if k != "refused"},
            **self._report,
            "job": self._job.id,
            "attempt": self.attempt,
            "started": started.isoformat(),
            "finished": now().isoformat(),
            "index_bytes": report.of_folder(index),
            "seconds": {**self._seconds, "total": (now() - started).total_seconds()},
        }
        source = Source.read(self._job.args["source"])
        return {**told, "freshness": report.freshness(source, told)}


_Answer = Callable[[Intake, dict[str, Any]], dict[str, Any]]
_ANSWERS: dict[str, _Answer] = {
    "known": Intake._known,
    "read": Intake._read,
    "indexed": Intake._indexed,
    "split": Intake._split,
    "embedded": Intake._embedded,
}


def _ours(error: PlumblineError | OSError) -> PlumblineError:
    return error if isinstance(error, PlumblineError) else full("The index", error)


def _rows(songs: Sequence[Song]) -> list[dict[str, Any]]:
    return [asdict(song) for song in songs]


def _nothing(title: str, tally: dict[str, Any]) -> BadInput:
    why = ", ".join(f"{reason} {n:,}" for reason, n in tally["skipped"].items())
    skipped = f" What was skipped: {why}." if why else ""
    return BadInput(
        f"There is no text to index in {title}: {tally['seen']:,} files were seen.{skipped}",
        "Choose another source, or change what is included and excluded.",
    )
