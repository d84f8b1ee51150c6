"""The local model: streaming, stopping, seeds, queue, devices, what may not be loaded."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.errors import Busy, ContextOverflow, ModelError, ModelMissing, OutOfMemory
from core.messages import Delta, Message, Params, Stop, Usage
from core.models import devices
from core.models import local as local_module
from core.models.local import CPU_AFTER_OOM, Local
from tests.core.models.asking import ask, settings, wait_until
from tests.tiny import CONTEXT

HI = [Message("user", "def parse(text):")]


def raw(local: Local, messages: list[Message], tokens: int) -> list[int]:
    """Return what `model.generate` makes of the same prompt."""
    prompt = torch.tensor([local._prompter.build(messages, tokens).tokens])
    out = local._model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        max_new_tokens=tokens,
        do_sample=False,
    )
    return out[0, prompt.shape[1] :].tolist()


def test_streams_what_generate_produces(local) -> None:
    wanted = raw(local, HI, 80)
    text, usage = ask(local, HI, max_tokens=80)
    assert text == local._decode(wanted)
    assert (usage.tokens_out, usage.finish) == (80, "length")
    assert usage.tokens_in == len(local._prompter.build(HI, 80).tokens)
    assert usage.first_token_s is not None and usage.first_token_s < usage.total_s
    assert usage.tokens_reused < usage.tokens_in and usage.notices == ()


def test_a_long_prompt_read_in_pieces_gives_the_same_answer(local) -> None:
    long = [Message("user", "def parse(text): return json " * 90)]
    assert local._prompter.build(long, 20).tokens[600:], "longer than one piece"
    assert ask(local, long, max_tokens=20)[0] == local._decode(raw(local, long, 20))


def test_stop_ends_within_one_token(local) -> None:
    stop, parts = Stop(), []
    for part in local.stream(HI, Params(max_tokens=500), stop):
        parts.append(part)
        if len(parts) == 4:
            stop.set()
            written = len("".join(p.text for p in parts))
    usage = parts[-1]
    assert usage.finish == "stopped" and usage.tokens_out < 20
    later = "".join(part.text for part in parts[4:-1])
    assert len(parts) <= 6 and len(later) <= 3, f"after {written} characters"


def test_stop_ends_while_the_prompt_is_read(local) -> None:
    stop = Stop()
    stop.set()
    assert ask(local, HI, stop)[1].finish == "stopped"


def test_a_reader_that_leaves_frees_the_place(local) -> None:
    stream = local.stream(HI, Params(max_tokens=500), Stop())
    next(stream)
    stream.close()
    assert ask(local, HI, max_tokens=3)[1].tokens_out == 3


def test_seeds_repeat_and_differ(local) -> None:
    def sample(seed: int | None) -> str:
        return ask(local, HI, max_tokens=30, temperature=1.0, top_p=0.95, seed=seed)[0]

    assert sample(1) == sample(1) != sample(2)
    assert len({sample(None) for _ in range(3)}) == 3
    assert isinstance(sample(-(10**30)), str), "any number is a seed"


def test_sampling_leaves_the_seed_of_the_process_alone(local) -> None:
    torch.manual_seed(5)
    wanted = torch.rand(3).tolist()
    torch.manual_seed(5)
    ask(local, HI, max_tokens=5, temperature=1.0, seed=9)
    assert torch.rand(3).tolist() == wanted


def test_a_small_nucleus_is_greedy(local) -> None:
    narrow = ask(local, HI, max_tokens=30, temperature=1.0, top_p=1e-6, seed=1)[0]
    assert narrow == ask(local, HI, max_tokens=30)[0]


def test_stop_strings_end_the_answer_before_them(local) -> None:
    text = ask(local, HI, max_tokens=60)[0]
    word = text[20:23]
    short, usage = ask(local, HI, max_tokens=60, stop=(word,))
    assert short == text[: text.find(word)] and usage.finish == "stop"


def test_the_end_token_ends_the_answer(tiny_model: Path, tmp_path: Path, local) -> None:
    third = raw(local, HI, 5)[2]
    folder = Path(shutil.copytree(tiny_model, tmp_path / "ending"))
    change(folder / "generation_config.json", eos_token_id=[0, third])
    usage = ask(Local(folder, settings()), HI, max_tokens=60)[1]
    assert (usage.tokens_out, usage.finish) == (3, "stop")


def always(token: int):
    """Return a hook that makes a model say one thing for ever."""

    def hook(_model: object, _inputs: object, out: object) -> None:
        out.logits[..., token] = out.logits.max() + 1  # pyright: ignore

    return hook


def test_a_model_that_repeats_itself_is_ended(tiny_model: Path) -> None:
    model = Local(tiny_model, settings())
    model._model.register_forward_hook(always(77))
    text, usage = ask(model, HI, max_tokens=500)
    assert usage.finish == "loop" and usage.tokens_out < 80
    assert "repeat itself" in usage.notices[0] and text
    done = model.generate_batch([HI], Params(max_tokens=500))[0]
    assert done.usage.finish == "loop" and "repeat itself" in done.usage.notices[0]


def test_the_guard_can_be_left_out(tiny_model: Path) -> None:
    model = Local(tiny_model, settings(), guard_loops=False)
    model._model.register_forward_hook(always(77))
    assert ask(model, HI, max_tokens=200)[1].tokens_out == 200


def test_a_million_tokens_are_clipped_and_said(local) -> None:
    usage = ask(local, HI, max_tokens=1_000_000, temperature=1.0, seed=3)[1]
    assert "instead of 1,000,000" in usage.notices[0]
    assert usage.tokens_in + usage.tokens_out <= CONTEXT


def test_lone_surrogates_and_control_characters_are_answered(local) -> None:
    assert ask(local, "a\ud800\0\x07\x1b b", max_tokens=3)[1].tokens_out == 3


def test_ten_megabytes_are_refused(local) -> None:
    with pytest.raises(ContextOverflow, match="context holds 1,024"):
        ask(local, "word " * 2_000_000)
    assert ask(local, HI, max_tokens=2)[1].tokens_out == 2


def test_one_at_a_time_and_a_bounded_line(tiny_model: Path) -> None:
    model = Local(tiny_model, settings(queue_length=1))
    first = model.stream(HI, Params(max_tokens=50), Stop())
    next(first)
    got: list[Usage] = []
    second = threading.Thread(target=lambda: got.append(ask(model, HI, max_tokens=2)[1]))
    second.start()
    wait_until(lambda: model._gate.waiting == 1)
    with pytest.raises(Busy):
        ask(model, HI)
    assert got == []
    list(first)
    second.join(20)
    assert got[0].tokens_out == 2


def test_the_card_says_what_runs_where(tiny_model: Path, local) -> None:
    card = local.card()
    assert (card.kind, card.device, card.dtype) == ("local", "cpu", "fp32")
    assert (card.parameters, card.context_length) == (131_392, CONTEXT)
    label = Local(tiny_model, settings(), bundled=True).card().label
    wanted = "bundled 131K, answers from evidence; connect a larger model for open questions"
    assert label == wanted


def test_the_context_may_be_shortened_and_not_stretched(tiny_model: Path) -> None:
    assert Local(tiny_model, settings(context_length=256)).card().context_length == 256
    card = Local(tiny_model, settings(context_length=4096)).card()
    assert card.context_length == CONTEXT and "CONTEXT_LENGTH=4096 is beyond" in card.notices[0]


def test_a_model_without_a_template_says_so_and_stops_at_the_next_turn(
    tiny_model: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "plain"))
    (folder / "chat_template.jinja").unlink()
    model = Local(folder, settings())
    assert "no chat template" in model.card().notices[0]
    assert model._writer(Params())._stops._stops == ("\nUser:",)
    assert ask(model, HI, max_tokens=4)[1].tokens_out == 4


def test_bf16_is_used_where_it_was_asked_for(tiny_model: Path) -> None:
    model = Local(tiny_model, settings(dtype="bf16"))
    assert model._model.dtype == torch.bfloat16 and model.card().dtype == "bf16"
    assert ask(model, HI, max_tokens=5, temperature=0.7, seed=1)[1].tokens_out == 5


def fails_once_at(model: Local, step: int, error: Exception) -> None:
    """Make the model's forward pass fail at one step, as a full GPU would."""
    steps = iter(range(10**6))

    def hook(*_: object) -> None:
        if next(steps) == step:
            raise error

    model._model.register_forward_pre_hook(hook)


