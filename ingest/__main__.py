"""Bring sources into indexes, look at them and search them, from the command line.

    python -m ingest                         the installed transformers package, or REPO_PATH
    python -m ingest ./project --name mine   a folder; also packages, archives, git, hub:NAME
    python -m ingest --corpus FILE.jsonl --index mine       ready chunks: {"id", "path", "text"}
    python -m ingest query "how is it cached" --index mine
    python -m ingest list | report [NAME] | delete NAME

With the app running it asks the app, with none it does the work itself.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse
import json
import sys

from core.errors import PlumblineError
from core.retrieval.found import MODES
from core.settings import Settings, load
from ingest import service
from ingest.desk import Desk, opened
from ingest.following import in_words
from ingest.terminal import Bar, found

COMMANDS = ("query", "list", "report", "delete")
CANCELLED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the process' exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    command = words[0] if words and words[0] in COMMANDS else ""
    asked = _parser(command).parse_args(words[1:] if command else words)
    try:
        settings = load()
        with opened(settings) as desk:
            if command:
                return _LOOKS[command](desk, asked)
            return ingested(desk, asked, settings)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return CANCELLED


def ingested(desk: Desk, asked: argparse.Namespace, settings: Settings) -> int:
    """Bring in every source, one after the other; stop at the first that fails."""
    sources = [(asked.corpus, True)] if asked.corpus else []
    sources += [(source, False) for source in asked.source]
    for source, is_corpus in sources or [(service.default_source(settings), False)]:
        body = {
            "source": source,
            "corpus": is_corpus,
            "name": asked.name,
            "title": asked.title,
            "cutting": asked.cutting,
            "include": asked.include,
            "exclude": asked.exclude,
            "embed": not asked.no_embed,
        }
        code = _one(desk, {name: said for name, said in body.items() if said is not None})
        if code:
            return code
    return 0


def _one(desk: Desk, body: dict[str, object]) -> int:
    told = desk.submit(body)
    job_id = told["job"]["id"]
    bar = Bar(str(told["corpus"]))
    try:
        job = bar.follow(lambda: desk.look(job_id))
    except KeyboardInterrupt:
        desk.cancel(job_id)
        bar.follow(lambda: desk.look(job_id))
        print("Cancelled. What is done is kept; the same command goes on from there.")
        return CANCELLED
    if job["state"] == "completed":
        print(desk.report(told["corpus"])["text"])
        return 0
    print(in_words(job["error"] or f"The ingest was {job['state']}."), file=sys.stderr)
    return 1


def _query(desk: Desk, asked: argparse.Namespace) -> int:
    body = {"query": asked.text, "corpus": asked.index, "mode": asked.mode, "top_k": asked.k}
    told = desk.search(body)
    print(json.dumps(told, indent=2, ensure_ascii=False) if asked.json else found(told))
    return 0


def _list(desk: Desk, _: argparse.Namespace) -> int:
    print("\n".join(desk.indexes()["lines"]) or "Nothing is indexed yet.")
    return 0


def _report(desk: Desk, asked: argparse.Namespace) -> int:
    told = desk.report(asked.name)
    print(json.dumps(told["report"], indent=2, ensure_ascii=False) if asked.json else told["text"])
    return 0


def _delete(desk: Desk, asked: argparse.Namespace) -> int:
    desk.delete(asked.name)
    print(f"The index {asked.name!r} is deleted.")
    return 0


_LOOKS = {"query": _query, "list": _list, "report": _report, "delete": _delete}


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m ingest {command}".strip(),
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if command == "query":
        parser.add_argument("text", help="what is looked for")
        parser.add_argument("--index", default="", help="the index; blank: the default one")
        parser.add_argument("--mode", choices=MODES, default="reranked", help="how to rank")
        parser.add_argument("--k", type=int, default=5, help="how many chunks (default 5)")
    if command in ("query", "report"):
        parser.add_argument("--json", action="store_true", help="print a JSON document")
    if command in ("report", "delete"):
        parser.add_argument("name", nargs=None if command == "delete" else "?", default="")
    if not command:
        _sources(parser)
    return parser


def _sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", nargs="*", help="packages, folders, archives, git, hub:NAME")
    parser.add_argument("--name", "--index", help="the index's name; blank: made from the source")
    parser.add_argument("--title", help="what it is called on pages")
    parser.add_argument("--cutting", default="code", help="code (default) or window-128 to -800")
    parser.add_argument("--include", action="append", default=[], help="glob; only what matches")
    parser.add_argument("--exclude", action="append", default=[], help="glob; not what matches")
    parser.add_argument("--corpus", metavar="FILE.jsonl", help="a file of ready chunks")
    parser.add_argument("--no-embed", action="store_true", help="words alone; no vectors")


if __name__ == "__main__":
    sys.exit(main())
