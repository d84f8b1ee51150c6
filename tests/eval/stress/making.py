"""Small scenarios, orders of lanes over the tiny model, and the lines they told."""

import json
from pathlib import Path
from typing import Any

from eval.stress.scenario import Scenario, parse
from eval.stress.telling import lines

SMALL: dict[str, Any] = {
    "name": "small",
    "title": "Small",
    "about": "A few turns.",
    "turns": 4,
    "tokens": 60,
    "answer_tokens": 6,
    "budget_mb": 1,
    "dtype": "fp32",
    "needle": {
        "tell": "The code is 4821.",
        "ask": "Which code?",
        "value": "4821",
        "at": [4],
    },
}


def small(**changed: Any) -> Scenario:
    return parse({**SMALL, **changed})


def order(lane: str, folder: Path, weights: Path, scenario: Scenario, **changed: Any) -> dict:
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "lane": lane,
        "resume": False,
        "scenario": scenario.model_dump(mode="json"),
        "budget_bytes": 1_000_000,
        "slow_s": 600,
        "settings": {},
        "secrets": "",
        "limit": "counted",
        "pause": str(folder / "pause"),
        "data_dir": str(folder),
        "url": "",
        "model": "",
        "folder": str(weights),
        "bundled": False,
    }
    return {**told, **changed}


def told(text: str) -> list[dict[str, Any]]:
    return [*lines(text.splitlines())]


def written(folder: Path, told: dict) -> Path:
    path = folder / "order.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path
