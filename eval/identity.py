"""What an answer depends on, as one hash: the model, the prompt, the parameters, what is searched.

It knows how a model is told apart from another without loading it. What is kept under the hash,
and for how long, is the owner's matter.
"""

import hashlib
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict

from core.assistant.prompting import names, prompt
from core.errors import PlumblineError
from core.models.catalog import BUNDLED, bundled_folder
from core.records import Item
from core.settings import Settings
from core.store.values import to_json
from eval.config import RunConfig
from eval.contestant import in_batches
from eval.trial import question


def identity(settings: Settings) -> str:
    """Say which model the settings choose, without loading it; blank where that cannot be told.

    It is tried in the order in which one is chosen. Formats differ from machine to machine.
    """
    order = ("endpoint", "local", "bundled", "quote")
    for kind in order if settings.model == "auto" else (settings.model,):
        try:
            found = _FOUND[kind](settings)
        except PlumblineError:
            found = ""
        if found:
            how = (settings.device, settings.dtype, settings.context_length, platform.node())
            how += () if kind == "quote" else (f"names={settings.missing_names}",)
            return f"{kind} {found} {' '.join(map(str, how))}"
    return ""


def keys(
    config: RunConfig, items: Sequence[Item], epoch: int, who: str, revision: str
) -> list[str]:
    """Return the hash of each question of a batch; blank ones where the model is not known."""
    if not who:
        return [""] * len(items)
    shared = {
        "model": who,
        "way": asdict(config.way()),
        "prompts": [prompt(name).mark for name in names()],
        "params": asdict(config.params(epoch)),
        "revision": revision,
    }
    if in_batches(who.partition(" ")[0], config):
        # What stands beside a question in a batch may change the last bit, and so a token.
        shared["beside"] = [_of_item(item) for item in items]
    return [
        hashlib.sha256(to_json([shared, _of_item(item)]).encode()).hexdigest() for item in items
    ]


def _of_item(item: Item) -> list[object]:
    return [question(item), list(item.contexts)]


def _endpoint(settings: Settings) -> str:
    if not settings.inference_url:
        return ""
    from core.models.endpoint import Endpoint

    server = Endpoint(settings).probe()
    return f"{settings.inference_url} {server.kind} {server.model}"


def _local(settings: Settings) -> str:
    if not settings.hub_model:
        return ""
    from core.models import download
    from core.models.folder import inspect

    folder = download.find(settings.hub_model, settings.data_dir / "models")
    return (inspect(folder).files_hash or "") if folder else ""


def _bundled(_: Settings) -> str:
    from core.models.folder import inspect

    folder = bundled_folder(BUNDLED)
    return (inspect(folder).files_hash or "") if folder else ""


def _quote(_: Settings) -> str:
    from core.retrieval.handbook import pages

    digest = hashlib.sha256()
    for page in pages():
        digest.update(page.read_bytes())
    return digest.hexdigest()


_FOUND: dict[str, Callable[[Settings], str]] = {
    "endpoint": _endpoint,
    "local": _local,
    "bundled": _bundled,
    "quote": _quote,
}
