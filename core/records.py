"""The nouns that are kept: chats, their messages, model calls, jobs, corpora, and what is measured.

Plain values as the store hands them out. They know nothing of SQL; times are UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from core.documents import Evidence, Mark
from core.messages import Finish, Role, Usage

JobState = Literal["queued", "running", "completed", "failed", "cancelled", "interrupted"]
Environment = Literal["clean", "training"]
CorpusState = Literal["building", "lexical", "ready", "failed"]
FeedbackKind = Literal["up", "down", "copied", "edited"]
IngestPhase = Literal["waiting", "reading", "indexing", "embedding", "checking"]
Outcome = Literal["correct", "wrong", "refused", "unsupported", "unparsed", "error", "unscored"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chat:
    """A conversation that belongs to one visitor."""

    id: str
    owner: str
    title: str
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One stored turn; `details` holds what is shown under an answer (model, tokens, evidence)."""

    id: str
    chat_id: str
    position: int
    role: Role
    content: str
    created: datetime
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a visitor did with an answer: a thumb, a copy, an edit; with the words as they were."""

    id: str
    chat_id: str
    message_id: str
    kind: FeedbackKind
    comment: str
    question: str
    answer: str
    model: str
    method: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Generation:
    """One model call: what was asked of which model, and what it cost. None means not measured."""

    id: str
    created: datetime
    model: str
    prompt_hash: str
    params: dict[str, Any]
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_reused: int | None = None
    first_token_s: float | None = None
    total_s: float | None = None
    gpu_bytes_before: int | None = None
    gpu_bytes_after: int | None = None
    finish: Finish | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Detached work: what runs, how far it is, how it ended."""

    id: str
    kind: str
    target: str
    args: dict[str, Any]
    state: JobState
    owner: str
    created: datetime
    priority: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    pid: int | None = None
    progress: float | None = None
    status: str = ""
    error: str | None = None
    attempt: int = 0
    environment: Environment = "clean"

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will happen unless it is resumed."""
        return self.state not in ("queued", "running")


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One thing a worker wrote down; `n` grows, so "everything after n" can be asked for."""

    job_id: str
    n: int
    attempt: int
    kind: str
    created: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Corpus:
    """An ingested body of text: where it came from, how it was cut, what may be searched in it.

    `generation` is the one that is served; 0 means none yet. `state` is "lexical" while it can
    be searched by words alone and "ready" once its vectors are there too.
    """

    name: str
    title: str
    source: dict[str, Any]
    settings: dict[str, Any]
    state: CorpusState
    generation: int
    created: datetime
    updated: datetime
    report: dict[str, Any] = field(default_factory=dict)
    job_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far an ingest is: `fraction` of the whole, and a sentence; None means not known yet."""

    corpus: str
    job_id: str
    owner: str
    state: Literal["queued", "running"]
    phase: IngestPhase
    fraction: float | None = None
    seconds_left: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The settings, secrets masked, and the versions as they were from a moment on."""

    created: datetime
    settings: tuple[tuple[str, str, str], ...]
    versions: dict[str, str]


@dataclass(frozen=True, slots=True)
class Gold:
    """Where the answer stands: a range of bytes in a file, or a passage by its id alone."""

    path: str
    span: tuple[int, int] | None = None
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a suite, with every answer that is accepted.

    `contexts` are passages that are given with it, `choices` what may be picked from, `cluster`
    the source document it was made of; no reference and `answerable` false is a question that
    its corpus does not answer.
    """

    id: str
    question: str
    references: tuple[str, ...] = ()
    kind: str = ""
    choices: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    gold: tuple[Gold, ...] = ()
    cluster: str = ""
    answerable: bool = True
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suite:
    """A set of questions as it stands; `version` is the hash of its content.

    `criterion` names the scorer that says whether a sample passes; `card` is Markdown.
    """

    name: str
    title: str
    version: str
    criterion: str
    count: int
    card: str = ""
    license: str = ""
    kinds: dict[str, int] = field(default_factory=dict)
    source: dict[str, Any] = field(default_factory=dict)
    owner: str = ""
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One measurement: what was asked of whom in which way, how far it is, what came out.

    `provenance` holds what was resolved when it began (settings, hashes, versions); `summary`
    the aggregates of its scores.
    """

    id: str
    name: str
    owner: str
    state: JobState
    config: dict[str, Any]
    suite: str
    suite_version: str
    method: str
    model: str
    total: int
    created: datetime
    done: int = 0
    failed: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    job_id: str | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    deleted: datetime | None = None
    criterion: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was answered to one item in one run; a failure is a sample with its error."""

    run_id: str
    item_id: str
    position: int
    epoch: int = 0
    batch: int = 0
    answer: str = ""
    reasoning: str = ""
    reason: str = ""
    quote: str = ""
    evidence: tuple[Evidence, ...] = ()
    marks: tuple[Mark, ...] = ()
    usage: tuple[Usage, ...] = ()
    steps: tuple[dict[str, Any], ...] = ()
    prompts: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    seconds: float | None = None
    first_token_s: float | None = None
    error: str = ""
    error_text: str = ""
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """What one scorer says of one sample. A value of None is unscored, which is not 0."""

    run_id: str
    item_id: str
    scorer: str
    version: str
    epoch: int = 0
    value: float | None = None
    passed: bool | None = None
    why: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of a sample instead of its score; `undone` once it was taken back."""

    id: str
    run_id: str
    position: int
    epoch: int
    passed: bool
    name: str
    reason: str
    created: datetime
    undone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """A sample with what was asked, every score of it, and what counts in the end."""

    item: Item
    sample: Sample
    scores: tuple[Score, ...]
    outcome: Outcome
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is, and what goes on in a sentence; None means not known yet."""

    run_id: str
    state: JobState
    done: int
    total: int
    failed: int
    fraction: float | None = None
    seconds_left: float | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class SavedConfig:
    """A run's configuration kept under a name."""

    id: str
    owner: str
    name: str
    config: dict[str, Any]
    created: datetime
    deleted: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of many rows; pages are counted from 1."""

    rows: tuple[T, ...]
    total: int
    page: int
    size: int
