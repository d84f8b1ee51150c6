"""What a run was made with: settings, prompts, suite, model files, libraries, code, machine.

It knows what is written down so that a figure can be made again. Secrets never are.
"""

import os
import platform
import subprocess
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from core.assistant.prompting import names, prompt
from core.records import Suite
from core.settings import Settings, shown
from eval.contestant import Contestant

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("torch", "transformers", "huggingface_hub", "duckdb", "numpy", "scipy", "bm25s")
COMMIT_S = 5.0


def of_owner(settings: Settings, suite: Suite, corpus: dict[str, Any]) -> dict[str, Any]:
    """Return what is known when a run is asked for."""
    return {
        "settings": {name: text for name, text, _ in shown(settings)},
        "suite": {"name": suite.name, "version": suite.version, "criterion": suite.criterion},
        "corpus": corpus,
        "prompts": {name: prompt(name).mark.partition("@")[2] for name in names()},
        "code": {"version": _version("plumbline"), "commit": commit()},
    }


def of_worker(contestant: Contestant, settings: Settings) -> dict[str, Any]:
    """Return what is known once the model is there."""
    return {
        "model": {**asdict(contestant.card), "notices": list(contestant.card.notices)},
        "asked": contestant.kind,
        "libraries": {name: _version(name) for name in LIBRARIES},
        "machine": {
            "python": platform.python_version(),
            "system": platform.platform(),
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
        },
        "device": settings.device if contestant.card.device is None else contestant.card.device,
    }


def secrets_file() -> str:
    """Return the `.env` that a worker reads its secrets from, as the owner does."""
    file = Path(".env")
    return str(file.resolve()) if file.is_file() else ""


def commit() -> str:
    """Return the commit of this copy, marked where files differ from it; blank without git."""
    told = [_git("rev-parse", "HEAD"), _git("status", "--porcelain", "--untracked-files=no")]
    return told[0] + ("+changed" if told[0] and told[1] else "")


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=COMMIT_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
