"""HUB_MODEL on disk or fetched: the real hub client against a little hub on this machine.

HF_ENDPOINT is read when the client is imported, so each scenario runs in its own process.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import ModelMissing
from core.models import download
from tests import hub
from tests.core.models.asking import free_port

SCRIPT = """
import json, sys
from pathlib import Path
from core.errors import PlumblineError
from core.models import download
try:
    found = getattr(download, sys.argv[1])(sys.argv[2], Path(sys.argv[3]))
    print(json.dumps({"path": str(found) if found else None}))
except PlumblineError as error:
    print(json.dumps({"kind": type(error).__name__, "message": error.message, "hint": error.hint}))
"""


def run(what: str, name: str, cache: Path, endpoint: str, **env: str) -> dict[str, str]:
    """Call `find` or `fetch` in a process whose hub is the little one."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(cache / "home"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DOWNLOAD_TIMEOUT": "2",
        "HF_HUB_ETAG_TIMEOUT": "2",
        **env,
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, what, name, str(cache / "cache")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def there(tiny_model: Path, tmp_path: Path) -> Iterator[hub.Hub]:
    """Return a hub with the tiny model and files nobody should want."""
    folder = Path(shutil.copytree(tiny_model, tmp_path / "hosted"))
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "modeling_evil.py").write_text("raise SystemExit")
    (folder / "README.md").write_text("hello")
    with hub.running(folder) as running:
        yield running


def test_fetches_weights_and_words_and_nothing_else(there: hub.Hub, tmp_path: Path) -> None:
    assert run("find", "some/model", tmp_path, there.url) == {"path": None}
    found = run("fetch", "some/model", tmp_path, there.url)
    names = {file.name for file in Path(found["path"]).iterdir()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"} <= names
    assert not names & {"pytorch_model.bin", "modeling_evil.py"}
    assert not set(there.fetched) & {"pytorch_model.bin", "modeling_evil.py"}
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert run("find", "some/model", tmp_path, nowhere) == found, "found without a network"


def test_an_interrupted_download_is_not_taken_for_a_model_and_can_be_resumed(
    there: hub.Hub, tmp_path: Path
) -> None:
    there.cut = 100_000
    broken = run("fetch", "some/model", tmp_path, there.url)
    assert broken["kind"] == "Unreachable" and "did not finish" in broken["message"]
    assert run("find", "some/model", tmp_path, there.url) == {"path": None}
    there.cut = None
    found = Path(run("fetch", "some/model", tmp_path, there.url)["path"])
    wanted = (there.folder / "model.safetensors").read_bytes()
    assert (found / "model.safetensors").read_bytes() == wanted


def test_a_cache_that_holds_half_a_model_is_not_taken_for_one(
    tiny_model: Path, tmp_path: Path
) -> None:
    """An older client, or somebody tidying up, can leave a snapshot without its weights."""
    place = tmp_path / "models--some--model"
    snapshot = place / "snapshots" / hub.COMMIT
    shutil.copytree(tiny_model, snapshot)
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text(hub.COMMIT)
    assert download.find("some/model", tmp_path) == snapshot
    (snapshot / "model.safetensors").unlink()
    assert download.find("some/model", tmp_path) is None


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("nobody/nothing", "ModelMissing", "The hub has no model nobody/nothing"),
        ("shy/model", "Unauthorized", "only approved accounts"),
        ("not a name!", "ModelMissing", "is not a hub id"),
    ],
)
def test_what_the_hub_refuses_is_said(
    there: hub.Hub, tmp_path: Path, name: str, kind: str, words: str
) -> None:
    found = run("fetch", name, tmp_path, there.url)
    assert found["kind"] == kind and words in found["message"]


def test_without_a_network_or_offline_it_says_so(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    assert run("fetch", "some/model", tmp_path, nowhere)["kind"] == "Unreachable"
    assert run("fetch", "a/b", tmp_path, nowhere, HF_HUB_OFFLINE="1")["kind"] == "Unreachable"


def test_a_folder_is_taken_as_it_is(tiny_model: Path, tmp_path: Path) -> None:
    assert download.find(str(tiny_model), tmp_path) == tiny_model
    for name in (str(tmp_path / "nowhere"), "./nowhere", "~/nowhere-at-all"):
        with pytest.raises(ModelMissing, match="does not exist"):
            download.find(name, tmp_path)
