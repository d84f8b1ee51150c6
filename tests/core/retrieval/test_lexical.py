"""Words become tokens that suit code, and texts are ranked by them."""

import pytest

from core.retrieval.lexical import Lexical, stem, tokens


def test_identifiers_are_found_whole_and_in_parts():
    assert tokens("InferenceClient.chat_completion") == [
        "inferenceclient", "inference", "client", "chat_completion", "chat", "completion",
    ]  # fmt: skip


def test_acronyms_stay_together():
    assert tokens("parseURLs") == ["parseurl", "parse", "url"]


def test_stop_words_and_punctuation_vanish():
    assert tokens("What is the default of it?") == ["default"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [("classes", "class"), ("runs", "run"), ("running", "runn"), ("class", "class"), ("is", "is")],
)
def test_stem_is_light(word: str, expected: str):
    assert stem(word) == expected


def test_the_text_that_shares_the_rare_word_wins():
    texts = ["open the file", "open the socket with a timeout", "open the door"]
    assert Lexical(texts).rank("socket timeout", 2)[0][0] == 1


def test_texts_sharing_no_word_are_left_out():
    assert [i for i, _ in Lexical(["red fox", "blue whale"]).rank("whales", 5)] == [1]


def test_an_empty_corpus_and_an_empty_query_find_nothing():
    assert Lexical([]).rank("anything") == []
    assert Lexical(["a text"]).rank("??") == []
    assert Lexical(["", ""]).rank("word") == []
