"""What every test may use: the process environment and the tiny model folder."""

import os
from pathlib import Path

import pytest
from xdist.remote import Producer

import core.process  # noqa: F401  must come before anything imports torch
from tests import tiny
from tests.spread import Spread


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a tiny real Llama; see tests/tiny.py."""
    return tiny.build(tmp_path_factory.mktemp("tiny") / "tiny-llama")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run browser tests last: playwright keeps an event loop running in this thread."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Spread:
    """Let one of several processes drive the browser while the others run everything else."""
    return Spread(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Count a skipped browser test as a failure under CI: there Chromium must be present."""
    report = yield
    if report.skipped and os.environ.get("CI") and item.get_closest_marker("browser"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped under CI: {report.longrepr}"
    return report


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Keep pytest's summary the last thing said: DuckDB's binding lists what it holds at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
