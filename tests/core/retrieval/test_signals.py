"""Names and definitions push a ranking, and nothing else does."""

import pytest

from core.retrieval.signals import Pushes, Signals, names_in

NO = Pushes(symbol=0, parts=0, defines=0)


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
    only = Pushes(symbol=0.5, parts=0, defines=0)
    assert order("where is build_request?", table, only) == [1, 0]
    assert order("where is Client.build_request?", table, only) == [1, 0]
    assert order("where is it built?", table, only) == [0, 1]


def test_a_symbol_whose_words_are_asked_for_comes_first():
    table = rows(("a.py", "send", "x"), ("b.py", "Client.build_request", "x"))
    only = Pushes(symbol=0, parts=0.5, defines=0)
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
    only = Pushes(symbol=0, parts=0, defines=0.5)
    table = rows(("a", "", "retry_all(y)"), ("b", "", text))
    assert order("what is retry_all", table, only) == [1, 0]


def test_without_pushes_nothing_moves():
    table = rows(("a.py", "x", "x"), ("b.py", "retry_all", "def retry_all()"))
    assert order("what is retry_all", table, NO) == [0, 1]
