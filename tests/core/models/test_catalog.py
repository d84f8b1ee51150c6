"""Which model answers: the order of auto, the reasons, one model in memory, no early torch."""

import gc
import shutil
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from core.errors import Busy, ModelError, ModelMissing, Overloaded, Unreachable
from core.messages import Message, Params, Stop
from core.models import download
from core.models import local as local_module
from core.models.catalog import Catalog, bundled_folder
from core.models.folder import sha256
from core.models.local import Local
from tests import hostile
from tests.core.models.asking import ask, free_port, settings, wait_until
from tests.core.models.test_recorded import Kept
from tests.hostile import Hostile


@pytest.fixture
def bundled(tiny_model: Path, tmp_path: Path) -> Path:
    """Return an assets folder that holds a model."""
    shutil.copytree(tiny_model, tmp_path / "assets" / "plumb-12m")
    return tmp_path / "assets"


def catalog(tmp_path: Path, bundled: Path | None = None, **values: object) -> Catalog:
    found = settings(data_dir=tmp_path / "data", **values)
    return Catalog(found, Kept(), bundled or tmp_path / "no-assets")


def warmed(tmp_path: Path, bundled: Path | None = None, **values: object) -> Catalog:
    found = catalog(tmp_path, bundled, **values)
    found.warm()
    return found


def outcomes(found: Catalog) -> dict[str, str]:
    return {attempt.name: attempt.outcome for attempt in found.state.tried}


