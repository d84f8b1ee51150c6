"""What a check put aside is counted from the samples, with what the model had said."""

from bench.methods import asides
from core.assistant.coverage import Gap
from core.assistant.draft import told_of
from core.assistant.methods.checking import finished
from core.assistant.scorer import BY_WORDS
from core.documents import Chunk, Evidence
from core.records import Answered, Item, Sample
from core.seams import Answer, Step

EVIDENCE = (Evidence(Chunk("disk.py", 9, 9, "def save(path): ...", "function", "save")),)


def answered(item: Item, words: str, gap: Gap | None) -> Answered:
    items = list(finished(Answer(words, EVIDENCE), item.question, BY_WORDS, gap, "refuse"))
    steps = [told_of(each) for each in items if isinstance(each, Step)]
    final = items[-1]
    assert isinstance(final, Answer)
    steps.append({"kind": "prompt", "messages": []})
    return Answered(
        item, Sample("", item.id, 0, answer=final.text, steps=tuple(steps)), (), "wrong"
    )


def test_what_was_put_aside_is_counted_by_whether_it_had_an_answer_and_was_right() -> None:
    lost = Gap(("mode",), True)
    known = Item("a", "What is mode in save?", references=("'w'",))
    none = Item("b", "What is mode in save?", answerable=False)
    found = asides(
        [
            answered(known, "`save` [1] has `mode='w'`.", lost),
            answered(known, "`save` [1] has `mode='r'`.", lost),
            answered(known, "`save` [1] has `mode='w'`.", None),
            answered(none, "`save` [1] has `mode='w'`.", lost),
            answered(none, "The retrieved context does not say.", lost),
        ]
    )
    assert found == {"no_answer": 1, "answerable": 2, "right": 1}
