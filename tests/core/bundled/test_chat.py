"""The intents: enough of them, no question with two answers, settings that are true."""

import random
import re
from collections import Counter

from core.bundled.chat import conversations, intents, plain, reframe, reword, vary
from core.bundled.splits import load_splits
from core.settings import Settings


def test_there_are_at_least_three_hundred_intents_with_paraphrases() -> None:
    assert len(intents()) >= 300
    assert len({intent.name for intent in intents()}) == len(intents())
    for intent in intents():
        assert len(intent.phrasings(held_out=False)) >= 12, intent.name


def test_no_question_has_two_answers() -> None:
    asked = Counter(plain(ask) for intent in intents() for ask in intent.ask)
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
    spoken = [text for parts in conversations(6000, 1) for text, _ in parts]
    asked = {plain(text[8:].split("<|end|>")[0]) for text in spoken if text.startswith("<|user|>")}
    assert len(asked) > 4000
    held = {plain(ask) for intent in intents() for ask in intent.phrasings(held_out=True)}
    assert not asked & held
    assert all(len(intent.phrasings(held_out=True)) == back for intent in intents())


def test_conversations_are_whole_turns() -> None:
    for parts in conversations(50, 2):
        *_, (asked, no), (said, yes) = parts
        assert asked.endswith("<|end|><|assistant|>")
        assert said.endswith("<|end|>")
        assert (no, yes) == (False, True)


def test_questions_are_asked_in_other_frames_and_words() -> None:
    rng = random.Random(0)
    frames = {reframe("How do I set the port?", rng) for _ in range(200)}
    assert {"How to set the port?", "I want to set the port"} <= frames
    words = {reword("How do I delete a run?", rng) for _ in range(50)}
    assert words == {"How do I remove a run?", "How do I erase a run?"}
    assert reword("Where is it set up?", rng) == "Where is it set up?"


def test_no_other_frame_or_word_leads_to_a_held_out_question() -> None:
    rng = random.Random(1)
    held = {plain(ask) for intent in intents() for ask in intent.phrasings(held_out=True)}
    for intent in intents():
        for ask in intent.phrasings(held_out=False):
            assert not {plain(vary(ask, rng)) for _ in range(12)} & held


def test_conversations_are_seeded() -> None:
    assert list(conversations(20, 3)) == list(conversations(20, 3)) != list(conversations(20, 4))


def test_answers_about_tabs_say_what_they_are_for() -> None:
    for intent in intents():
        assert not re.search(r"^(?:Use|Open) the \w+ tab", intent.say), intent.name
