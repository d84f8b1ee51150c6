"""Words become tokens that suit code, in any script."""

import pytest

from core.retrieval.words import stem, tokens


def test_identifiers_are_found_whole_and_in_parts():
    assert tokens("InferenceClient.chat_completion") == [
        "inferenceclient", "inferenc", "client", "chat_completion", "chat", "completion",
    ]  # fmt: skip


def test_acronyms_stay_together():
    assert tokens("fetchURLs") == ["fetchurl", "fetch", "url"]


def test_stop_words_and_punctuation_vanish():
    assert tokens("What is the default of it?") == ["default"]


@pytest.mark.parametrize(
    "forms",
    [
        "file files", "class classes", "run runs running", "parse parses parsing parsed",
        "cache caches caching cached", "copy copies copied copying", "add adds adding added",
        "call calls calling called", "process processes processing processed", "use uses",
        "string strings", "make made", "stop stops stopped stopping",
    ],
)  # fmt: skip
def test_the_forms_of_a_word_meet(forms: str):
    assert len({stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("word", ["bus", "this", "status", "string", "red", "axis", "größe"])
def test_what_is_no_ending_stays(word: str):
    assert stem(word) == word


def test_different_words_stay_apart():
    assert len({stem(word) for word in "thing think string sting bus bud user use".split()}) == 8


def test_accents_do_not_hide_a_word():
    assert tokens("spät Größen") == tokens("SPAT größen")
    assert tokens("naïve") == tokens("naive")


def test_scripts_without_spaces_are_found_by_neighbouring_signs():
    assert tokens("検索機能") == ["検索", "索機", "機能"]
    assert set(tokens("機能")) <= set(tokens("検索機能"))
    assert tokens("字") == ["字"]
    assert tokens("GPU検索") == ["検索", "gpu"]


def test_other_alphabets_are_words():
    assert tokens("поиск по коду") == ["поиск", "по", "коду"]


def test_underscores_alone_are_no_word():
    assert tokens("_ __ __init__") == ["init"]