@contextmanager
def on_a_full_gpu(model: Local) -> Iterator[None]:
    """Let the model believe that it runs on a GPU; the tests have none."""
    model._device = replace(model._device, device="cuda")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(devices, "memory_share", lambda _kind: None)
        patch.setattr(devices, "probe", lambda *_: devices.Device("cpu", "fp32", "probed"))
        yield


@pytest.mark.parametrize("step", [0, 6])
def test_a_full_gpu_hands_over_to_the_cpu_and_says_so(tiny_model, local, step: int) -> None:
    model = Local(tiny_model, settings())
    with on_a_full_gpu(model):
        fails_once_at(model, step, torch.OutOfMemoryError("CUDA out of memory"))
        text, usage = ask(model, HI, max_tokens=20)
    assert text == ask(local, HI, max_tokens=20)[0]
    assert usage.tokens_out == 20 and CPU_AFTER_OOM in usage.notices
    assert model.card().device == "cpu" and "ran out of memory" in model.card().notices[0]


def test_a_model_too_large_for_the_gpu_is_loaded_on_the_cpu(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = local_module._load_model
    gpu, cpu = devices.Device("cuda", "bf16", "a GPU"), devices.Device("cpu", "fp32", "probed")
    monkeypatch.setattr(devices, "probe", lambda device, _: cpu if device == "cpu" else gpu)

    def full(folder: Path, device: devices.Device):
        if device.device == "cuda":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return load(folder, device)

    monkeypatch.setattr(local_module, "_load_model", full)
    model = Local(tiny_model, settings(device="auto"))
    assert model.card().device == "cpu" and "did not fit on the GPU" in model.card().notices[0]
    assert "the GPU has no room for it" in model.device.why
    monkeypatch.setattr(devices, "probe", lambda *_: cpu)
    monkeypatch.setattr(local_module, "_load_model", lambda *_: full(Path(), gpu))
    with pytest.raises(OutOfMemory, match="not enough memory to load tiny-llama"):
        Local(tiny_model, settings())


def test_a_full_machine_is_said_in_words(tiny_model: Path) -> None:
    model = Local(tiny_model, settings())
    words = "[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"
    fails_once_at(model, 0, RuntimeError(words))
    with pytest.raises(OutOfMemory, match="not enough memory"):
        ask(model, HI)
    assert ask(model, HI, max_tokens=2)[1].tokens_out == 2, "the place was freed"


def test_another_failure_of_the_model_is_said_in_words(tiny_model: Path) -> None:
    model = Local(tiny_model, settings())
    fails_once_at(model, 0, RuntimeError("shapes do not match"))
    with pytest.raises(ModelError, match="shapes do not match"):
        ask(model, HI)


def test_full_memory_is_warned_about(local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "memory_share", lambda _kind: 0.93)
    assert "Memory is 93% full" in ask(local, HI, max_tokens=2)[1].notices[0]


def test_a_closed_model_holds_nothing_and_says_so(tiny_model: Path) -> None:
    model = Local(tiny_model, settings())
    model.close()
    assert model._model is None
    with pytest.raises(ModelError, match="unloaded"):
        ask(model, HI)


def change(file: Path, **values: object) -> None:
    found = json.loads(file.read_text())
    file.write_text(json.dumps({**found, **values}))


def more_layers(folder: Path) -> None:
    change(folder / "config.json", num_hidden_layers=3)


def other_shape(folder: Path) -> None:
    change(folder / "config.json", intermediate_size=96)


def unknown(folder: Path) -> None:
    change(folder / "config.json", model_type="not-a-model")


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def broken_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def remote_code(folder: Path) -> None:
    (folder / "evil.py").write_text("raise SystemExit('code ran')")
    change(folder / "config.json", auto_map={"AutoModelForCausalLM": "evil.Model"})


@pytest.mark.parametrize(
    "spoil", [more_layers, other_shape, unknown, no_tokenizer, broken_tokenizer, remote_code]
)
def test_a_folder_that_cannot_be_loaded_whole_is_refused(
    tiny_model: Path, tmp_path: Path, spoil
) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "spoilt"))
    spoil(folder)
    with pytest.raises(ModelError) as caught:
        Local(folder, settings())
    assert "spoilt" in caught.value.message and str(tmp_path) not in caught.value.message


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="does not exist"):
        Local(tmp_path / "nowhere", settings())


def test_every_piece_is_a_delta_and_none_is_empty(local) -> None:
    *deltas, usage = local.stream(HI, Params(max_tokens=50), Stop())
    assert isinstance(usage, Usage) and len(deltas) > 20
    assert all(isinstance(part, Delta) and part.text for part in deltas)


def test_models_that_load_at_the_same_time_are_whole(tiny_model: Path) -> None:
    from transformers import AutoModel

    def other() -> None:
        while not done.is_set():
            with devices.LOADING:
                AutoModel.from_pretrained(tiny_model, local_files_only=True)

    done = threading.Event()
    beside = [threading.Thread(target=other) for _ in range(2)]
    for thread in beside:
        thread.start()
    try:
        for _ in range(6):
            Local(tiny_model, settings()).close()
    finally:
        done.set()
        for thread in beside:
            thread.join()
