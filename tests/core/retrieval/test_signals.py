"""Names, definitions, paths and repeats push a ranking, and nothing else does."""

import pytest

from core.retrieval.signals import Pushes, Signals, names_in

NO = Pushes(symbol=0, parts=0, defines=0, path=0, repeat=1)


def rows(*chunks: tuple[str, str, str]) -> dict[str, list[str]]:
    paths, symbols, texts = zip(*chunks, strict=True)
    return {"path": list(paths), "symbol": list(symbols), "text": list(texts)}


def order(question: str, table: dict[str, list[str]], pushes: Pushes) -> list[int]:
    flat = [(row, 1.0 - row / 100) for row in range(len(table["path"]))]
    return [row for row, _ in Signals(table, pushes).applied(question, flat)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Where is build_request defined?", ["build_request"]),
        ("who calls `send`", ["send"]),
        ("what does Client.close() do", ["Client.close", "Client.close"]),
        ("how does readLines work", ["readLines"]),
        ("How do I send a request?", []),
        ("the API of HTTPError", ["HTTPError"]),
    ],
)
def test_names_are_words_written_as_code(text: str, names: list[str]):
    assert list(names_in(text)) == names


def test_a_symbol_the_question_writes_comes_first():
    table = rows(("a.py", "send", "x"), ("b.py", "Client.build_request", "x"))
    only = Pushes(symbol=0.5, parts=0, defines=0, path=0, repeat=1)
    assert order("where is build_request?", table, only) == [1, 0]
    assert order("where is Client.build_request?", table, only) == [1, 0]
    assert order("where is it built?", table, only) == [0, 1]


def test_a_symbol_whose_words_are_asked_for_comes_first():
    table = rows(("a.py", "send", "x"), ("b.py", "Client.build_request", "x"))
    only = Pushes(symbol=0, parts=0.5, defines=0, path=0, repeat=1)
    assert order("how are requests built", table, only) == [1, 0]
    assert order("how to send", table, only) == [0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "def retry_all(x):", "func retry_all(", "func (c *Client) retry_all(", "fn retry_all<T>",
        "const retry_all = 3", "#define retry_all 3",
    ],
)  # fmt: skip
def test_a_definition_comes_before_a_use(text: str):
    only = Pushes(symbol=0, parts=0, defines=0.5, path=0, repeat=1)
    table = rows(("a", "", "retry_all(y)"), ("b", "", text))
    assert order("what is retry_all", table, only) == [1, 0]


def test_a_file_of_that_name_comes_first():
    table = rows(("src/pool.py", "", "x"), ("src/redirect_rules.py", "", "x"))
    only = Pushes(symbol=0, parts=0, defines=0, path=0.5, repeat=1)
    assert order("rules for a redirect", table, only) == [1, 0]


def test_further_chunks_of_one_file_give_way():
    table = rows(("a.py", "", "x"), ("a.py", "", "x"), ("b.py", "", "x"))
    only = Pushes(symbol=0, parts=0, defines=0, path=0, repeat=0.5)
    assert order("anything", table, only) == [0, 2, 1]
    assert order("anything", table, NO) == [0, 1, 2]
