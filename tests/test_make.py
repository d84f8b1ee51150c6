"""The commands: listed by make alone, the same in CI, and free of what the user did not ask for."""

import os
import re
import subprocess

import yaml

from tests import source


def made(*words: str) -> str:
    """Return what make prints, without the variables this test itself runs under."""
    outer = {"PORT", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {k: v for k, v in os.environ.items() if k not in outer}
    return subprocess.run(
        ["make", *words],
        cwd=source.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_make_alone_lists_every_command():
    text = (source.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z%-]+):.*## ", text, re.MULTILINE))
    assert {line.split()[0] for line in made().splitlines()} == targets
    assert targets >= {"setup", "demo", "test", "check", "fix", "doctor", "shots", "prove"}


def test_demo_passes_a_port_only_where_one_is_given():
    assert "app.py --port 7861" in made("-n", "demo", "PORT=7861")
    assert "--port" not in made("-n", "demo")


def test_ci_and_a_laptop_run_the_same():
    script = source.ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").rstrip().endswith("exec make -j2 test")
    workflow = yaml.safe_load((source.ROOT / ".github/workflows/ci.yml").read_text("utf-8"))
    steps = workflow["jobs"]["test"]["steps"]
    assert steps[-1] == {"run": "bash .ci/run"}


def test_tests_end_with_pytest_and_leave_the_long_suites_out():
    last = made("-n", "-W", "requirements.txt", "test").strip().splitlines()[-1]
    assert "pytest" in last
    assert '-m "not prove"' in last
