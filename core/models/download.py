"""Finds HUB_MODEL on disk, or fetches it from the hub when that is allowed.

It asks the hub client for weights in safetensors, JSON and tokenizer files only. It never
downloads what was not asked for, and it loads nothing.
"""

from pathlib import Path

import httpx2
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from core.errors import ModelError, ModelMissing, PlumblineError, Unauthorized, Unreachable
from core.models.folder import inspect

WANTED = ["*.safetensors", "*.json", "*.jinja", "tokenizer.model", "*.tiktoken", "LICENSE*"]
PATH_STARTS = ("/", "./", "../", "~")


def find(name: str, cache: Path) -> Path | None:
    """Return the folder of a model that is on disk: a path, or a hub id in one of the caches."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if _is_path(name):
        raise ModelMissing(
            f"HUB_MODEL={name} does not exist.", "Correct HUB_MODEL and start again."
        )
    for place in (cache, None):
        found = _cached(name, place)
        if found is not None and _is_whole(found):
            return found
    return None


def fetch(name: str, cache: Path) -> Path:
    """Download a model from the hub into the cache, going on where an earlier try ended."""
    try:
        return Path(snapshot_download(name, cache_dir=cache, allow_patterns=WANTED))
    except GatedRepoError as error:
        raise Unauthorized(
            f"The hub lets only approved accounts download {name}.",
            "Ask for access on its page and set HF_TOKEN.",
        ) from error
    except RepositoryNotFoundError as error:
        raise ModelMissing(
            f"The hub has no model {name}, or it is private.", "Check HUB_MODEL."
        ) from error
    except HFValidationError as error:
        raise ModelMissing(f"{name} is not a hub id.", "Write it as owner/name.") from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled, httpx2.HTTPError, OSError) as error:
        raise _broken(name, error) from error


def _broken(name: str, error: Exception) -> PlumblineError:
    if isinstance(error, HfHubHTTPError) and error.response.status_code < 500:
        return ModelError(f"The hub refused {name}: status {error.response.status_code}.")
    if isinstance(error, OSError) and error.errno == 28:
        return ModelError(f"The disk is full; {name} could not be stored.", "Free some space.")
    return Unreachable(
        f"The download of {name} did not finish: the hub cannot be reached.",
        "Check the network and try again; what was fetched is kept.",
    )


def _cached(name: str, cache: Path | None) -> Path | None:
    try:
        found = snapshot_download(
            name, cache_dir=cache, local_files_only=True, allow_patterns=WANTED
        )
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    return Path(found)


def _is_whole(folder: Path) -> bool:
    """Say whether a cached model has all its files; a broken download does not."""
    try:
        inspect(folder)
    except ModelMissing:
        return False
    except PlumblineError:
        return True  # it is there, and loading it will say what is wrong with it
    return True


def _is_path(name: str) -> bool:
    return name.startswith(PATH_STARTS) or name.count("/") > 1
