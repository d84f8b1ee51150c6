"""Puts a bundle on the Hugging Face hub: as a data set, or as a Space that shows its pages.

It knows the hub's client and the card each kind of repository needs. The token is the client's
own matter: HF_TOKEN, or a login. Everything is sent in one commit, so that nobody ever sees half
of a bundle.
"""

import hashlib
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from core.errors import BadInput, Forbidden, PlumblineError, SourceError, Unauthorized
from eval.publish import MANIFEST, files

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

    Operation = CommitOperationAdd | CommitOperationDelete

Kind = Literal["dataset", "space"]
KINDS: tuple[Kind, ...] = get_args(Kind)
CARD = "README.md"
KEPT = (".gitattributes",)
_ID = re.compile(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}")


def push(bundle: Path, to: str, kind: Kind = "dataset", *, private: bool = False) -> str:
    """Send a bundle to `owner/name` and return the address it is at."""
    from huggingface_hub import CommitOperationAdd, HfApi

    told = checked(bundle)
    if not _ID.fullmatch(to) or ".." in to or "--" in to:
        raise BadInput(f"{to!r} is no place on the hub.", "Write it as owner/name.")
    api = HfApi()
    with mapped(to):
        sdk = "static" if kind == "space" else None
        made = api.create_repo(to, repo_type=kind, private=private, exist_ok=True, space_sdk=sdk)
        operations: list[Operation] = [
            CommitOperationAdd(each.relative_to(bundle).as_posix(), each) for each in files(bundle)
        ]
        operations.append(CommitOperationAdd(CARD, card(told, kind).encode()))
        operations += _gone(api, to, kind, {each.path_in_repo for each in operations})
        with warnings.catch_warnings():
            # The client doubts that a Space wants tables; the pages link to them.
            warnings.filterwarnings("ignore", "It seems that you are about to commit a data file")
            api.create_commit(to, operations, commit_message=_message(told), repo_type=kind)
    return str(made)


def checked(bundle: Path) -> dict[str, Any]:
    """Return the manifest of a bundle whose files are all there and as they were made."""
    try:
        told = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))
        listed = {name: each["sha256"] for name, each in told["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{bundle.name} is no bundle: it has no {MANIFEST} that can be read.",
            "`python -m eval publish RUN --out DIR` makes one.",
        ) from error
    there = {each.relative_to(bundle).as_posix(): each for each in files(bundle)}
    there.pop(MANIFEST)
    wrong = sorted(set(listed) ^ set(there))
    wrong += [name for name in listed if name in there and _hash(there[name]) != listed[name]]
    if wrong:
        raise BadInput(
            f"{len(wrong)} files of {bundle.name} are not those it was made with: "
            f"{', '.join(wrong[:3])}.",
            "Publish it again.",
        )
    return told


def card(told: dict[str, Any], kind: Kind) -> str:
    """Return the card of a bundle, with the block on top that the hub reads."""
    import yaml

    tables = [
        {"config_name": run["slug"], "data_files": f"data/{run['slug']}.parquet"}
        for run in told["runs"]
    ]
    head: dict[str, Any] = {"title": told["title"], "sdk": "static", "app_file": "index.html"}
    if kind == "dataset":
        head = {"pretty_name": told["title"], "tags": ["evaluation"], "configs": tables}
    runs = "\n".join(
        f"- {run['name']}: {run['method']} on {run['suite']}, {run['origin']['said']}"
        for run in told["runs"]
    )
    verdicts = "\n".join(f"- {each['sentence']}" for each in told["comparisons"])
    block = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    compared = f"\n## Comparisons\n\n{verdicts}\n" if verdicts else ""
    return (
        f"---\n{block}---\n# {told['title']}\n\nRuns of Plumbline, published {told['published']}. "
        f"Open `index.html`: it needs no network.\n\n## Runs\n\n{runs}\n{compared}"
    )


@contextmanager
def mapped(to: str) -> Iterator[None]:
    """Turn what the hub's client raises into errors that say what to do."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, OfflineModeIsEnabled

    try:
        yield
    except HFValidationError as error:
        raise BadInput(f"{to!r} is no place on the hub.", "Write it as owner/name.") from error
    except HfHubHTTPError as error:
        raise _refused(to, error.response.status_code) from error
    except (OfflineModeIsEnabled, httpx2.HTTPError, OSError) as error:
        raise SourceError(
            f"{to} was not written: the hub cannot be reached.",
            "Check the network and push again; the bundle on disk is whole.",
        ) from error


def _refused(to: str, status: int) -> PlumblineError:
    if status == 401:
        return Unauthorized(
            f"The hub wants to know who writes {to}.", "Set HF_TOKEN to a token that may write."
        )
    if status in (403, 404):
        return Forbidden(
            f"This HF_TOKEN may not write {to}.", "Take a token with write access to that owner."
        )
    return SourceError(f"The hub refused {to}: status {status}.", "Try again later.")


def _gone(api: "HfApi", to: str, kind: Kind, kept: set[str]) -> "list[CommitOperationDelete]":
    """Return the removal of what an earlier bundle left there."""
    from huggingface_hub import CommitOperationDelete

    there = api.list_repo_files(to, repo_type=kind)
    return [CommitOperationDelete(name) for name in there if name not in {*kept, *KEPT}]


def _message(told: dict[str, Any]) -> str:
    return f"{told['title']}: {len(told['runs'])} runs"


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
