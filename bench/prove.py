"""The long suites (`pytest -m prove`), with their outcome and date kept as a result.

Run by `make prove`. What each suite proves stands in the suite itself.
"""

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path
from tempfile import TemporaryDirectory

from bench._record import ROOT, record


def main() -> int:
    """Run the suites, keep one line for each, and return pytest's exit status."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "prove.xml"
        words = ["-m", "pytest", "-m", "prove", f"--junitxml={report}"]
        started = time.monotonic()
        done = subprocess.run([sys.executable, *words], cwd=ROOT, check=False)
        seconds = round(time.monotonic() - started, 1)
        suites = outcomes(report.read_text(encoding="utf-8"))
    total = {"exit_status": done.returncode, "seconds": seconds, **suites}
    record("prove", total, "Outcome of every test marked prove.")
    return done.returncode


def outcomes(xml: str) -> dict[str, str]:
    """Return each test's outcome with its seconds, from pytest's XML report."""
    found = {}
    for case in ET.fromstring(xml).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        outcome = ", ".join(sorted(kinds)) or "passed"
        name = f"{case.get('classname')}::{case.get('name')}"
        found[name] = f"{outcome} in {float(case.get('time') or 0):.1f} s"
    return found


if __name__ == "__main__":
    raise SystemExit(main())
