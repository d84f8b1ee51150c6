"""An answer gets marks where it stands on evidence, and a quote where they are low."""

from core.assistant.methods.checking import UNSUPPORTED, checked, marked
from core.assistant.scorer import BY_WORDS
from core.documents import Chunk, Evidence
from core.seams import Answer

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
