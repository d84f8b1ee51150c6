"""Which column of a row is the question, which the accepted answers, and so on.

It knows the usual names of columns and the shapes that answers come in. It does not know files,
and it says of a row what is wrong with it instead of raising.
"""

import difflib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from core.errors import BadInput
from core.records import Gold, Item
from core.store.values import clean
from eval.datasets.files import FIELD_LIMIT, Cells

MOST_TEXTS = 1_000
NAMES: dict[str, tuple[str, ...]] = {
    "question": ("question", "query", "prompt", "problem", "instruction", "input", "text"),
    "references": (
        "references",
        "reference",
        "answers",
        "answer",
        "target",
        "output",
        "expected",
        "ideal",
        "label",
    ),
    "id": ("id", "_id", "question_id", "qid"),
    "kind": ("kind", "category", "type", "subject", "level"),
    "contexts": ("contexts", "context", "passages", "passage", "documents"),
    "choices": ("choices", "options", "endings"),
    "cluster": ("cluster",),
    "answerable": ("answerable",),
    "gold": ("gold",),
    "details": ("details",),
}
_NO = frozenset({"false", "no", "0", "n"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """The columns by what they mean; blank: the usual names, "-": there is none.

    `separator` parts a cell that holds several answers, choices or passages.
    """

    question: str = ""
    references: str = ""
    id: str = ""
    kind: str = ""
    contexts: str = ""
    choices: str = ""
    cluster: str = ""
    separator: str = ""

    def check(self, row: Cells) -> None:
        """Refuse a first row that lacks a column that is named, or any column of questions."""
        for each in fields(self):
            name = getattr(self, each.name)
            if each.name != "separator" and name not in ("", "-") and name not in row:
                near = difflib.get_close_matches(name, row, n=1)
                hint = f"Did you mean {near[0]!r}?" if near else _listed(row)
                raise BadInput(f"There is no column {name!r} for {each.name}.", hint)
        if self._column("question", row) is None:
            raise BadInput("There is no column of questions.", _listed(row))

    def item(self, row: Cells, number: int) -> Item | str:
        """Return the row as an item, or why it cannot be one."""
        try:
            return self._item(row, number)
        except _Wrong as wrong:
            return str(wrong)

    def _item(self, row: Cells, number: int) -> Item:
        question = _text("question", self._cell("question", row))
        if not question.strip():
            raise _Wrong("it has no question")
        column = self._column("id", row)
        id = str(number) if column is None else _text("id", row[column]).strip()
        if not id:
            raise _Wrong("it has no id")
        choices = self._texts("choices", row)
        labels = _labels(self._cell("choices", row))
        references = chosen(self._texts("references", row), choices, labels)
        answerable = self._answerable(row)
        if answerable and not references and self.references != "-":
            raise _Wrong("it has no accepted answer; say answerable: false if none is right")
        return Item(
            id=id,
            question=question,
            references=references,
            kind=_text("kind", self._cell("kind", row)).strip(),
            choices=choices,
            contexts=self._texts("contexts", row),
            gold=tuple(map(_gold, _places(self._cell("gold", row)))),
            cluster=_text("cluster", self._cell("cluster", row)).strip(),
            answerable=answerable,
            details=_object("details", self._cell("details", row)),
        )

    def _column(self, field: str, row: Cells) -> str | None:
        return _columns(self, tuple(row)).get(field)

    def _cell(self, field: str, row: Cells) -> Any:  # noqa: ANN401
        column = self._column(field, row)
        return None if column is None else row[column]

    def _texts(self, field: str, row: Cells) -> tuple[str, ...]:
        found = dict.fromkeys(
            text for text in _texts(field, self._cell(field, row), self.separator) if text.strip()
        )
        if len(found) > MOST_TEXTS:
            raise _Wrong(f"{field} has {len(found):,} entries; at most {MOST_TEXTS:,}")
        return tuple(found)

    def _answerable(self, row: Cells) -> bool:
        cell = self._cell("answerable", row)
        return cell is None or _text("answerable", cell).strip().lower() not in _NO


def chosen(
    references: tuple[str, ...], choices: tuple[str, ...], labels: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Return the right choice in words and as its letter, where it was given as a place in them.

    A number is a place from 0 on, as MMLU writes it, unless the choices bring labels of their own.
    """
    if not choices or len(references) != 1 or references[0] in choices:
        return references
    given = references[0].strip()
    place = int(given) if given.isdecimal() else ord(given.upper()) - 65 if len(given) == 1 else -1
    place = labels.index(given) if given in labels else place
    if not 0 <= place < min(len(choices), 26):
        raise _Wrong(f"the answer {given[:40]!r} is none of the {len(choices)} choices")
    return choices[place], chr(65 + place)


@lru_cache(maxsize=64)
def _columns(mapping: Mapping, names: tuple[str, ...]) -> dict[str, str]:
    """Return which of a row's columns is which field; rows of a file mostly have the same."""
    found: dict[str, str] = {}
    for field, usual in NAMES.items():
        named = getattr(mapping, field, "")
        column = next((name for name in ((named,) if named else usual) if name in names), None)
        if column is not None:
            found[field] = column
    return found


class _Wrong(Exception):
    """Why a row cannot be used."""


def _text(field: str, value: Any) -> str:  # noqa: ANN401
    if value is None:
        return ""
    if isinstance(value, float) and not math.isfinite(value):
        raise _Wrong(f"{field} is {value}, which is no text")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if not isinstance(value, str | int | float | bool):
        raise _Wrong(f"{field} is a {type(value).__name__}, not a text")
    text = clean(str(value))
    if len(text) > FIELD_LIMIT:
        raise _Wrong(f"{field} has {len(text):,} characters; at most {FIELD_LIMIT:,}")
    return text


def _texts(field: str, value: Any, separator: str) -> list[str]:  # noqa: ANN401
    """Return the texts of a cell: one, a list, or an object as SQuAD and TriviaQA write answers."""
    if isinstance(value, dict):
        inner = value.get("text", [value.get("value"), *(value.get("aliases") or ())])
        return _texts(field, inner, separator)
    if isinstance(value, list | tuple):
        if len(value) > MOST_TEXTS * 10:
            raise _Wrong(f"{field} has {len(value):,} entries; at most {MOST_TEXTS:,}")
        return [text for each in value for text in _one(field, each)]
    text = _text(field, value)
    if text.lstrip()[:1] == "[":
        found = _json(text)
        if isinstance(found, list):
            return _texts(field, found, separator)
    return [part.strip() for part in text.split(separator)] if separator else [text]


def _labels(value: Any) -> tuple[str, ...]:  # noqa: ANN401
    labels = value.get("label") if isinstance(value, dict) else None
    return tuple(map(str, labels)) if isinstance(labels, list) else ()


def _one(field: str, value: Any) -> Iterable[str]:  # noqa: ANN401
    if isinstance(value, dict):
        return _texts(field, value, "")
    return [_text(field, value)]


def _places(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return the places of gold; other things that are called gold are not meant."""
    found = _json(value) if isinstance(value, str) else value
    is_places = isinstance(found, list) and all(isinstance(each, dict) for each in found)
    return found if is_places else []


def _object(field: str, value: Any) -> dict[str, Any]:  # noqa: ANN401
    found = _json(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        return {}
    try:
        text = clean(json.dumps(found, ensure_ascii=False, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise _Wrong(f"{field} holds what JSON cannot say (such as NaN)") from error
    if len(text) > FIELD_LIMIT:
        raise _Wrong(f"{field} has {len(text):,} characters; at most {FIELD_LIMIT:,}")
    return json.loads(text)


def _gold(row: dict[str, Any]) -> Gold:
    path, span = row.get("path"), row.get("span")
    if not isinstance(path, str) or not path:
        raise _Wrong("gold names no path")
    if span is None:
        return Gold(clean(path), None, clean(str(row.get("symbol") or "")))
    if not (isinstance(span, list) and len(span) == 2 and all(type(each) is int for each in span)):
        raise _Wrong("the span of gold is not two whole numbers")
    return Gold(clean(path), (span[0], span[1]), clean(str(row.get("symbol") or "")))


def _json(text: str) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _listed(row: Cells) -> str:
    names = ", ".join(repr(name) for name in list(row)[:20])
    return f"The columns are {names}; say which is which."
