"""What a run is made of, as one document: suite, selection, way of answering, model, scorers.

It knows the fields and what they may hold, and says which name was probably meant. Whether a
suite, an index or a model is there is found out when a run is asked for.
"""

import difflib
import itertools
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from core.assistant.way import METHODS, MOST_EXAMPLES, MOST_PASSAGES, SHAPES, Method, Shape, Way
from core.errors import BadInput, refusal
from core.messages import Params
from core.retrieval.found import MODES, Mode

USES = ("", "endpoint", "local", "bundled", "quote")
MOST_SAMPLES = 1_000_000
MOST_RUNS = 100
_CHOICES = {"method": METHODS, "retrieval": MODES, "shape": SHAPES, "use": USES}


class Model(BaseModel):
    """Which model answers; blank is the one the settings choose."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    use: Literal["", "endpoint", "local", "bundled", "quote"] = ""
    url: str = ""
    name: str = ""
    folder: str = ""

    def flags(self) -> dict[str, str]:
        """Return the settings that choose this model."""
        use = self.use or ("endpoint" if self.url else "local" if self.folder else "")
        chosen = {
            "model": use,
            "inference_url": self.url,
            "model_name": self.name,
            "hub_model": self.folder,
        }
        return {name: text for name, text in chosen.items() if text}


def model_of(told: object) -> object:
    """Return a model that is told in a word: a kind, an address, or a folder."""
    if not isinstance(told, str):
        return told
    if told in USES:
        return {"use": told}
    is_address = told.startswith(("http://", "https://"))
    return {"url": told} if is_address else {"folder": told}


def _list(told: object) -> object:
    return [told] if isinstance(told, str) else told


Names = Annotated[tuple[str, ...], BeforeValidator(_list)]


class RunConfig(BaseModel):
    """One run, whole; every field but the suite may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field("", max_length=200, description="What the run is called; blank: made up.")
    suite: str = Field(min_length=1, description="A suite's name, or a file of questions.")
    n: int | None = Field(None, ge=1, le=MOST_SAMPLES, description="How many; blank: all.")
    seed: int = Field(0, ge=0, lt=2**53, description="Chooses samples, and seeds sampling.")
    split: str = Field("", description="Only questions of this split.")
    kinds: Names = Field((), description="Only questions of these kinds.")
    method: Method = Field("naive", description=f"How to answer: {', '.join(METHODS)}.")
    corpus: str = Field("", description="The index rag and agent search; blank: the default.")
    retrieval: Mode = Field("hybrid", description=f"How to search it: {', '.join(MODES)}.")
    top_k: int = Field(4, ge=1, le=MOST_PASSAGES, description="How many passages are shown.")
    examples: int = Field(0, ge=0, le=MOST_EXAMPLES, description="Worked examples for cot.")
    shape: Shape = Field("react", description=f"How an agent works: {', '.join(SHAPES)}.")
    model: Annotated[Model, BeforeValidator(model_of)] = Field(
        Model(), description="endpoint, local, bundled, quote, an address or a folder."
    )
    judge: Annotated[Model, BeforeValidator(model_of)] = Field(
        Model(), description="Which model judges, told the same way; blank: the one that answers."
    )
    adapter: Literal[""] = Field("", description="Blank: the model as it is.")
    max_tokens: int = Field(256, ge=1, le=65_536, description="Longest answer, in tokens.")
    temperature: float = Field(0.0, ge=0, le=2, description="0 is repeatable.")
    scorers: Names = Field((), description="NAME or NAME@VERSION, beside the suite's criterion.")
    epochs: int = Field(1, ge=1, le=100, description="How often each question is asked.")
    batch: int = Field(8, ge=1, le=64, description="Samples that are made durable together.")
    concurrency: int = Field(8, ge=1, le=256, description="Most calls at once to an endpoint.")
    error_budget: float = Field(
        0.1, ge=0, le=1, description="Share of samples that may fail before the run is ended."
    )
    retries: int = Field(2, ge=0, le=10, description="More tries after an error that passes.")
    priority: int = Field(0, ge=-100, le=100, description="Higher goes first in the queue.")
    cache: bool = Field(True, description="Take answers that were made the same way before.")

    def way(self) -> Way:
        """Return the way of answering."""
        return Way(self.method, self.corpus, self.retrieval, self.top_k, self.examples, self.shape)

    def params(self, epoch: int = 0) -> Params:
        """Return how to generate; every epoch has a seed of its own."""
        return Params(
            max_tokens=self.max_tokens,
            temperature=self.temperature,
            seed=(self.seed + epoch * 1_000_003) % 2**63,
        )

    def told(self) -> dict[str, Any]:
        """Return the whole document as it is kept."""
        return self.model_dump(mode="json")


