"""What callers send about suites, and the documents they get back.

It knows fields, their limits and which of them leave the house. It reads no file.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.records import Item, Suite
from core.server.asked import Text
from eval.datasets.fields import Mapping
from eval.datasets.intake import Problems
from eval.datasets.rows import row_of
from eval.datasets.suites import About

Name = Annotated[Text, Field(max_length=63)]
Column = Annotated[Text, Field(max_length=200)]
FormName = Literal["", "csv", "jsonl", "json", "parquet"]


class DatasetRequest(BaseModel):
    """How a file is read, and what is said of the suite it becomes."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="What the suite is called.")
    title: Annotated[Text, Field(max_length=200)] = Field("", description="Shown on pages.")
    criterion: Annotated[Text, Field(max_length=60)] = Field(
        "", description="The scorer that says what passes; blank: chosen by the answers."
    )
    license: Annotated[Text, Field(max_length=200)] = Field("", description="Such as MIT.")
    card: Annotated[Text, Field(max_length=100_000)] = Field("", description="Markdown.")
    format: FormName = Field("", description="csv, jsonl, json, parquet; blank: by its name.")
    encoding: Annotated[Text, Field(max_length=40)] = Field(
        "", description="Such as cp1252; blank: UTF-8, or what its first bytes say."
    )
    question: Column = Field("", description="The column of questions; blank: the usual names.")
    references: Column = Field("", description="The column of accepted answers; - for none.")
    id: Column = Field("", description="The column of ids; - to number the rows.")
    kind: Column = Field("", description="The column of kinds; - for none.")
    contexts: Column = Field("", description="The column of given passages; - for none.")
    choices: Column = Field("", description="The column of choices; - for none.")
    cluster: Column = Field("", description="The column of source documents; - for none.")
    separator: Annotated[Text, Field(max_length=10)] = Field(
        "", description="What parts a cell that holds several answers, choices or passages."
    )
    check: bool = Field(False, description="Look only: list what is wrong and keep nothing.")

    def mapping(self) -> Mapping:
        """Return which column is what."""
        names = ("question", "references", "id", "kind", "contexts", "choices", "cluster")
        return Mapping(**{name: getattr(self, name) for name in names}, separator=self.separator)

    def about(self, origin: dict[str, Any]) -> About:
        """Return what is said of the suite."""
        return About(self.title, self.criterion, self.card, self.license, origin)


class FileRequest(DatasetRequest):
    """What the command line asks for: a file of this machine."""

    path: str
    origin: dict[str, Any] = {}


class WriteRequest(BaseModel):
    """What the command line asks for: a suite as a file of this machine."""

    model_config = ConfigDict(extra="forbid")

    path: str
    format: Literal["jsonl", "csv"] = "jsonl"
    version: str | None = None


def suite_row(suite: Suite) -> dict[str, Any]:
    """Return a suite as it is sent, without its card; owners never leave the house."""
    return {
        "name": suite.name,
        "title": suite.title,
        "version": suite.version,
        "criterion": suite.criterion,
        "count": suite.count,
        "kinds": suite.kinds,
        "license": suite.license,
        "bundled": bool(suite.source.get("bundled")),
        "corpus": suite.source.get("corpus") or None,
        "source": {k: v for k, v in suite.source.items() if k not in ("bundled", "corpus")},
        "created": suite.created.isoformat() if suite.created else None,
    }


def item_row(item: Item) -> dict[str, Any]:
    """Return an item as it is sent."""
    return row_of(item)


def problems_row(problems: Problems, total: int) -> dict[str, Any]:
    """Return what is wrong with a file: the count, and the first thousand rows."""
    listed = [{problems.unit: place, "reason": reason} for place, reason in sorted(problems.listed)]
    return {"usable": False, "rows": total, "bad": problems.count, "problems": listed}
