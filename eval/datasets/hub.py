"""Rows of a data set on the Hugging Face hub, streamed from the files one names.

It reads parquet and JSON lines through `datasets`, of one commit. It follows no configuration that
a data set brings along and runs no code of one.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core.errors import BadInput, NotFound, SourceError, Unauthorized

TIMEOUT_S = 20


@contextmanager
def opened(name: str, files: str) -> Iterator[tuple[Iterator[Mapping[str, Any]], str]]:
    """Open the files of a data set that match, and yield their rows and the commit they are of."""
    from huggingface_hub import HfApi

    with mapped(name):
        info = HfApi().dataset_info(name, timeout=TIMEOUT_S)
        paths = [file.rfilename for file in info.siblings or ()]
        wanted = sorted(path for path in paths if re.fullmatch(files, path))
        if not wanted:
            raise NotFound(f"{name} no longer has the files that are read.", f"Wanted: {files}")
        urls = [f"hf://datasets/{name}@{info.sha}/{path}" for path in wanted]
        yield _rows(urls), info.sha or ""


def _rows(urls: list[str]) -> Iterator[Mapping[str, Any]]:
    from datasets import load_dataset

    reader = "parquet" if urls[0].endswith(".parquet") else "json"
    return iter(load_dataset(reader, data_files=urls, split="train", streaming=True))


@contextmanager
def mapped(name: str) -> Iterator[None]:
    """Say in plain words what the hub client, or a reader of files, complains about."""
    import httpx2
    import pyarrow
    from datasets.exceptions import DatasetsError
    from huggingface_hub import errors as hub

    try:
        yield
    except hub.GatedRepoError as error:
        raise Unauthorized(
            f"The hub lets only approved accounts read {name}.",
            "Ask for access on its page and set HF_TOKEN.",
        ) from error
    except (hub.RepositoryNotFoundError, hub.HFValidationError) as error:
        raise NotFound(
            f"The hub has no data set {name}, or it is private.", "Use a local copy: --path."
        ) from error
    except (pyarrow.ArrowException, DatasetsError, UnicodeError) as error:
        raise BadInput(
            f"{name} cannot be read as a data set.", "Use a local copy: --path."
        ) from error
    except (httpx2.HTTPError, OSError) as error:
        if isinstance(error, hub.HfHubHTTPError) and error.response.status_code < 500:
            raise SourceError(
                f"The hub refused {name}: status {error.response.status_code}.", "Check its page."
            ) from error
        raise SourceError(
            f"{name} cannot be fetched: the hub cannot be reached.",
            "Check the network, or use a local copy: --path.",
        ) from error
