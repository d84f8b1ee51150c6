"""An answer gets marks where it stands on evidence, and a quote where they are low."""

from core.assistant.coverage import Gap
from core.assistant.methods.checking import (
    ASIDE,
    DOUBTED,
    UNSUPPORTED,
    Missing,
    checked,
    finished,
    marked,
)
from core.assistant.scorer import BY_WORDS
from core.documents import Chunk, Evidence
from core.messages import Delta, Finish, Usage
from core.seams import Answer, Step

SAVE = Chunk("disk.py", 9, 11, 'def save(path):\n    """Write a page."""', "function", "save")
EVIDENCE = (Evidence(SAVE, 1.0),)
QUESTION = "How is a page written?"


def test_a_good_answer_is_marked_and_stays_alone() -> None:
    found = checked(Answer("`save` [1]: Write a page.", EVIDENCE), QUESTION, BY_WORDS)
    assert [mark.mark for mark in found.marks] == ["supported"]
    assert (found.quote, found.notices) == ("", ())


def test_a_made_up_sentence_brings_a_quote_of_the_evidence() -> None:
    text = "`save` [1]: Write a page. It is then sent to 40 customers."
    found = checked(Answer(text, EVIDENCE, notices=("slow",)), QUESTION, BY_WORDS)
    assert [mark.mark for mark in found.marks] == ["supported", "unsupported"]
    assert "Write a page." in found.quote and found.notices == ("slow", UNSUPPORTED)


def test_marking_alone_brings_no_quote_and_needs_evidence() -> None:
    assert marked(Answer("It is 40.", EVIDENCE), BY_WORDS).quote == ""
    assert marked(Answer("It is 40."), BY_WORDS).marks == ()
    assert marked(Answer("", EVIDENCE), BY_WORDS).marks == ()


def finish(
    text: str, gap: Gap | None, missing: Missing = "refuse", ended: Finish = "stop"
) -> list[Step | Delta | Answer]:
    usage = (Usage(1, 1, ended, 0.1),)
    answer = Answer(text, EVIDENCE, usage, ("slow",))
    return list(finished(answer, QUESTION, BY_WORDS, gap, missing))


def test_an_answer_about_what_no_passage_holds_is_put_aside_and_told_in_a_step() -> None:
    step, delta, found = finish("`save` [1] has `mode=1`.", Gap(("mode",), True))
    text = "The retrieved context does not say: no passage holds `mode`."
    assert isinstance(step, Step) and isinstance(delta, Delta) and isinstance(found, Answer)
    assert (step.kind, step.ok) == ("check", True)
    assert step.text.endswith("Put aside: `save` [1] has `mode=1`.")
    assert (found.text, delta.text) == (text, f"\n\n{text}")
    assert found.notices == ("slow", ASIDE.format(names="`mode`"))
    assert "Write a page." in found.quote and found.evidence == EVIDENCE and found.usage
    assert [mark.mark for mark in found.marks] == ["plain"]


def test_where_only_a_warning_is_wanted_the_answer_stays_with_a_sentence_and_a_step() -> None:
    step, found = finish("`save` [1]: Write a page.", Gap(("mode",), True), "warn")
    assert isinstance(step, Step) and step.text.endswith("The answer stays as it is.")
    assert isinstance(found, Answer) and found.text == "`save` [1]: Write a page."
    assert found.notices == ("slow", DOUBTED.format(names="`mode`"))


def test_an_unsure_name_leaves_what_is_supported_and_takes_what_is_not() -> None:
    unsure = Gap(("GitHub",), False)
    *_, kept = finish("`save` [1]: Write a page.", unsure)
    assert isinstance(kept, Answer) and kept.text.startswith("`save`")
    *_, aside = finish("It is sent to 40 customers [1].", unsure)
    assert isinstance(aside, Answer) and aside.text.startswith("The retrieved context")


def test_what_is_off_refused_already_or_stopped_is_left_alone() -> None:
    gap = Gap(("mode",), True)
    for found in (
        finish("`mode` [1].", gap, "off"),
        finish("`mode` [1].", None),
        finish("The passages do not mention `mode`.", gap),
        finish("`mode` [1].", gap, ended="stopped"),
    ):
        assert len(found) == 1 and isinstance(found[0], Answer)
        assert "put aside" not in " ".join(found[0].notices)