def test_nothing_at_hand_means_quotes_and_needs_no_torch() -> None:
    script = (
        "import sys, core.models.catalog as c; from core.settings import Settings\n"
        "from pathlib import Path\n"
        "found = c.Catalog(Settings(_env_file=None), None, Path('/nowhere'))\n"
        "assert found.state.phase == 'choosing'\n"
        "found.warm(); assert found.generator() is None\n"
        "assert found.state.card.kind == 'quote', found.state\n"
        "print([m for m in ('torch', 'transformers', 'huggingface_hub') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_quote_says_what_was_tried(tmp_path: Path) -> None:
    found = warmed(tmp_path)
    assert found.state.phase == "ready" and found.state.why == "No language model is set."
    assert outcomes(found) == {
        "endpoint": "INFERENCE_URL is not set",
        "local": "HUB_MODEL is not set",
        "bundled": "no trained model is in assets/models",
        "quote": "answers by quoting the evidence",
    }
    assert [card.name for card in found.cards()] == ["quote"]


def test_auto_prefers_the_endpoint_then_the_folder_then_the_bundled(
    tmp_path: Path, bundled: Path, tiny_model: Path, server: Hostile
) -> None:
    url, nowhere = server.url("good"), f"http://127.0.0.1:{free_port()}"
    first = warmed(tmp_path, bundled, inference_url=url, hub_model=str(tiny_model))
    assert first.cards()[0].kind == "endpoint" and "answers" in first.state.why
    second = warmed(tmp_path, bundled, inference_url=nowhere, hub_model=str(tiny_model))
    assert second.cards()[0].kind == "local"
    assert "No inference server answers" in outcomes(second)["endpoint"]
    third = warmed(tmp_path, bundled, hub_model="owner/absent")
    assert third.cards()[0].kind == "bundled" and third.cards()[0].name == "plumb-12m"
    assert "ALLOW_DOWNLOAD is off" in outcomes(third)["local"]
    assert "No other model was named or reached" in third.state.why
    assert "DEVICE=cpu was set" in third.state.why, "the device and its reason are said"


def test_what_was_asked_for_by_name_is_not_replaced(tmp_path: Path, bundled: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    found = warmed(tmp_path, bundled, model="endpoint", inference_url=nowhere)
    assert found.state.phase == "failed" and isinstance(found.state.error, Unreachable)
    assert found.cards() == [] and "endpoint" in outcomes(found)
    with pytest.raises(Unreachable):
        found.generator()
    for values in ({"model": "local", "hub_model": "/nowhere"}, {"model": "bundled"}):
        other = warmed(tmp_path, **values)
        assert isinstance(other.state.error, ModelMissing)
    assert warmed(tmp_path, bundled, model="quote").cards()[0].kind == "quote"


def test_answers_are_recorded(tmp_path: Path, tiny_model: Path) -> None:
    kept = Kept()
    found = Catalog(settings(data_dir=tmp_path, hub_model=str(tiny_model)), kept, tmp_path)
    found.warm()
    model = found.generator()
    assert model is not None and ask(model, "hi", max_tokens=3)[1].tokens_out == 3
    assert [row.model for row in kept] == ["tiny-llama"]


def test_a_changed_bundled_model_is_refused(tmp_path: Path, bundled: Path) -> None:
    weights = bundled / "plumb-12m" / "model.safetensors"
    (weights.parent / "SHA256").write_text(f"{sha256(weights)}  model.safetensors\n")
    assert warmed(tmp_path, bundled).cards()[0].kind == "bundled"
    (weights.parent / "SHA256").write_text(f"{'0' * 64}  model.safetensors\n")
    found = warmed(tmp_path, bundled, model="bundled")
    assert isinstance(found.state.error, ModelError)
    assert "SHA-256 differs" in found.state.error.message
    assert warmed(tmp_path, bundled).cards()[0].kind == "quote"


def test_a_folder_is_a_model_only_with_weights_and_config(tmp_path: Path, bundled: Path) -> None:
    assert bundled_folder(bundled) == bundled / "plumb-12m"
    (bundled / "plumb-12m" / "config.json").unlink()
    assert bundled_folder(bundled) is None and bundled_folder(tmp_path / "nowhere") is None


def test_checking_again_keeps_the_model_that_is_loaded(tmp_path: Path, bundled: Path) -> None:
    found = warmed(tmp_path, bundled)
    before = found._active
    found.warm()
    assert found._active is before and found.state.phase == "ready"
    assert outcomes(found)["bundled"] == "already loaded"


def test_there_are_never_two_models_in_memory(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "first"))
    found = warmed(tmp_path, hub_model=str(folder))
    assert isinstance(found._active, Local)
    old = weakref.ref(found._active._model)
    alive_at_load = []
    load = local_module._load_model

    def watched(*args: object):
        gc.collect()
        alive_at_load.append(old() is not None)
        return load(*args)  # pyright: ignore

    monkeypatch.setattr(local_module, "_load_model", watched)
    found._settings = settings(data_dir=tmp_path, hub_model=str(tiny_model))
    found.warm()
    assert alive_at_load == [False] and found.cards()[0].name == "tiny-llama"


def test_a_server_that_came_up_takes_over_when_checked_again(
    tmp_path: Path, tiny_model: Path, server: Hostile
) -> None:
    found = warmed(tmp_path, hub_model=str(tiny_model))
    model = found._active
    assert isinstance(model, Local)
    found._settings = settings(data_dir=tmp_path, inference_url=server.url("good"))
    found.warm()
    assert found.cards()[0].kind == "endpoint" and model._model is None


def test_what_is_not_on_disk_is_fetched_where_that_is_allowed(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(download, "fetch", lambda *of: asked.append(of) or tiny_model)
    found = warmed(tmp_path, hub_model="some/model", allow_download=True)
    assert found.cards()[0].kind == "local"
    assert asked == [("some/model", tmp_path / "data" / "models")]


def test_a_running_answer_is_finished_before_its_model_goes(
    tmp_path: Path, tiny_model: Path
) -> None:
    found = warmed(tmp_path, hub_model=str(tiny_model))
    model = found.generator()
    assert model is not None
    from core.messages import Message, Params, Stop

    stream = model.stream([Message("user", "hi")], Params(max_tokens=30), Stop())
    next(stream)
    closing = threading.Thread(target=found.close)
    closing.start()
    parts = list(stream)
    closing.join(20)
    assert parts[-1].tokens_out == 30 and found.cards() == []  # pyright: ignore


def test_asking_while_it_loads_waits_and_then_says_busy(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, load = threading.Event(), local_module._load_model

    def slow(*args: object):
        assert go.wait(20)
        return load(*args)  # pyright: ignore

    monkeypatch.setattr(local_module, "_load_model", slow)
    found = catalog(tmp_path, hub_model=str(tiny_model))
    warming = threading.Thread(target=found.warm)
    warming.start()
    with pytest.raises(Busy, match="still loading") as caught:
        found.generator(wait=0.05)
    assert caught.value.retry_after and found.cards() == []
    go.set()
    assert found.generator(wait=20) is not None
    warming.join()


def test_an_unforeseen_failure_does_not_leave_it_loading_for_ever(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_module, "_load_model", lambda *_: 1 / 0)
    found = catalog(tmp_path, model="local", hub_model=str(tiny_model))
    with pytest.raises(ZeroDivisionError):
        found.warm()
    assert found.state.phase == "failed"
    with pytest.raises(ModelError):
        found.generator(wait=0.1)


def test_a_server_that_dies_is_in_trouble_until_it_answers_again(tmp_path: Path) -> None:
    with hostile.running() as server:
        chosen = settings(data_dir=tmp_path, inference_url=server.url("good"))
        found = Catalog(chosen, Kept(), tmp_path, every=0.02)
        found.warm()
        model, port = found.generator(), server.server_port
        assert model is not None and found._watch._thread is None, (
            "nothing is probed while it works"
        )
    with pytest.raises(Unreachable):
        ask(model, "hi")
    trouble = found.state.trouble
    assert trouble is not None and trouble.is_down and found.state.phase == "ready"
    assert "has not answered since" in trouble.reason and "Start it again" in trouble.hint
    with hostile.running(port):
        wait_until(lambda: found.state.trouble is None)
        wait_until(lambda: found._watch._thread is None)
    found.close()


def test_a_call_that_goes_well_ends_the_trouble(tmp_path: Path, server: Hostile) -> None:
    found = Catalog(
        settings(data_dir=tmp_path, inference_url=server.url("good")), Kept(), tmp_path, every=999
    )
    found.warm()
    model = found.generator()
    assert model is not None and found._active is not None
    found._heard(found._active, Overloaded("Too much to do.", "Wait."))
    assert found.state.trouble is not None and not found.state.trouble.is_down
    ask(model, "hi")
    assert found.state.trouble is None
    found.close()


def test_what_was_asked_for_and_failed_is_named(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    found = warmed(tmp_path, hub_model="/nope", inference_url=nowhere)
    assert found.state.why.endswith("HUB_MODEL=/nope does not exist; answers are quotes instead.")
    assert found.state.why.startswith("No inference server answers")
    assert [type(error) for error in found.state.missed] == [Unreachable, ModelMissing]
    found.close()


@pytest.mark.parametrize("wanted", ["auto", "endpoint"])
def test_a_server_that_starts_late_is_switched_to(tmp_path: Path, wanted: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/good"
    chosen = settings(data_dir=tmp_path, inference_url=url, model=wanted)
    found = Catalog(chosen, Kept(), tmp_path, every=0.02)
    found.warm()
    assert found.state.card is None or found.state.card.kind == "quote"
    with hostile.running(port):
        wait_until(lambda: found.state.card is not None and found.state.card.kind == "endpoint")
        assert found.state.missed == ()
    found.close()


def test_a_public_server_names_neither_host_nor_folder(tmp_path: Path, server: Hostile) -> None:
    port, hidden = free_port(), str(tmp_path / "nope")
    lost = warmed(tmp_path, public=True, hub_model=hidden, inference_url=f"http://127.0.0.1:{port}")
    told = f"{lost.state.why} {lost.state.tried} {[str(error) for error in lost.state.missed]}"
    assert str(port) not in told and str(tmp_path) not in told
    assert "HUB_MODEL does not exist; answers are quotes instead." in told
    lost.close()
    found = warmed(tmp_path, public=True, inference_url=server.url("good"))
    assert found.cards()[0].label == "m"
    assert "127.0.0.1" not in found.state.why
    failed = warmed(tmp_path, public=True, model="local", hub_model=hidden)
    assert str(tmp_path) not in str(failed.state.error)


@pytest.mark.parametrize("later", ["bundled", "quote"])
def test_a_chat_is_forgotten_on_flash_whatever_answers_now(
    tmp_path: Path, bundled: Path, later: str
) -> None:
    long = [Message("user", "def parse(text): return json " * 40)]
    first = warmed(tmp_path, bundled, model="bundled", kv_tier="flash")
    for session in ("mine", "other"):
        list(first.generator().stream(long, Params(max_tokens=4, session=session), Stop()))
    assert first.memory("mine").tiers.ram > 0
    first.close()
    assert first.memory() is None
    kept = tmp_path / "data" / "kv" / "sessions"
    assert len(list(kept.iterdir())) == 2
    now = warmed(tmp_path, bundled, model=later)
    now.forget("mine")
    assert len(list(kept.iterdir())) == 1
    now.forget("other")
    assert not list(kept.iterdir()) and not list((kept.parent / "segments").iterdir())
    now.close()
