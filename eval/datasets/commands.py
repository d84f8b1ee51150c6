"""`python -m eval datasets …` and `python -m eval corpus …`: suites from the command line.

    python -m eval datasets list
    python -m eval datasets show codeqa
    python -m eval datasets add questions.csv --name mine --criterion contains
    python -m eval datasets load gsm8k --n 200 --seed 0 [--path test.jsonl]
    python -m eval datasets export codeqa --out codeqa.jsonl
    python -m eval datasets delete mine
    python -m eval corpus codeqa

With the app running it asks the app, with none it does the work itself.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.settings import Settings
from eval.datasets.desk import Desk, Told

Run = Callable[[argparse.Namespace, Settings], int]
_COLUMNS = ("question", "references", "id", "kind", "contexts", "choices", "cluster")


def register(commands: Any) -> None:  # noqa: ANN401  argparse does not name the type
    """Add the two commands; each parsed one has `run(asked, settings) -> int`."""
    about = {"formatter_class": argparse.RawDescriptionHelpFormatter, "description": __doc__}
    datasets = commands.add_parser("datasets", help="the suites: list, show, add, load", **about)
    actions = datasets.add_subparsers(dest="action", required=True)
    _add(actions, "list", _list, "every suite in a line")
    _add(actions, "show", _show, "a suite, its card and its first questions", "name")
    _add(actions, "delete", _delete, "delete a suite that was brought", "name")
    export = _add(actions, "export", _export, "write a suite to a file", "name")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help=".jsonl or .csv")
    export.add_argument("--version", help="an earlier version; blank: the newest")
    _bring(_add(actions, "add", _bringing, "take in a file as a suite"))
    _sample(_add(actions, "load", _load, "a public data set, or a local copy of one"))
    corpus = _add(commands, "corpus", _corpus, "make the index that a bundled suite asks about")
    corpus.add_argument("name", help="the corpus; see `datasets show`: codeqa")
    corpus.add_argument("--no-embed", action="store_true", help="words alone; no vectors")
    corpus.add_argument("--files-only", action="store_true", help="write the files, index nothing")


def _add(
    commands: Any,  # noqa: ANN401
    name: str,
    run: Run,
    text: str,
    *places: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    for place in places:
        parser.add_argument(place)
    if name in ("list", "show"):
        parser.add_argument("--json", action="store_true", help="print a JSON document")
    parser.set_defaults(run=run)
    return parser


def _bring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, JSON lines, JSON or Parquet")
    parser.add_argument("--name", help="what the suite is called; blank: the file's name")
    parser.add_argument("--title", default="", help="what it is called on pages")
    parser.add_argument("--criterion", default="", help="the scorer that says what passes")
    parser.add_argument("--license", default="")
    parser.add_argument("--card", type=Path, help="a Markdown file that describes it")
    parser.add_argument("--format", default="", choices=["csv", "jsonl", "json", "parquet"])
    parser.add_argument("--encoding", default="", help="such as cp1252; blank: UTF-8")
    parser.add_argument("--separator", default="", help="what parts several answers in one cell")
    parser.add_argument("--check", action="store_true", help="look only; keep nothing")
    for column in _COLUMNS:
        parser.add_argument(f"--{column}", default="", metavar="COLUMN")


def _sample(parser: argparse.ArgumentParser) -> None:
    from eval.datasets.published import PUBLISHED

    parser.add_argument("dataset", choices=sorted(PUBLISHED))
    parser.add_argument("--n", type=int, default=200, help="how many questions (default 200)")
    parser.add_argument("--seed", type=int, default=0, help="which ones (default 0)")
    parser.add_argument("--path", type=Path, help="a local copy instead of the hub")
    parser.add_argument("--name", help="what the suite is called; blank: the data set's name")
    parser.add_argument("--fresh", action="store_true", help="sample again; do not use the cache")


def _list(asked: argparse.Namespace, settings: Settings) -> int:
    told = Desk(settings).list()
    print(_json(told) if asked.json else "\n".join(map(line, told["datasets"])))
    return 0


def _show(asked: argparse.Namespace, settings: Settings) -> int:
    told = Desk(settings).show(asked.name)
    print(_json(told) if asked.json else shown(told))
    return 0


def _delete(asked: argparse.Namespace, settings: Settings) -> int:
    Desk(settings).delete(asked.name)
    print(f"The suite {asked.name!r} is deleted.")
    return 0


def _export(asked: argparse.Namespace, settings: Settings) -> int:
    form = "csv" if asked.out.suffix.lower() == ".csv" else "jsonl"
    body = {"path": str(asked.out.absolute()), "format": form, "version": asked.version}
    told = Desk(settings).export(asked.name, body)
    print(f"{told['rows']:,} questions of {asked.name!r} are in {asked.out}.")
    return 0


def _bringing(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.datasets.asked import FileRequest

    told = {name: getattr(asked, name) for name in (*_COLUMNS, "separator", "encoding", "format")}
    told |= {name: getattr(asked, name) for name in ("title", "criterion", "license")}
    told |= {"card": _text(asked.card) if asked.card else ""}
    name = asked.name or asked.file.name.split(".")[0]
    body = FileRequest(name=name, path=str(asked.file.absolute()), **told)
    if not _looked(body):
        return 1
    if not asked.check:
        body = body.model_copy(update={"origin": {"file": asked.file.name}})
        print(line(Desk(settings).add(body.model_dump())))
    return 0


def _text(card: Path) -> str:
    try:
        return card.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"The card {card.name} cannot be read.", "Give a Markdown file in UTF-8."
        ) from error


def _looked(body: Any) -> bool:  # noqa: ANN401
    """Look at the whole file here, so that every bad row is printed, and say how far it is."""
    from eval.datasets.files import form_of
    from eval.datasets.intake import BadRows, Sheet, examine

    file = Path(body.path)
    sheet = Sheet(file, body.format or form_of(file.name), body.mapping(), body.encoding)
    try:
        found = examine(sheet, _say)
    except BadRows as bad:
        print(bad.problems.text(), file=sys.stderr)
        told = f"{bad.problems.count:,} of {bad.total:,} rows cannot be used; nothing was kept."
        print(told, file=sys.stderr)
        return False
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in found.kinds.items())
    print(f"{found.count:,} rows can be used{f' ({kinds})' if kinds else ''}.")
    return True


def _load(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.datasets.published import body_of, sampled

    file = sampled(
        asked.dataset,
        settings.data_dir,
        asked.n,
        asked.seed,
        path=asked.path,
        fresh=asked.fresh,
        say=lambda text: print(text, file=sys.stderr),
    )
    print(line(Desk(settings).add(body_of(asked.dataset, file, asked.name or asked.dataset))))
    return 0


def _corpus(asked: argparse.Namespace, settings: Settings) -> int:
    from eval.datasets import corpora

    folder = corpora.lay_out(asked.name, settings.data_dir)
    count = sum(file.is_file() for file in folder.rglob("*"))
    print(f"{count:,} files are in {folder}.")
    return 0 if asked.files_only else corpora.ingest(asked.name, folder, not asked.no_embed)


def line(told: Told) -> str:
    """Return a suite as one line."""
    where = "bundled" if told["bundled"] else "brought"
    return (
        f"{told['name']:<16} {told['count']:>9,} questions  {told['criterion']:<16} {where}  "
        f"{told['version'][:12]}  {told['title']}"
    )


def shown(told: Told) -> str:
    """Return a suite with its card and its first questions."""
    kinds = ", ".join(f"{n:,} {kind}" for kind, n in told["kinds"].items())
    parts = [line(told), f"Kinds: {kinds or 'none'}", f"Licence: {told['license'] or 'not said'}"]
    parts += [f"Corpus: {told['corpus']}"] if told["corpus"] else []
    parts += [f"Versions: {', '.join(version[:12] for version in told['versions'])}"]
    parts += ["", *(_json(row) for row in told["examples"])]
    return "\n".join([*parts, *(["", told["card"]] if told["card"] else [])])


def _say(rows: int) -> None:
    print(f"{rows:,} rows read", file=sys.stderr)


def _json(told: object) -> str:
    return json.dumps(told, indent=2, ensure_ascii=False)
