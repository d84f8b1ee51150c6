"""The bundled model answers from evidence in every engine that it is said to run in."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.documents import Chunk, prompt
from core.messages import Message
from core.models.catalog import BUNDLED, bundled_folder
from core.models.endpoint import Endpoint
from core.models.local import Local
from tests.core.models.asking import ask, settings
from tests.core.models.serving import serving

FOLDER = bundled_folder(BUNDLED) or Path()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.name, reason="no bundled model in assets/models"),
]
CHUNKS = [
    Chunk(
        "shop/orders.py",
        12,
        16,
        'def place(order: Order, retries: int = 7) -> Receipt:\n    """Send an order."""\n    ...',
        "function",
        "place",
        ("order", "retries"),
    ),
    Chunk("shop/stock.py", 3, 4, "class Shelf(Storage):\n    ...", "class", "Shelf", ("Storage",)),
]
QUESTION = prompt("What parameters does place take?", CHUNKS)
EXPECTED = "(order, retries)"


@pytest.fixture(scope="module")
def local() -> Local:
    return Local(FOLDER, settings(), bundled=True)


def test_in_this_process(local: Local) -> None:
    text, usage = ask(local, QUESTION, max_tokens=64)
    assert EXPECTED in text and "[1]" in text and usage.finish == "stop"
    card = local.card()
    assert card.kind == "bundled" and card.label.startswith("bundled 1")


def test_in_transformers_serve(tmp_path: Path, local: Local) -> None:
    with serving(FOLDER, tmp_path) as url:
        served = Endpoint(settings(inference_url=url, model_name=str(FOLDER)))
        text, usage = ask(served, QUESTION, max_tokens=64)
    assert EXPECTED in text and usage.finish == "stop"


def test_in_mlx() -> None:
    pytest.importorskip("mlx_lm")
    command = [sys.executable, "-m", "mlx_lm", "generate", "--model", str(FOLDER)]
    command += ["--prompt", QUESTION, "--max-tokens", "64", "--temp", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert EXPECTED in done.stdout


def test_under_an_adapter(local: Local) -> None:
    import torch
    from peft import LoraConfig, get_peft_model

    model = Local(FOLDER, settings(), bundled=True)._model
    ids = torch.tensor([local._prompter.encode([Message("user", QUESTION)])])
    base = model(ids).logits
    tuned = get_peft_model(model, LoraConfig(r=4, target_modules=["q_proj", "v_proj"]))
    assert torch.equal(tuned(ids).logits, base)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    assert not torch.equal(tuned(ids).logits, base)
    with tuned.disable_adapter():
        assert torch.equal(tuned(ids).logits, base)
    out = tuned.generate(input_ids=ids, max_new_tokens=4, do_sample=False)
    assert out.shape[1] <= ids.shape[1] + 4
