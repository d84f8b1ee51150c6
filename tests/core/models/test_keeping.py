"""The flash tier under a local model: turns, a restart, damage, and models it cannot serve."""

import json
import shutil
from pathlib import Path

import pytest

from core.memory.kept import Remembers, Tiers
from core.memory.tier import Tier
from core.messages import Message, Params, Stop, Usage
from core.models.local import Local
from core.models.prefix import Prefix
from tests.core.models.asking import ask, settings

LONG = [Message("user", "def parse(text): return json " * 40)]


def flash(folder: Path, data: Path, **more) -> Local:
    return Local(folder, settings(kv_tier="flash", data_dir=data, **more))


def asked(local: Local, messages: list[Message], session: str) -> tuple[str, Usage]:
    parts = list(local.stream(messages, Params(max_tokens=12, session=session), Stop()))
    return "".join(part.text for part in parts[:-1]), parts[-1]


def longer(text: str, then: str = "and then?") -> list[Message]:
    return [*LONG, Message("assistant", text), Message("user", then)]


def test_a_turn_after_a_restart_begins_where_the_last_one_ended(tiny_model, tmp_path: Path) -> None:
    first = flash(tiny_model, tmp_path)
    text, usage = asked(first, LONG, "chat")
    assert usage.tokens_reused == 0
    first.close()
    second = flash(tiny_model, tmp_path)
    again, resumed = asked(second, longer(text), "chat")
    assert resumed.tokens_reused >= usage.tokens_in
    plain = Local(tiny_model, settings())
    assert isinstance(plain._prefix, Prefix)
    assert ask(plain, LONG, max_tokens=12)[0] == text
    assert ask(plain, longer(text), max_tokens=12)[0] == again
    second.close()
    assert list((tmp_path / "kv" / "segments").glob("*.kv"))


def test_guesses_are_made_and_taken_back_with_the_tier_too(tiny_model, tmp_path: Path) -> None:
    wanted = ask(Local(tiny_model, settings()), LONG, max_tokens=200)[0]
    local = flash(tiny_model, tmp_path)
    passes = []
    local._model.register_forward_hook(lambda *_: passes.append(1))
    parts = list(local.stream(LONG, Params(max_tokens=200, session="chat"), Stop()))
    assert "".join(part.text for part in parts[:-1]) == wanted
    assert len(passes) < 200, "some passes said more than one token"


def test_two_chats_do_not_push_each_other_out(tiny_model, tmp_path: Path) -> None:
    local = flash(tiny_model, tmp_path)
    texts = {name: asked(local, LONG, name)[0] for name in "ab"}
    assert texts["a"] == texts["b"]
    for name, text in texts.items():
        # Neither finds on flash what the other has just been asked.
        assert asked(local, longer(text, f"{name} it is"), name)[1].tokens_reused > 300
    assert isinstance(local._prefix, Tier) and local._prefix.counters.read()["hits_memory"] == 2


def test_an_answer_goes_on_though_its_files_change_under_it(tiny_model, tmp_path: Path) -> None:
    wanted = ask(Local(tiny_model, settings()), LONG, max_tokens=12)[0]
    local = flash(tiny_model, tmp_path, kv_ram_mb=1)
    tier = local._prefix
    assert isinstance(tier, Tier)
    tier.budget.limit = 100_000
    parts = local.stream(LONG, Params(max_tokens=12, session="chat"), Stop())
    text = next(parts).text
    tier.flush()
    paths = list((tmp_path / "kv" / "segments").glob("*.kv"))
    assert paths, "some of it is on flash while the answer is written"
    for path in paths:
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(b"\xff" * 4096)
    rest = list(parts)
    assert text + "".join(part.text for part in rest[:-1]) == wanted
    assert tier.counters.read()["damaged"] >= 1


def test_a_model_with_windows_goes_without_and_says_so(tiny_model, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_model, tmp_path / "sliding"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mistral", "architectures": ["MistralForCausalLM"]}
    config |= {"sliding_window": 128}
    (folder / "config.json").write_text(json.dumps(config))
    local = flash(folder, tmp_path)
    assert isinstance(local._prefix, Prefix)
    assert any("flash tier is off" in notice for notice in local.card().notices)
    assert asked(local, LONG, "chat")[1].tokens_out == 12


def test_a_batch_and_the_tier_leave_each_other_alone(tiny_model, tmp_path: Path) -> None:
    local = flash(tiny_model, tmp_path)
    text, _ = asked(local, LONG, "chat")
    done = local.generate_batch([LONG, LONG], Params(max_tokens=12))
    assert [completion.text for completion in done] == [text, text]
    assert asked(local, longer(text), "chat")[1].tokens_reused > 300


def test_a_batch_keeps_to_the_budget_and_says_the_same(tiny_model, tmp_path: Path) -> None:
    prompts = [[Message("user", f"def parse{n}(text): return json " * 40)] for n in range(4)]
    wanted = Local(tiny_model, settings()).generate_batch(prompts, Params(max_tokens=12), 4)
    local = flash(tiny_model, tmp_path)
    tier = local._prefix
    assert isinstance(tier, Tier)
    tier.budget.limit = 200_000
    done = local.generate_batch(prompts, Params(max_tokens=12), 4)
    assert [one.text for one in done] == [one.text for one in wanted]
    assert tier.counters.read()["evicted_bytes"] > 0, "it would not have fitted"
    assert tier.tiers().ram == 0 and not list((tmp_path / "kv" / "segments").iterdir())


@pytest.mark.parametrize("tier", ["off", "flash"])
def test_what_is_kept_of_a_chat_is_told_and_forgotten(
    tiny_model, tmp_path: Path, tier: str
) -> None:
    local = Local(tiny_model, settings(kv_tier=tier, data_dir=tmp_path))
    assert isinstance(local, Remembers)
    _, usage = asked(local, LONG, "chat")
    kept = local.memory("chat")
    # Keys and values in fp32 of 2 layers with 2 heads of 16; room is taken in steps.
    assert kept.tiers.tokens == usage.tokens_in + usage.tokens_out - 1
    assert kept.tiers.ram >= kept.tiers.tokens * 2 * 2 * 2 * 16 * 4
    assert kept.counts["recomputed"] == usage.tokens_in
    assert kept.keeper == ("flash" if tier == "flash" else "memory")
    asked(local, LONG, "chat")
    assert local.memory("chat").counts["hits_memory"] == 1
    assert local.memory("chat").counts["reused_memory"] == usage.tokens_in - 1
    assert local.memory("other").tiers == Tiers()
    assert local.memory().tiers.tokens == kept.tiers.tokens
    local.forget("chat")
    assert local.memory().tiers == Tiers()
    assert not list((tmp_path / "kv").rglob("*.kv"))
    assert asked(local, LONG, "chat")[1].tokens_reused == 0
    local.close()


@pytest.mark.parametrize("field", ["kv_ram_mb", "kv_disk_mb"])
def test_a_budget_of_nothing_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        settings(**{field: 0})
