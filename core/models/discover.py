"""What kind of server is at an address, and which model it serves.

It asks two small questions (`/info`, `/v1/models`) and judges the answers. It generates
nothing.
"""

from dataclasses import dataclass
from typing import Any

from core.errors import BadReply, ModelMissing
from core.models import wire
from core.models.wire import Address

TGI = "TGI"
OWNERS = {"vllm": "vLLM", "llamacpp": "llama.cpp", "library": "Ollama"}


@dataclass(frozen=True, slots=True)
class Server:
    """What was found at the address."""

    kind: str
    model: str
    context_length: int | None = None
    notices: tuple[str, ...] = ()


def discover(address: Address, wanted: str) -> Server:
    """Ask the server what it is; `wanted` is the model's name if the user gave one."""
    info = _answer(address, "/info")
    if isinstance(info, dict) and isinstance(info.get("model_id"), str):
        return Server(TGI, wanted or info["model_id"], _number(info.get("max_total_tokens")))
    status, listing = wire.get(address, "/v1/models")
    if status in (401, 403, 429, 503):
        raise wire.explain(address, status, "", None)
    models = _models(listing)
    if not models:
        return _unlisted(address, status, wanted)
    named = next((model for model in models if model["id"] == wanted), None)
    model = named or models[0]
    notices = []
    if wanted and named is None:
        notices.append(f"{address.host} does not list {wanted}; it is asked for it all the same.")
    elif not wanted and len(models) > 1:
        notices.append(f"{address.host} lists {len(models)} models; MODEL_NAME picks another one.")
    length = _number(model.get("max_model_len")) or _number(_meta(model).get("n_ctx"))
    known = length if named or not wanted else None
    return Server(_kind(model), wanted or model["id"], known, tuple(notices))


def _unlisted(address: Address, status: int, wanted: str) -> Server:
    """Accept a server that lists nothing (`transformers serve` does not) if a name was given."""
    if wanted:
        return Server("OpenAI-style server", wanted)
    if status == 404:
        raise BadReply(
            f"{address.host} does not look like an inference server: it has no /v1/models.",
            "Check INFERENCE_URL.",
        )
    raise ModelMissing(
        f"{address.host} does not say which model it serves.",
        "Set MODEL_NAME to the name that the server was started with.",
    )


def _answer(address: Address, path: str) -> Any:  # noqa: ANN401
    status, body = wire.get(address, path)
    return body if status == 200 else None


def _models(listing: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    data = listing.get("data") if isinstance(listing, dict) else None
    rows = data if isinstance(data, list) else []
    return [row for row in rows if isinstance(row, dict) and isinstance(row.get("id"), str)]


def _kind(model: dict[str, Any]) -> str:
    return OWNERS.get(str(model.get("owned_by")), "OpenAI-style server")


def _meta(model: dict[str, Any]) -> dict[str, Any]:
    meta = model.get("meta")
    return meta if isinstance(meta, dict) else {}


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None