def parse(given: object) -> RunConfig:
    """Return a run's configuration, or say everything that is wrong with it."""
    if isinstance(given, RunConfig):
        return given
    if not isinstance(given, dict):
        raise BadInput("A run's configuration is not a table of fields.", "Write suite: NAME.")
    try:
        return RunConfig.model_validate(given)
    except ValidationError as error:
        lines = [_said(dict(each)) for each in error.errors(include_url=False)]
        raise BadInput("\n".join(lines), "docs/evals.md lists every field.") from error


def unfold(given: dict[str, Any]) -> list[RunConfig]:
    """Return the runs of a document: one, or one for each combination under `matrix`."""
    matrix = given.get("matrix")
    if not matrix:
        return [parse({key: value for key, value in given.items() if key != "matrix"})]
    if not isinstance(matrix, dict) or not all(isinstance(v, list) and v for v in matrix.values()):
        raise BadInput("matrix does not list values by field.", "Write method: [naive, cot].")
    fixed = {key: value for key, value in given.items() if key != "matrix"}
    runs = []
    for values in itertools.product(*matrix.values()):
        chosen = dict(zip(matrix, values, strict=True))
        words = [fixed.get("name", ""), *(_word(value) for value in values)]
        name = " ".join(word for word in words if word)
        runs.append(parse({**fixed, **chosen, "name": name}))
        if len(runs) > MOST_RUNS:
            raise BadInput(f"matrix makes more than {MOST_RUNS} runs.", "List fewer values.")
    return runs


def read(file: Path) -> dict[str, Any]:
    """Return the document of a YAML or JSON file."""
    import yaml

    try:
        text = file.read_text(encoding="utf-8")
        told = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        raise BadInput(f"{file.name} cannot be read: {error}", "Write YAML or JSON.") from error
    if not isinstance(told, dict):
        raise BadInput(f"{file.name} holds no table of fields.", "Write suite: NAME.")
    return told


def nearest(name: str, known: "tuple[str, ...] | list[str]") -> str:
    """Return the question whether another name was meant; blank where none is near."""
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return f" Did you mean {near[0]}?" if near else ""


def _said(error: dict[str, Any]) -> str:
    path = [str(part) for part in error["loc"]]
    field, where = path[-1] if path else "", ".".join(path)
    if error["type"] == "extra_forbidden":
        known = Model.model_fields if len(path) > 1 else RunConfig.model_fields
        return f"{where} is not a field.{nearest(field, [*known, 'matrix'])}"
    if error["type"] == "literal_error":
        if field == "adapter":
            return f"adapter {error['input']!r}: there are no adapters to choose from."
        choices = _CHOICES.get(field, ())
        near = nearest(str(error["input"]), choices)
        listed = ", ".join(choice for choice in choices if choice)
        return f"{where} {str(error['input'])[:100]!r} is not known.{near} Use one of {listed}."
    given = "" if error["type"] == "missing" else f" {str(error['input'])[:100]!r}"
    return f"{where}{given} {refusal(error['type'], error.get('ctx', {}), error['msg'])}."


def _word(value: object) -> str:
    return "-".join(map(str, value.values())) if isinstance(value, dict) else str(value)
