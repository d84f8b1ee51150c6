"""The bundled suites are what their cards say, held out, and answered by the files they name."""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from core.bundled.chat import intents, plain
from core.bundled.questions import phrasings
from core.bundled.splits import load_splits
from core.records import Item
from eval.datasets import corpora
from eval.datasets.rows import Version, item_of, line_of
from eval.suites import bundle, grounded

NAMES = tuple(bundle.MAKERS)


def kept(name: str) -> list[Item]:
    lines = (bundle.SUITES / f"{name}.jsonl").read_text().splitlines()
    return [item_of(json.loads(line)) for line in lines]


@pytest.fixture(scope="module")
def texts() -> dict[str, bytes]:
    return corpora.texts("codeqa")


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_its_file_holds(name: str):
    front = (bundle.SUITES / f"{name}.md").read_text().split("---")[1]
    card = yaml.safe_load(front)
    items = kept(name)
    assert card["count"] == len(items)
    assert card["version"] == str(Version(line_of(item) for item in items))
    assert card["criterion"] in ("contains", "numeric", "token_f1")
    assert card["license"]


@pytest.mark.parametrize("name", NAMES)
def test_ids_and_questions_are_told_apart(name: str):
    items = kept(name)
    assert len({item.id for item in items}) == len(items)
    asked = {(item.question, item.references) for item in items}
    assert len(asked) == len(items)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_packages_give_the_same_suite(name: str, tmp_path: Path):
    bundle.write(name, tmp_path)
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (bundle.SUITES / file.name).read_bytes(), file.name


def test_they_are_large_enough():
    sizes = {name: len(kept(name)) for name in NAMES}
    assert sizes["codeqa"] >= 400
    assert sizes["codeqa-hop"] >= 100
    assert sizes["arith"] >= 300
    assert sizes["chat-basics"] >= 100
    kinds = Counter(item.kind for item in kept("codeqa"))
    assert set(grounded.MAKERS) < set(kinds)
    assert 0.12 < kinds["unanswerable"] / sizes["codeqa"] < 0.18


def test_only_held_out_packages_and_phrasings_are_asked_with():
    splits = load_splits()
    back = splits.phrasings_held_out
    trained = _asked_with(t for templates in phrasings().values() for t in templates[:-back])
    listed = json.loads((bundle.SUITES / "codeqa.files.json").read_text())
    assert {about["package"] for about in listed.values()} <= set(splits.test)
    for item in [*kept("codeqa"), *kept("codeqa-hop")]:
        assert item.details.get("package", "rich") in splits.test
        assert not trained.fullmatch(item.question.lower()), item.question


def test_the_templates_of_hops_are_not_in_training():
    trained = {template for templates in phrasings().values() for template in templates}
    assert not trained & set(bundle.wanted()["codeqa-hop"]["default"])


def test_every_sum_has_a_number_that_training_never_saw():
    held = load_splits().operand_held_out
    for item in kept("arith"):
        numbers = [int(n) for n in re.findall(r"\d+", item.details["expression"])]
        assert any(map(held, numbers)), item
        assert str(eval(item.details["expression"])) == item.references[0]
        assert item.details["steps"].endswith(item.references[0])


def test_small_talk_is_asked_in_words_that_training_did_not_see():
    trained = {plain(ask) for intent in intents() for ask in intent.phrasings(held_out=False)}
    said = {intent.say for intent in intents()}
    for item in kept("chat-basics"):
        assert plain(item.question) not in trained
        assert item.references[0] in said


@pytest.mark.parametrize("name", ["codeqa", "codeqa-hop"])
def test_the_place_that_answers_a_question_holds_its_answer(name: str, texts: dict[str, bytes]):
    for item in kept(name):
        for gold in item.gold:
            first, last = gold.span or (0, 0)
            source = texts[gold.path][first:last].decode()
            assert re.search(rf"\b(def|class) {gold.symbol.rpartition('.')[2]}\b", source), item
        if item.kind in ("default", "raises", "bases"):
            gold = item.gold[-1]
            first, last = gold.span or (0, 0)
            source = " ".join(texts[gold.path][first:last].decode().split())
            parts = re.split(r" or |, ", item.references[0])
            assert all(part in source for part in parts), item
        if item.kind == "where":
            assert item.references[1] == item.cluster


def test_a_question_without_an_answer_cannot_be_answered(texts: dict[str, bytes]):
    words = {word for text in texts.values() for word in re.findall(r"\w+", text.decode())}
    for item in kept("codeqa"):
        assert item.answerable == bool(item.references) == bool(item.gold)
        if item.details.get("why") == "not in the corpus":
            named = re.findall(r"`?(\w+)`?", item.question)
            assert any(word not in words for word in named if len(word) > 6), item


def test_a_reference_is_never_lost_to_normalisation():
    for name in ("codeqa", "codeqa-hop"):
        assert all(grounded.comparable(form) for item in kept(name) for form in item.references)
    assert not grounded.comparable('"a"')
    assert not grounded.comparable('""')


def _asked_with(templates: Iterable[str]) -> re.Pattern[str]:
    """Return what matches every filled-in template; one that is a name alone says nothing."""
    patterns = []
    for template in templates:
        parts = re.split(r"\{(\w)\}", template.lower())
        holes = [r".+" if part == "d" else r"\S+" for part in parts[1::2]]
        if len(" ".join(parts[::2]).split()) >= 3:
            said = map(re.escape, parts[::2])
            patterns.append("".join(map("".join, zip(said, [*holes, ""], strict=True))))
    return re.compile("|".join(patterns))
