"""The intents: enough of them, no question with two answers, settings that are true."""

import re
from collections import Counter

from core.bundled.chat import conversations, intents
from core.bundled.splits import load_splits
from core.settings import Settings


def test_there_are_at_least_three_hundred_intents_with_paraphrases() -> None:
    assert len(intents()) >= 300
    assert len({intent.name for intent in intents()}) == len(intents())
    assert all(len(intent.ask) >= 4 for intent in intents())


def test_no_question_has_two_answers() -> None:
    asked = Counter(ask.lower() for intent in intents() for ask in intent.ask)
    assert [ask for ask, n in asked.items() if n > 1] == []


def test_every_setting_is_explained_with_its_own_sentence() -> None:
    said = {intent.name: intent.say for intent in intents()}
    for field, about in Settings.model_fields.items():
        assert about.description in said[f"help {field.upper()}"]
        assert field.upper() in said[f"set {field.upper()}"]


def test_settings_named_in_answers_exist() -> None:
    names = {field.upper() for field in Settings.model_fields}
    said = {intent.name: intent.say for intent in intents()}
    assert said["point_at_server"].startswith("Set INFERENCE_URL to your server and restart.")
    for intent in intents():
        for word in re.findall(r"\b[A-Z]+_[A-Z_]+\b", intent.say):
            assert word in names, intent.name


def test_held_out_paraphrases_are_not_trained_on() -> None:
    back = load_splits().intents_held_out
    spoken = "\n".join(text for parts in conversations(3000, 1) for text, _ in parts).lower()
    for intent in intents():
        for ask in intent.phrasings(held_out=True):
            assert f"<|user|>{ask.lower()}<|end|>" not in spoken
    assert all(len(intent.phrasings(held_out=True)) == back for intent in intents())


def test_conversations_are_whole_turns() -> None:
    for parts in conversations(50, 2):
        *_, (asked, no), (said, yes) = parts
        assert asked.endswith("<|end|><|assistant|>")
        assert said.endswith("<|end|>")
        assert (no, yes) == (False, True)
