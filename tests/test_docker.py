"""The Dockerfile without a Docker engine: what it names exists, and it keeps a Space's rules."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path

import pytest

from core.settings import Settings, load, names
from tests import source

IMAGE_COMMANDS = {"useradd", "pip", "python", "sh"}


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """Return (instruction, rest) pairs, with comments dropped and continued lines joined."""
    text = (source.ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\s*\\\n\s*", " ", "\n".join(lines))
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in joined.splitlines()]


def all_of(steps: list[tuple[str, str]], instruction: str) -> list[str]:
    return [rest for name, rest in steps if name == instruction]


def environment(steps: list[tuple[str, str]]) -> dict[str, str]:
    pairs = [pair for rest in all_of(steps, "ENV") for pair in rest.split()]
    return dict(pair.split("=", 1) for pair in pairs)


def copied(steps: list[tuple[str, str]]) -> list[str]:
    words = [rest.split() for rest in all_of(steps, "COPY")]
    return [word for copy in words for word in copy[:-1] if not word.startswith("--")]


def commands(steps: list[tuple[str, str]]) -> list[list[str]]:
    """Return the commands that run in the container, as lists of words."""
    health = all_of(steps, "HEALTHCHECK")[0].partition("CMD ")[2]
    return [json.loads(health), json.loads(all_of(steps, "CMD")[0])]


def test_every_file_it_copies_is_in_the_tree(steps: list[tuple[str, str]]):
    tracked = {source.name(path) for path in source.files()}
    for name in copied(steps):
        assert any(path == name or path.startswith(f"{name}/") for path in tracked), name


def test_everything_the_app_imports_is_copied(steps: list[tuple[str, str]]):
    wanted = {source.name(path).partition("/")[0] for path in source.shipped()}
    assert wanted <= set(copied(steps))
    assert {"assets", "docs", "requirements.txt"} <= set(copied(steps))


def test_the_context_holds_exactly_what_is_copied(steps: list[tuple[str, str]]):
    lines = (source.ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in lines
    assert {line[1:] for line in lines if line.startswith("!")} == set(copied(steps))


def test_requirements_are_a_layer_before_the_code(steps: list[tuple[str, str]]):
    order = [rest for name, rest in steps if name in {"COPY", "RUN"}]
    install = next(i for i, rest in enumerate(order) if "pip install" in rest)
    code = next(i for i, rest in enumerate(order) if "app.py" in rest)
    assert "requirements.txt" in order[install - 1]
    assert install < code
    assert "requirements-dev" not in " ".join(order)


def test_nothing_runs_as_root_after_the_user_is_made(steps: list[tuple[str, str]]):
    assert all_of(steps, "USER") == ["user"]
    made = next(i for i, step in enumerate(steps) if step == ("USER", "user"))
    before = [rest for name, rest in steps[:made] if name == "RUN"]
    assert before == ["useradd --create-home --uid 1000 user"]
    assert all(rest.startswith("--chown=user ") for rest in all_of(steps, "COPY"))
    assert all("--user" in rest for rest in all_of(steps, "RUN") if rest.startswith("pip"))


def test_every_command_and_module_it_runs_exists(steps: list[tuple[str, str]]):
    runs = [rest.split()[0] for rest in all_of(steps, "RUN")]
    assert {*runs, *(words[0] for words in commands(steps))} <= IMAGE_COMMANDS
    for words in commands(steps):
        script = words[-1]
        for module in re.findall(r"import ([\w.]+(?:, ?[\w.]+)*)", script):
            for name in re.split(r", ?", module):
                assert importlib.util.find_spec(name), name
        for started in re.findall(r"python (\S+\.py)", script):
            assert (source.ROOT / started).is_file(), started


def test_health_is_asked_where_the_app_listens(steps: list[tuple[str, str]]):
    port = str(Settings.model_fields["port"].default)
    assert environment(steps)["PORT"] == port
    assert all_of(steps, "EXPOSE") == [port]
    check = commands(steps)[0][-1]
    assert "/healthz" in check
    compile(check, "healthcheck", "exec")


def test_its_variables_are_settings_the_app_accepts(
    steps: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
):
    ours = {name: value for name, value in environment(steps).items() if name in names()}
    assert set(ours) == {"HOST", "PORT", "PUBLIC", "ALLOW_OPEN"}
    for name, value in ours.items():
        monkeypatch.setenv(name, value)
    read = load(env_file=None)
    assert read.public
    assert read.is_open


@pytest.mark.parametrize("given", ["", "elsewhere"])
def test_the_data_folder_falls_back_to_home(
    steps: list[tuple[str, str]], given: str, tmp_path: Path
):
    script = commands(steps)[1][-1].replace("exec python app.py", 'printf %s "$DATA_DIR"')
    done = subprocess.run(
        ["sh", "-c", script.replace("/data ]", "/nonexistent ]")],
        env={"HOME": str(tmp_path), "DATA_DIR": given, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == (given or f"{tmp_path}/data")


def test_its_python_is_one_the_project_supports(steps: list[tuple[str, str]]):
    found = re.match(r"python:(\d+)\.(\d+)-slim", all_of(steps, "FROM")[0])
    assert found
    assert (int(found[1]), int(found[2])) >= (3, 11)
