"""Starts the viewer over a bundle: a process of its own, on this machine alone.

It knows Streamlit's flags and our colours; it does not import Streamlit.
"""

import subprocess
import sys
from pathlib import Path

from core.present.tokens import colours

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).resolve().parent / "home.py"


def words(bundle: Path, port: int) -> list[str]:
    """Return the command that starts it."""
    token = colours()["studio", "light"]
    flags = {
        "server.address": "127.0.0.1",
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "theme.base": "light",
        "theme.primaryColor": token["info"],
        "theme.backgroundColor": token["paper"],
        "theme.secondaryBackgroundColor": token["surface"],
        "theme.textColor": token["ink"],
    }
    named = [f"--{name}={value}" for name, value in flags.items()]
    run = [sys.executable, "-m", "streamlit", "run", str(SCRIPT), *named]
    return [*run, "--", str(bundle.resolve())]


def view(bundle: Path, port: int) -> int:
    """Serve the viewer until it is ended; return its exit code."""
    sys.stdout.write(f"http://127.0.0.1:{port} shows {bundle}. Ctrl+C ends it.\n")
    sys.stdout.flush()
    try:
        return subprocess.run(words(bundle, port), cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 0
