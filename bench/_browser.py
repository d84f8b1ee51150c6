"""Where the system's Chromium is. It drives nothing itself."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def executable() -> str:
    """Return the path of the first Chromium found; say how to get one where there is none."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise SystemExit("No Chromium found; install one, for example `apt-get install chromium`.")
