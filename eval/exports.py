"""A run's samples and scores as a file for other programs: CSV, JSONL, Parquet, JUnit.

Every form is written row by row, so that a large run is never held whole. It knows what
spreadsheets and XML cannot be trusted with; it does not know where the rows come from.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from core.documents import Evidence, Mark
from core.errors import BadInput, Unwritable
from core.records import Answered, Run, Score
from core.store.values import clean, to_json
from eval.config import nearest

if TYPE_CHECKING:
    import pyarrow as pa

Told = dict[str, Any]
# The rows of a run; called again where a form needs to know something of all of them first.
Walk = Callable[[], Iterable[Answered]]

GROUP = 1_000
FAILED = ("wrong", "refused", "unsupported", "unparsed")
# A spreadsheet takes such a cell for a formula; the wide forms are taken for the narrow ones.
_FORMULA = re.compile("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write(form: str, run: Run, walk: Walk, target: Path) -> Path:
    """Write a run in one of the forms and return the file."""
    if form not in _WRITERS:
        known = ", ".join(FORMS)
        if not form:
            raise BadInput(f"{target.name} does not say its form.", f"Use one of {known}.")
        raise BadInput(f"{form!r} is no form.{nearest(form, FORMS)}", f"Use one of {known}.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _WRITERS[form](run, walk, target)
    except OSError as error:
        raise Unwritable(
            f"{target.name} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    return target


def suffix(form: str) -> str:
    """Return how a file of this form ends."""
    return ".xml" if form == "junit" else f".{form}"


def row(answered: Answered) -> Told:
    """Return a sample with its question and its scores as plain values."""
    item, sample = answered.item, answered.sample
    return {
        "position": sample.position,
        "epoch": sample.epoch,
        "item": item.id,
        "kind": item.kind,
        "cluster": item.cluster,
        "answerable": item.answerable,
        "outcome": answered.outcome,
        "question": item.question,
        "references": list(item.references),
        "choices": list(item.choices),
        "answer": sample.answer,
        "reasoning": sample.reasoning,
        "quote": sample.quote,
        "reason": sample.reason,
        "seconds": sample.seconds,
        "first_token_s": sample.first_token_s,
        "tokens_in": _sum(usage.tokens_in for usage in sample.usage),
        "tokens_out": _sum(usage.tokens_out for usage in sample.usage),
        "calls": len(sample.usage),
        "cached": sample.cached,
        "error": sample.error,
        "error_text": sample.error_text,
        "prompts": list(sample.prompts),
        "notices": list(sample.notices),
        "evidence": [_evidence(n, each) for n, each in enumerate(sample.evidence, 1)],
        "marks": [_mark(mark) for mark in sample.marks],
        "scores": [_score(score) for score in answered.scores],
        "labels": [
            {"passed": each.passed, "name": each.name, "reason": each.reason}
            for each in answered.labels
            if each.undone is None
        ],
    }


def write_table(run: str, suite: str, rows: Iterable[Told], target: Path) -> None:
    """Write rows as `row` makes them as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = _schema().with_metadata({"run": clean(run), "suite": clean(suite)})
    with pq.ParquetWriter(target, schema, compression="zstd") as file:
        for group in _groups(_cleaned(each) for each in rows):
            file.write_table(pa.Table.from_pylist(group, schema))


def cell(value: object) -> str:
    """Return a value as a cell that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return repr(value)
    text = clean(value if isinstance(value, str) else to_json(value))
    return f"'{text}" if _FORMULA.match(text) else text


def line(told: object) -> str:
    """Return a value as one line of JSON; half a surrogate pair stays, as an escape."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(", ", ": "))
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _write_csv(run: Run, walk: Walk, target: Path) -> None:
    scorers = sorted({_named(score) for answered in walk() for score in answered.scores})
    plain = [name for name in _SCHEMA if name not in _NESTED]
    head = ["run", "suite", "method", "model", *plain, "label", *scorers]
    about = [run.name, run.suite, run.method, run.model]
    # utf-8-sig: without the mark a spreadsheet takes the text for another encoding.
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([cell(name) for name in head])
        for answered in walk():
            told = row(answered)
            values = {_named(score): score.value for score in answered.scores}
            label = told["labels"][-1]["passed"] if told["labels"] else None
            cells = [*about, *(told[name] for name in plain), label]
            out.writerow([cell(value) for value in [*cells, *map(values.get, scorers)]])


def _write_jsonl(run: Run, walk: Walk, target: Path) -> None:
    with target.open("w", encoding="utf-8", newline="\n") as file:
        for answered in walk():
            file.write(line({"run": run.name, **row(answered)}) + "\n")


def _write_parquet(run: Run, walk: Walk, target: Path) -> None:
    write_table(run.name, run.suite, (row(answered) for answered in walk()), target)


