"""`python -m core.assistant`: the same answer alone and through the app that owns the records."""

import json
import os
import subprocess
import sys

import pytest

from core.assistant.__main__ import main
from core.server import logs
from core.store.connection import Store
from core.store.lock import Lock, owner_of
from tests import parts, source


@pytest.fixture
def alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("MODEL", "quote")


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Run an app on a folder, with the lock that says so."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    logs.configure("warning")
    with parts.live(tmp_path / "data") as running:
        lock = Lock.acquire(tmp_path / "data", running.url)
        parts.let_in(running, lock.owner.token)
        try:
            yield running
        finally:
            lock.release()


def said(capsys, *arguments: str) -> dict:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_alone_without_a_model_it_quotes(alone, capsys):
    told = said(capsys, "Where are my chats kept?", "--method", "agent")
    assert told["kind"] == "quote" and "DATA_DIR" in told["text"]
    assert said(capsys, "--runs") == {"runs": []}
    assert main(["--replay", "none"]) == 1
    assert "There is no run 'none'" in capsys.readouterr().err
    assert main(["--resume", "none"]) == 1
    assert main(["--runs"]) == 0 and "no runs" in capsys.readouterr().out


def test_beside_an_app_the_app_answers_and_keeps_the_run(beside, capsys):
    told = said(capsys, "Final: hello there", "--method", "agent")
    assert (told["text"], told["reason"], told["method"]) == ("hello there", "answered", "agent")
    (run,) = said(capsys, "--runs")["runs"]
    assert told["steps"][0] == {"kind": "thread", "text": run, "seconds": None}
    replayed = said(capsys, "--replay", run)
    assert replayed["text"] == "hello there" and [s["kind"] for s in replayed["steps"]] == [
        "thought"
    ]
    assert said(capsys, "--resume", run)["text"] == "hello there"


def test_a_trace_shows_every_step(beside, capsys):
    question = 'Action: calculator("6 * 7")'
    assert main([question, "--method", "agent", "--trace"]) == 0
    shown = capsys.readouterr().out
    assert "1. thread" in shown and '3. action\n   calculator("6 * 7")' in shown
    assert "4. observation (0.00 s)\n   42" in shown and "tool call" in shown
    assert main(["hello", "--method", "naive"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Question: hello") and "tool call" not in shown


def test_what_cannot_be_asked_is_said(beside, capsys):
    assert main(["x", "--top-k", "99"]) == 1
    assert "99 passages cannot be shown." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([])


@pytest.mark.slow
def test_the_command_ends_once_it_has_answered(tmp_path, tiny_model):
    kept = {"DATA_DIR": str(tmp_path / "data"), "MODEL": "local", "HUB_MODEL": str(tiny_model)}
    command = [sys.executable, "-m", "core.assistant", "Hello", "--method", "naive", "--json"]
    environment = {**os.environ, **kept, "MAX_TOKENS": "8"}
    done = subprocess.run(
        command, cwd=source.ROOT, env=environment, capture_output=True, timeout=120, check=True
    )
    assert json.loads(done.stdout)["kind"] == "local"
    assert owner_of(tmp_path / "data") is None


def test_a_folder_in_use_by_another_command_is_said(alone, tmp_path, capsys):
    Store.open(tmp_path / "data").close()
    lock = Lock.acquire(tmp_path / "data", "")
    try:
        assert main(["x"]) == 1
    finally:
        lock.release()
    assert "DATA_DIR" in capsys.readouterr().err
