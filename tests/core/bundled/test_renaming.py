"""What answers copy gets new names, the same everywhere; what asks keeps its words."""

from core.bundled.corpus import units_of
from core.bundled.grounded import LEVELS, Composer
from core.bundled.renaming import Renamer, kept

WORDS = ["neigh", "gorit", "ub", "Cap", "x1", "concloud"]
TEXTS = [
    "[1] function FooBar.send_all(limit) in pkg/foo_io.py:1-2\ndef send_all(limit=SEND): foo()",
    "What is the default of limit in send_all?",
    "`FooBar.send_all` [1] has `limit: int = SEND`. It is in pkg/foo_io.py:1-2.",
]


def test_a_name_is_new_in_every_text_and_keeps_its_case() -> None:
    chunk, question, answer = Renamer(WORDS, 1).renamed(TEXTS, TEXTS[2:])
    head = chunk.split()[2].split("(")[0]
    assert "foo" not in chunk.lower() and "send" not in (chunk + question + answer).lower()
    assert f"`{head}` [1]" in answer and head.split(".")[1] in question
    assert head[0].isupper() and head.split(".")[1].islower()
    assert answer.split(" = ")[1].split("`")[0].isupper()
    path = answer.split("It is in ")[1].rstrip(".")
    assert path in chunk and path.endswith(".py:1-2")


def test_words_of_questions_and_of_python_stay() -> None:
    assert {"default", "return", "self", "class", "parameters"} <= kept()
    _, question, _ = Renamer(WORDS, 1).renamed(TEXTS, TEXTS[2:])
    assert question.startswith("What is the default of ") and " in " in question


def test_real_conversations_copy_what_is_shown_under_its_new_name() -> None:
    composer = Composer(list(units_of("itsdangerous")), 1)
    renamer, tried, changed = Renamer(WORDS, 2), 0, 0
    while tried < 40:
        item = composer.one(LEVELS["mixed"])
        if item is None or not item.shown:
            continue
        tried += 1
        texts = renamer.renamed(item.texts, item.answers)
        assert len(texts) == len(item.texts)
        changed += texts != item.texts
        for before, after in zip(item.texts, texts, strict=True):
            assert before.count("\n") == after.count("\n")
            assert before.count("[1]") == after.count("[1]")
    assert changed >= 30
