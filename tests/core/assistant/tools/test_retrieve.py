"""Searching gives passages, or says that there are none; what cannot be searched is refused."""

from core.assistant.tools.retrieve import LONGEST, Retrieve
from core.assistant.tools.tool import call
from core.documents import Chunk, Evidence
from core.messages import Stop


def search(query, k):
    return [] if query == "nothing" else [Evidence(Chunk(f"{n}.py", 1, 2, query)) for n in range(k)]


def ask(**given):
    return call(Retrieve(search), given, Stop())


def test_it_finds_as_many_as_it_is_asked_for_within_limits():
    assert [len(ask(query="x", k=k).evidence) for k in (1, 5, 0, 99, "4", "many", None)] == [
        1,
        5,
        1,
        8,
        4,
        3,
        3,
    ]


def test_nothing_found_is_a_result():
    told = ask(query="nothing")
    assert (told.ok, told.text, told.evidence) == (True, "nothing found.", ())


def test_an_empty_or_endless_query_is_an_observation():
    assert not ask(query=" ").ok and not ask().ok
    assert "characters" in ask(query="x" * (LONGEST + 1)).text


def test_what_the_query_names_comes_first():
    def ranked(query, k):
        chunks = [
            Chunk(f"{name}.py", 1, 2, name, symbol=name) for name in ("near", "Net.get", "got", "x")
        ]
        return [Evidence(chunk) for chunk in chunks][:k]

    tool = Retrieve(ranked, 1)
    assert [e.chunk.symbol for e in call(tool, {"query": "get"}, Stop()).evidence] == ["Net.get"]
    both = Retrieve(
        lambda query, k: [*ranked(query, k), Evidence(Chunk("g", 1, 1, "", symbol="get"))]
    )
    shown = call(both, {"query": "get", "k": 2}, Stop()).evidence
    assert [e.chunk.symbol for e in shown] == ["get", "Net.get"]
    assert [e.chunk.symbol for e in call(tool, {"query": "post"}, Stop()).evidence] == ["near"]
