"""The process environment: set before torch, never against the user, clean where it must be."""

import os
import subprocess
import sys

import pytest

from core import process
from tests import source


def test_defaults_are_set_on_import():
    code = "import core.process, os; print(os.environ['OMP_WAIT_POLICY'])"
    environment = {k: v for k, v in os.environ.items() if k not in process.DEFAULTS}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=source.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "passive"


def test_importing_it_loads_no_library_it_prepares_for():
    code = "import core.process, sys; print(*{'torch', 'gradio', 'numpy'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_what_the_user_set_stays(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    process.prepare()
    assert os.environ["OMP_WAIT_POLICY"] == "active"


def test_training_adds_the_allocator_to_a_copy_alone(monkeypatch: pytest.MonkeyPatch):
    for name in process.TRAINING_ENV:
        monkeypatch.delenv(name, raising=False)
    child = process.training_environment()
    assert child.items() >= process.TRAINING_ENV.items()
    assert not set(process.TRAINING_ENV) & set(os.environ)


def test_a_measured_child_starts_without_the_allocator(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MALLOC_TOP_PAD_", "268435456")
    monkeypatch.setenv("KEPT", "1")
    child = process.clean_environment()
    assert "MALLOC_TOP_PAD_" not in child
    assert child["KEPT"] == "1"
