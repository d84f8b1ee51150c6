"""What the form of a new run says, as a configuration; and a configuration as its YAML.

It knows fields and the values a sweep lists. Whether a run can be made of them is for eval.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.assistant.way import METHODS
from core.errors import BadInput
from core.retrieval.found import MODES

Config = dict[str, Any]
NUMBERS = ("n", "seed", "top_k", "max_tokens", "epochs", "concurrency")
WORDS = ("suite", "method", "corpus", "retrieval", "model", "name")
SWEPT = {"methods": "method", "retrievals": "retrieval", "top_ks": "top_k", "seeds": "seed"}
KNOWN = {"methods": METHODS, "retrievals": MODES}
SEARCHES = ("rag", "agent")


def config(given: Mapping[str, Any]) -> Config:
    """Return the configuration the fields mean; a blank field is left out."""
    made: Config = {}
    for name in ("name", "suite", "n", "seed", "method", "corpus", "retrieval", "top_k", "model"):
        _take(made, name, given)
    scorers = _listed(given.get("scorers"))
    if scorers:
        made["scorers"] = scorers
    for name in ("max_tokens", "temperature", "epochs", "concurrency"):
        _take(made, name, given)
    matrix = {field: _values(name, given) for name, field in SWEPT.items() if _values(name, given)}
    for field in matrix:
        made.pop(field, None)
    _without_idle(made, matrix)
    return {**made, "matrix": matrix} if matrix else made


def fields(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the fields show for a configuration that was kept."""
    shown: dict[str, Any] = {name: config.get(name) for name in (*NUMBERS, *WORDS, "temperature")}
    model = config.get("model")
    if isinstance(model, Mapping):
        shown["model"] = next((str(v) for v in model.values() if v), "")
    shown["scorers"] = list(config.get("scorers") or ())
    matrix = config.get("matrix") or {}
    for name, field in SWEPT.items():
        shown[name] = [str(value) for value in matrix.get(field, ())]
    return shown


def yaml(config: Mapping[str, Any]) -> str:
    """Return a configuration the way a file holds it."""
    import yaml as library

    return library.safe_dump(dict(config), sort_keys=False, allow_unicode=True, width=88)


def _take(made: Config, name: str, given: Mapping[str, Any]) -> None:
    value = given.get(name)
    told = "" if value is None else str(value).strip()
    if not told:
        return
    if name in NUMBERS:
        made[name] = _whole(name, told)
    elif name == "temperature":
        made[name] = _number(name, told)
    else:
        made[name] = told


def _values(name: str, given: Mapping[str, Any]) -> list[Any]:
    told = _listed(given.get(name))
    if name in KNOWN:
        return [value for value in told if value in KNOWN[name]]
    return [_whole(SWEPT[name], value) for value in dict.fromkeys(told)]


def _listed(given: object) -> list[str]:
    words: Sequence[Any] = given if isinstance(given, list | tuple) else [given or ""]
    return [part for word in words for part in re.split(r"[\s,;]+", str(word).strip()) if part]


def _without_idle(made: Config, matrix: Mapping[str, Any]) -> None:
    """Leave out how to search where nothing is searched."""
    methods = matrix.get("method") or [made.get("method")]
    if not any(method in SEARCHES for method in methods):
        for name in ("corpus", "retrieval", "top_k"):
            made.pop(name, None)


def _whole(name: str, told: str) -> int:
    if told.lstrip("-").isascii() and told.lstrip("-").isdecimal() and len(told) < 18:
        return int(told)
    raise BadInput(f"{name}: “{told[:40]}” is not a whole number.", "Write digits alone.")


def _number(name: str, told: str) -> float:
    try:
        return float(told)
    except ValueError:
        raise BadInput(f"{name}: “{told[:40]}” is not a number.", "Write it as 0.7.") from None
