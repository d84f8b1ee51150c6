"""`python app.py --doctor`: what would run here, what runs already, and what is missing.

It looks and reports; it starts nothing, takes no lock and loads no model.
"""

import platform
import socket
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

from core.errors import PlumblineError
from core.server import handover
from core.settings import Settings, lookalikes, shown
from core.store.lock import owner_of

PACKAGES = (
    "gradio",
    "fastapi",
    "uvicorn",
    "torch",
    "transformers",
    "peft",
    "huggingface_hub",
    "duckdb",
    "openai",
)
_MARKS = {"ok": "✓", "degraded": "◐", "down": "✕", "warming": "…", "absent": "—"}


def report(settings: Settings) -> str:
    """Return everything as text."""
    parts = (
        ("Running", _running(settings)),
        ("Place", _place(settings)),
        ("Versions", _versions()),
        ("Settings", _settings(settings)),
        ("Odd", iter(lookalikes())),
    )
    blocks = []
    for title, lines in parts:
        told = list(lines)
        if told:
            blocks.append("\n".join([title, *(f"  {line}" for line in told)]))
    return "\n\n".join(blocks)


def _running(settings: Settings) -> Iterator[str]:
    owner = owner_of(settings.data_dir)
    if owner is None:
        yield "Nothing runs on this DATA_DIR. Start it with: python app.py"
        return
    since = owner.started.strftime("%Y-%m-%d %H:%M:%S UTC")
    yield f"Process {owner.pid} since {since}, at {owner.url or 'no address'}."
    try:
        yield from _told(handover.ask(owner, "GET", ("status",)))
    except PlumblineError as error:
        yield str(error)


def _told(status: dict[str, Any]) -> Iterator[str]:
    yield f"{status['status']}: {status['sentence']}"
    for name, part in status["parts"].items():
        yield f"{_MARKS.get(part['state'], '?')} {name:<7} {part['reason']} {part['hint']}".rstrip()
    model = status["model"]
    yield f"model {model['name']} ({model['phase']}): {model['why']}"
    for attempt in model["tried"]:
        yield f"  tried {attempt['name']}: {attempt['outcome']}"


def _place(settings: Settings) -> Iterator[str]:
    folder = settings.data_dir
    existing = next(path for path in (folder, *folder.absolute().parents) if path.is_dir())
    free = psutil.disk_usage(str(existing)).free
    state = "exists" if folder.is_dir() else "will be made at the first start"
    yield f"DATA_DIR {folder}: {state}; {free / 1e9:.1f} GB free on its disk."
    yield f"Port {settings.port} on {settings.host}: {_port(settings)}."
    memory = psutil.virtual_memory()
    yield f"{psutil.cpu_count()} processors, {memory.available / 1e9:.1f} GB of memory free."


def _port(settings: Settings) -> str:
    if settings.port == 0:
        return "a free one is picked at the start"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return f"cannot be taken now ({error.strerror or error})"
    return "free"


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return the versions of those packages that are installed."""
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _versions() -> Iterator[str]:
    yield f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    found = versions()
    for package in PACKAGES:
        known = found.get(package)
        yield f"{package} {known}" if known else f"{package} is absent: pip install {package}"


def _settings(settings: Settings) -> Iterator[str]:
    env_file = Path(".env")
    yield f".env {'is read' if env_file.is_file() else 'is absent; .env.example shows how'}."
    for name, value, _ in shown(settings):
        yield f"{name}={value}"
