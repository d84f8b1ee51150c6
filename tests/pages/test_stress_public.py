"""Stress where strangers come: what they may begin, and what the form offers them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import app
from core.errors import Forbidden
from core.settings import Settings
from eval.stress.service import Stress
from pages import _stress_doing as doing
from pages import _stress_new as new
from pages import _stress_runs as runs
from pages._stress_asked import Asked
from pages._stress_desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = Settings(_env_file=None, data_dir=tmp_path, model="quote", public=True)
    with ExitStack() as ending:
        services = app.wire(settings, ending)
        yield Desk(services, Stress(settings, services.jobs), "stranger")


def test_the_form_offers_what_will_be_taken_and_says_why_not_more(desk: Desk):
    desk.stress.bring_trace("mine", '{"input_length": 300, "output_length": 8}')
    allowed = desk.stress.allowed()
    shown = new.show(desk, Asked())
    assert allowed.why and allowed.why.split(":")[0] in shown.head
    assert f'max="{allowed.most_mb}"' in shown.head
    offered = shown.head.count('type="radio" name="scenario"')
    assert 0 < offered == len(allowed.scenarios) < len(desk.stress.scenarios())
    assert 'name="folder"' not in shown.head and 'name="url"' not in shown.head


@pytest.mark.parametrize("more", [{"budget_mb": "5000"}, {"folder": "/m"}, {"url": "http://a"}])
def test_more_is_refused_however_it_is_asked_for(desk: Desk, more: dict):
    fields = {"scenario": "needle", "budget_mb": "32", "modes": ["flash"], **more}
    with pytest.raises(Forbidden):
        doing.do(desk, Asked(), {"do": "start", "fields": fields})


def test_strangers_bring_no_files(desk: Desk):
    assert "stress-file" not in runs.show(desk, Asked()).head
    with pytest.raises(Forbidden):
        doing.do(desk, Asked(), {"do": "bring", "fields": {"name": "a.json", "text": "{}"}})
