"""What an answer cites, what claims nothing, and when support is low."""

from core.assistant.sentences import sentences
from core.assistant.support import Levels, citations, is_low, is_talk, says_nothing
from core.documents import Mark


def test_citations_are_those_that_exist_once_each_in_order() -> None:
    assert citations("so [2] and [1], [2], not [7] or [0]", 2) == (2, 1)


def test_levels_part_three_marks() -> None:
    levels = Levels(0.6, 0.3)
    assert [levels.of(score) for score in (0.6, 0.59, 0.3, 0.29)] == [
        "supported",
        "partly",
        "partly",
        "unsupported",
    ]


def test_support_is_low_where_a_sentence_has_none() -> None:
    good, bad = Mark("a", 0, 1, "supported", 0.9), Mark("b", 2, 3, "unsupported", 0.1)
    assert is_low([good, bad])
    assert not is_low([good, Mark("c", 4, 5, "plain"), Mark("d", 6, 7, "partly", 0.5)])
    assert not is_low([])


def test_headings_refusals_questions_and_talk_claim_nothing() -> None:
    text = (
        "# The port\n\nHello, nice to meet you. The context does not say which. Is it `x`? "
        "`x` is 3. [1]"
    )
    assert [says_nothing(each) for each in sentences(text)] == [True, True, True, True, False]


def test_talk_cites_and_names_nothing() -> None:
    assert is_talk("Hello. Ask me about the code.")
    assert not is_talk("`get` is here.") and not is_talk("It is so [1].")
