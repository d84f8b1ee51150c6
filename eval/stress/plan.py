"""What a stress run is asked for: scenario, modes, budget, model; and the lanes that makes.

It knows which words are allowed together. Whether a model is there is found out when it runs.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.errors import BadInput, refusal
from eval.stress.scenario import DEFAULT

Mode = Literal["memory", "truncate", "recompute", "flash"]
MODES: tuple[Mode, ...] = ("memory", "truncate", "recompute", "flash")
BOTH: tuple[Mode, ...] = ("memory", "flash")
CONTROL, ENDPOINT = "control", "endpoint"
MB = 1_000_000


class Asked(BaseModel):
    """One stress run, whole; every field may be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str = Field(DEFAULT, description="A scenario's name.")
    modes: tuple[Mode, ...] = Field(BOTH, min_length=1, description="One or more of the modes.")
    budget_mb: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Memory beyond the loaded model; None: the scenario's.",
    )
    slow_s: float | None = Field(
        None, gt=0, le=86_400, description="A longer turn counts as slow; None: STRESS_SLOW_S."
    )
    control: bool = Field(
        True, description="Also without a limit: proves the tokens, and times recomputing."
    )
    model: str = Field("", description="bundled, or a model folder; blank: as MODEL says.")
    url: str = Field("", description="Ask the OpenAI-style server at this address instead.")
    model_name: str = Field("", description="The model's name at that address.")
    limit: Literal["", "rlimit", "counted"] = Field(
        "", description="How the limit is kept; blank: for real where the system can."
    )

    @model_validator(mode="after")
    def _check(self) -> "Asked":
        if self.url and self.model:
            raise ValueError("url and model name two models.")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError("url must start with http:// or https://.")
        if len(set(self.modes)) < len(self.modes):
            raise ValueError("modes names a mode twice.")
        return self

    @property
    def lanes(self) -> tuple[str, ...]:
        """Return what runs, one after the other."""
        if self.url:
            return (ENDPOINT,)
        return (*self.modes, CONTROL) if self.control else self.modes


def parse(told: object) -> Asked:
    """Return what is asked for, or say everything that is wrong with it."""
    if isinstance(told, Asked):
        return told
    try:
        return Asked.model_validate(told)
    except ValidationError as error:
        lines = [_said(dict(each)) for each in error.errors(include_url=False)]
        raise BadInput("\n".join(lines), "docs/stress.md lists every field.") from error


def modes_of(word: str) -> tuple[Mode, ...]:
    """Return the modes a word on the command line stands for."""
    if word == "both":
        return BOTH
    if word == "all":
        return MODES
    return tuple(mode for mode in MODES if mode == word)


def _said(error: dict[str, Any]) -> str:
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{where} is not a field."
    if error["type"] == "value_error":
        return str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "literal_error":
        return f"{where} {str(error['input'])[:100]!r} is not known. Use one of {', '.join(MODES)}."
    return f"{where} {refusal(error['type'], error.get('ctx', {}), error['msg'])}."
