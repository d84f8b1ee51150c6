"""`python -m core.assistant "question"`: ask from the command line and see every step.

    python -m core.assistant "What is 34 * 7?" --method agent --trace
    python -m core.assistant "Who calls it?" --method agent --shape plan --corpus mine
    python -m core.assistant --runs | --resume RUN | --replay RUN

With the app running it asks the app, with none it does the work itself.
"""

import core.process  # noqa: F401  # isort: skip  must come first

import argparse
import json
import os
import sys
from contextlib import ExitStack
from typing import Any

from core.assistant import asking, told
from core.assistant.runs import Runs
from core.assistant.sessions import Sessions
from core.assistant.way import METHODS, SHAPES
from core.errors import PlumblineError
from core.server import handover
from core.server.handover import Method
from core.settings import Settings, load
from core.store.connection import Store

PATIENCE_S = 600.0


def main(arguments: list[str] | None = None) -> int:
    """Ask one thing; return the process' exit code."""
    asked = _parser().parse_args(arguments)
    try:
        document = _document(load(), asked)
    except PlumblineError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if asked.json:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    elif asked.runs:
        print("\n".join(document["runs"]) or "There are no runs.")
    else:
        print("\n".join(told.lines(document, asked.trace or bool(asked.replay))))
    return 0


def _document(settings: Settings, asked: argparse.Namespace) -> dict[str, Any]:
    method: Method = "POST"
    path, body = ("ask",), {name: getattr(asked, name) for name in asking.FIELDS}
    body = {"question": asked.question, **body}
    if asked.runs:
        method, path, body = "GET", ("runs",), None
    elif asked.replay:
        method, path, body = "GET", ("runs", asked.replay), None
    elif asked.resume:
        path = ("runs", asked.resume, "resume")
        body = {"method": "agent", "corpus": asked.corpus}

    def alone(store: Store) -> dict[str, Any]:
        with ExitStack() as ending:
            sessions = opened(settings, store, ending)
            runs = Runs(sessions)
            if asked.runs:
                return runs.list()
            if asked.replay:
                return runs.replay(asked.replay)
            if asked.resume:
                return runs.resume(asked.resume, asking.way_of(body or {}))
            return asking.asked(sessions, body or {})

    return handover.either(settings, method, path, alone, body, PATIENCE_S)


def opened(settings: Settings, store: Store, ending: ExitStack) -> Sessions:
    """Return what answers in this process, with its model and index loaded."""
    from core.assistant.scorer import open_support
    from core.models.catalog import Catalog
    from core.retrieval.library import Library
    from core.store.chats import Chats
    from core.store.generations import Generations

    models = Catalog(settings, Generations(store))
    ending.callback(models.close)
    library = Library(settings, store, attended=False)
    ending.callback(library.close)
    models.warm()
    library.warm()
    support = open_support(settings, library.embedder.embed, lambda: library.is_embedding)
    return Sessions.over(settings, store, Chats(store), models, library, support=support)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m core.assistant",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", help="what to ask")
    what.add_argument("--runs", action="store_true", help="list the agent runs that are kept")
    what.add_argument("--resume", metavar="RUN", help="go on with a run that was cut off")
    what.add_argument("--replay", metavar="RUN", help="show the steps of a run")
    parser.add_argument("--method", choices=METHODS, default="rag", help="how to answer")
    parser.add_argument("--shape", choices=SHAPES, default="react", help="how an agent works")
    parser.add_argument("--corpus", default="", help="what to search; blank: the default one")
    parser.add_argument("--retrieval", "--mode", help="lexical, dense, hybrid or reranked")
    parser.add_argument("--top-k", dest="top_k", type=int, help="passages shown to the model")
    parser.add_argument("--examples", type=int, help="worked examples for cot")
    parser.add_argument("--trace", action="store_true", help="show every step")
    parser.add_argument("--json", action="store_true", help="print a JSON document")
    return parser


if __name__ == "__main__":
    code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # All that was opened is closed and let go of. What the libraries of models leave running can
    # keep an interpreter that ends by itself for a long time, and has nothing more to say.
    os._exit(code)