def _write_junit(run: Run, walk: Walk, target: Path) -> None:
    outcomes = [answered.outcome for answered in walk()]
    counts = {
        "tests": len(outcomes),
        "failures": sum(what in FAILED for what in outcomes),
        "errors": outcomes.count("error"),
        "skipped": outcomes.count("unscored"),
    }
    with target.open("w", encoding="utf-8", newline="\n") as file:
        out = XMLGenerator(file, "utf-8", short_empty_elements=True)
        out.startDocument()
        named = {"name": _xml(run.name or run.id)} | {key: str(n) for key, n in counts.items()}
        out.startElement("testsuites", AttributesImpl(named))
        out.startElement("testsuite", AttributesImpl(named))
        for answered in walk():
            _case(out, run, answered)
        out.endElement("testsuite")
        out.endElement("testsuites")
        out.endDocument()


FORMS = ("csv", "jsonl", "parquet", "junit")
_WRITERS: dict[str, Callable[[Run, Walk, Path], None]] = {
    "csv": _write_csv,
    "jsonl": _write_jsonl,
    "parquet": _write_parquet,
    "junit": _write_junit,
}
_SCHEMA = {
    **dict.fromkeys(("position", "epoch"), "int"),
    **dict.fromkeys(("item", "kind", "cluster"), "text"),
    "answerable": "bool",
    **dict.fromkeys(("outcome", "question"), "text"),
    **dict.fromkeys(("references", "choices"), "texts"),
    **dict.fromkeys(("answer", "reasoning", "quote", "reason"), "text"),
    **dict.fromkeys(("seconds", "first_token_s"), "float"),
    **dict.fromkeys(("tokens_in", "tokens_out", "calls"), "int"),
    "cached": "bool",
    **dict.fromkeys(("error", "error_text"), "text"),
    **dict.fromkeys(("prompts", "notices"), "texts"),
    "evidence": "evidence",
    "marks": "marks",
    "scores": "scores",
    "labels": "labels",
}
_NESTED = ("evidence", "marks", "scores", "prompts", "labels")


def _schema() -> "pa.Schema":
    import pyarrow as pa

    text, whole, real, flag = pa.string(), pa.int64(), pa.float64(), pa.bool_()
    place = {"n": whole, "path": text, "start": whole, "end": whole, "symbol": text}
    mark = {"text": text, "mark": text, "score": real, "chunks": pa.list_(whole)}
    score = {"scorer": text, "version": text, "value": real, "passed": flag, "why": text}
    label = {"passed": flag, "name": text, "reason": text}
    types = {
        "text": text,
        "int": whole,
        "float": real,
        "bool": flag,
        "texts": pa.list_(text),
        "evidence": pa.list_(pa.struct({**place, "score": real, "text": text})),
        "marks": pa.list_(pa.struct(mark)),
        "scores": pa.list_(pa.struct(score)),
        "labels": pa.list_(pa.struct(label)),
    }
    return pa.schema([(name, types[kind]) for name, kind in _SCHEMA.items()])


def _case(out: XMLGenerator, run: Run, answered: Answered) -> None:
    sample, item = answered.sample, answered.item
    epoch = f" epoch {sample.epoch}" if sample.epoch else ""
    attributes = {
        "classname": _xml(f"{run.suite}.{item.kind}" if item.kind else run.suite),
        "name": _xml(f"{item.id}{epoch}"),
    }
    if sample.seconds is not None:
        attributes["time"] = f"{sample.seconds:.3f}"
    out.startElement("testcase", AttributesImpl(attributes))
    if answered.outcome in FAILED:
        said = f"{item.question}\n\nexpected: {' | '.join(item.references)}\ngot: {sample.answer}"
        _element(out, "failure", answered.outcome, said)
    elif answered.outcome == "error":
        _element(out, "error", sample.error, sample.error_text)
    elif answered.outcome == "unscored":
        why = next((score.why for score in answered.scores if score.why), "")
        _element(out, "skipped", why or "unscored", "")
    out.endElement("testcase")


def _element(out: XMLGenerator, name: str, message: str, said: str) -> None:
    out.startElement(name, AttributesImpl({"message": _xml(message)}))
    out.characters(_xml(said))
    out.endElement(name)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", clean(text))


def _cleaned(value: Any) -> Any:  # noqa: ANN401  any plain value, the same shape back
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(each) for key, each in value.items()}
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def _groups(rows: Iterable[Told]) -> Iterator[list[Told]]:
    left = iter(rows)
    while group := list(islice(left, GROUP)):
        yield group


def _evidence(n: int, each: Evidence) -> Told:
    chunk = each.chunk
    place = {"path": chunk.path, "start": chunk.start, "end": chunk.end, "symbol": chunk.symbol}
    return {"n": n, **place, "score": each.score, "text": chunk.text}


def _mark(mark: Mark) -> Told:
    told = {"text": mark.text, "mark": mark.mark, "score": mark.score}
    return {**told, "chunks": list(mark.chunks)}


def _score(score: Score) -> Told:
    names = ("scorer", "version", "value", "passed", "why")
    return {name: getattr(score, name) for name in names}


def _named(score: Score) -> str:
    return f"{score.scorer}@{score.version}"


def _sum(counts: Iterable[int | None]) -> int | None:
    told: Sequence[int | None] = list(counts)
    known = [count for count in told if count is not None]
    return sum(known) if told and len(known) == len(told) else None
