"""Writes a benchmark's figures with the machine and the versions they were measured on.

It knows how a result file looks. It measures nothing, and it never writes a host's name.
"""

import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from core.server.doctor import versions

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PACKAGES = (
    "torch",
    "transformers",
    "huggingface_hub",
    "gradio",
    "fastapi",
    "uvicorn",
    "duckdb",
    "chromadb",
    "openai",
)


def record(name: str, figures: dict[str, Any], notes: str = "", shown: str | None = None) -> Path:
    """Write bench/results/NAME.json, print it as a table or as is `shown`, return the path."""
    found = {
        "name": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "python": platform.python_version(),
        "versions": versions(PACKAGES),
        "figures": figures,
        "notes": notes,
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(figures) if shown is None else shown)
    print(f"Written to {path.relative_to(ROOT)}.")
    return path


def table(figures: dict[str, Any]) -> str:
    """Return figures as two aligned columns."""
    width = max((len(name) for name in figures), default=0)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in figures.items())


def machine() -> dict[str, Any]:
    """Return what this machine is, without its name."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "os": f"{platform.system()} {'.'.join(platform.release().split('.')[:2])}",
        "load_1m": round(psutil.getloadavg()[0], 2),
    }


def commit() -> str:
    """Return the commit measured, marked where the tree held changes beside results."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        changed = _git("status", "--porcelain", "--", ".", ":!bench/results", ":!docs")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}{'+changes' if changed else ''}"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _cpu_model() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        text = info.read_text(encoding="utf-8", errors="replace")
        named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
        if named:
            return named.group(1).strip()
    return platform.processor() or platform.machine()
