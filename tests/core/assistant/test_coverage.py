"""A question's names are found, and told where no passage holds what an answer says of them."""

import pytest

from core.assistant.coverage import Gap, gap, names, strayed
from core.documents import Chunk, Evidence

GET = Chunk(
    "net/client.py",
    1,
    4,
    'def get(self, url, timeout: float = 5.0, retries=3):\n    """Fetch a page."""\n'
    "    kind = type(url)\n    return cached",
    "method",
    "Client.get",
    ("self", "url", "timeout", "retries"),
    "python",
)
SAVE = Chunk("net/disk.py", 9, 10, "def save(path, mode='w'):\n    pass", "function", "save")
EVIDENCE = (Evidence(GET), Evidence(SAVE))


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What does `save` do?", {"save": True}),
        ("What does `save()` return, and page_of?", {"save": True, "page_of": True}),
        ("Is render(x) slow?", {"render": True}),
        ("What is a DataFrame in Client.get?", {"DataFrame": False, "Client.get": False}),
        ("Does it run on GitHub, e.g. with 3.12 or 1_000?", {"GitHub": False}),
        ("See http://x.org/a_b and me@some_host.org or a/b_c.py", {}),
        ("May it be `None`, a `str`, or `self`? It should not.", {}),
        ("Why?\n```python\nsome_name(other_name)\n```", {}),
        ("Which file(s) is it in, and which URLs?", {}),
        ("What is an LRUCache or a KVStore?", {"LRUCache": False, "KVStore": False}),
    ],
)
def test_names_are_what_is_written_like_code(question: str, found: dict[str, bool]) -> None:
    assert names(question) == found


def said(question: str, answer: str, *also: str) -> Gap | None:
    return gap(question, answer, EVIDENCE, also)


def test_a_name_that_no_passage_holds_is_told_whatever_was_answered() -> None:
    assert said("What does save_all do?", "`save` [2]: Nothing.") == Gap(("save_all",), True)
    assert said("What does `load` do?", "It saves.") == Gap(("load",), True)
    assert said("What does `saves` do?", "It saves.") is None
    assert said("Where is `Client.get`?", "There [1].") is None
    assert said("Where is `Server.get`?", "There [1].") == Gap(("Server.get",), True)
    assert said("What is `client.get` for?", "For pages [1].") is None
    assert said("What is `Client.__init__` given?", "Nothing [1].") is None
    assert said("What does `load` do?", "It reads.", "def load(): ...") is None


def test_what_only_looks_like_a_name_is_told_as_unsure() -> None:
    found = said("Can it save to GitHub?", "It saves to a path [2].")
    assert found == Gap(("GitHub",), False)


def test_an_answer_about_a_word_of_the_question_needs_a_cited_passage_that_holds_it() -> None:
    asked = "What is the default of {} in get?"
    assert said(asked.format("timeout"), "`get` [1] has `timeout: float = 5.0`.") is None
    assert said(asked.format("verify"), "`get` [1] has `verify=True`.") == Gap(("verify",), True)
    assert said(asked.format("mode"), "`get` [1] has `mode='w'`.") == Gap(("mode",), True)
    assert said(asked.format("mode"), "`get` has `mode='w'`.") is None
    assert said(asked.format("verify"), "`get` [1] has no default for `verify`.") is not None


def test_what_is_told_to_be_set_has_to_be_set_somewhere() -> None:
    assert said("What is type in get?", "`get` [1] has `type: str`.") == Gap(("type",), True)
    assert said("What is kind in get?", "`get` [1] has `kind = type(url)`.") is None
    assert said("What is type in get?", "`get` [1] calls `type`.") is None
    assert said("What is cached in get?", "`cached = 1` [1].", "cached (int) defaults to 1") is None


def test_a_word_of_the_language_is_no_name() -> None:
    assert said("What does save raise?", "`save` [2] can `raise OSError`.") is None


def test_a_definition_that_is_shown_may_be_cited_wrongly() -> None:
    assert said("Where is save?", "`save` is in net/disk.py:9-10 [1].") is None


def test_a_stretch_of_a_file_need_not_hold_the_class() -> None:
    window = (Evidence(Chunk("net/client.py", 3, 4, "    def get(self, url, timeout=5):")),)
    answer = "`Client.get` [1] has `timeout=5`."
    assert gap("What is timeout in Client.get?", answer, window) is None
    assert gap("What is `Client.get`?", "It gets [1].", window) is None
    far = (Evidence(Chunk("net/disk.py", 1, 1, "import os")), *window)
    assert gap("What is timeout in get?", "`get` [1] has `timeout=5`.", far) is None
    assert gap("What is `Client.put`?", "It gets [1].", window) == Gap(("Client.put",), True)
    asked = "What is timeout in Server.get?"
    assert said(asked, "`Server.get` [1] has `timeout: float`.") == Gap(("Server.get",), True)


@pytest.mark.parametrize(
    "answer",
    [
        "`get` [1] has no parameter `verify`.",
        "There is no argument called `verify` in `get` [1].",
        "`get` [1] does not take `verify`.",
        "`verify` isn't there. It doesn't exist.",
    ],
)
def test_a_model_may_say_that_something_is_not_there(answer: str) -> None:
    words = answer.replace("isn't there. It ", "")
    assert said("What is verify in get?", words) is None


def test_names_that_are_asked_to_be_made_need_not_be_there() -> None:
    assert said("Write a test `test_get` for get", "`test_get` calls `get` [1].") is None
    assert said("Please rename save to save_page", "Call it `save_page`.") is None


def test_a_long_question_may_name_some_things_in_passing() -> None:
    many = "We use one_a, two_b, three_c and Client.get; what does `save` do?"
    assert said(many, "It saves [2].") is None
    assert said("one_a two_b three_c four_d?", "It saves [2].") is not None


def test_small_talk_strays_where_it_says_nothing_of_a_name_that_is_not_ours() -> None:
    ours = {"MAX_TOKENS"}.__contains__
    lost = strayed("What does save_all do?", "I am too small for jokes.", EVIDENCE, ours)
    assert lost == Gap(("save_all",), True)
    assert strayed("What does MAX_TOKENS do?", "Longest answer.", EVIDENCE, ours) is None
    assert strayed("What is base_url?", "base_url is an address.", EVIDENCE, ours) is None
    assert strayed("Are you ChatGPT?", "No.", EVIDENCE, ours) is None
    assert strayed("Hello", "Hello.", (), ours) is None


def test_names_are_told_as_a_sentence_has_them() -> None:
    assert Gap(("a",), True).told == "`a`"
    assert Gap(("a", "b", "c"), True).told == "`a`, `b` or `c`"


def test_very_long_texts_are_read_in_one_go() -> None:
    words = "no `x` not " * 20_000
    assert gap(words, words, EVIDENCE) is not None
    assert gap("`" * 50_000, "a." * 25_000, EVIDENCE) is None
