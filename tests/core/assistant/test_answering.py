"""Each way of answering is made of its own method; what is wrong with one is said."""

from pathlib import Path

import pytest

from core.assistant.answering import build
from core.assistant.findings import Findings
from core.assistant.methods.chat import Chat
from core.assistant.methods.checking import UNINDEXED
from core.assistant.methods.cot import StepByStep
from core.assistant.methods.naive import Naive
from core.assistant.methods.rag import Rag
from core.assistant.way import Way
from core.errors import BadInput
from core.messages import Message, Params, Stop
from core.retrieval.handbook import Handbook
from core.seams import Answer, Step
from tests.core.assistant.says import Says
from tests.core.assistant.test_findings import Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def findings(shelf: Shelf, tmp_path) -> Findings:
    return Findings(shelf, Handbook(tmp_path))


def test_each_method_is_itself(findings: Findings) -> None:
    says = Says("Yes.")
    made = {way: type(build(Way(way), says, findings)) for way in ("rag", "chat", "naive", "cot")}
    assert made == {"rag": Rag, "chat": Chat, "naive": Naive, "cot": StepByStep}


def test_where_nothing_is_indexed_a_question_is_plain_conversation(shelf: Shelf, tmp_path) -> None:
    shelf.default = ""
    empty = Findings(shelf, Handbook(tmp_path))
    assert isinstance(build(Way(), Says("", "endpoint"), empty), Chat)
    assert isinstance(build(Way(), Says(""), None), Chat)


def test_where_nothing_is_indexed_small_talk_about_code_is_put_aside(
    shelf: Shelf, tmp_path: Path
) -> None:
    shelf.default = ""
    (tmp_path / "README.md").write_text("# Settings\n\nSet `KV_TIER`.\n")
    empty = Findings(shelf, Handbook(tmp_path))

    def told(question: str) -> Answer:
        turns = [Message("user", question)]
        parts = list(build(Way(), Says("Noted."), empty).answer(turns, Params(), Stop()))
        assert not any(isinstance(part, Step) and part.kind == "retrieve" for part in parts)
        assert isinstance(parts[-1], Answer)
        return parts[-1]

    assert told("Hello").text == told("What is KV_TIER?").text == "Noted."
    lost = told("What does set_cookie return?")
    assert lost.text.startswith("The retrieved context does not say")
    assert lost.notices[-1] == UNINDEXED and not lost.evidence


def test_the_way_says_how_and_how_much_is_searched(findings: Findings, shelf: Shelf) -> None:
    rag = build(Way(corpus="net", retrieval="lexical", top_k=7), Says("Yes."), findings)
    step, *_ = rag.answer([Message("user", "how does get work")], Params(), Stop())
    assert isinstance(step, Step) and step.text == "Searched the net package: 1 passage"
    asked = shelf.asked[-1]
    assert (asked.corpus, asked.mode, asked.top_k) == ("net", "lexical", 7)


@pytest.mark.parametrize(
    "way",
    [
        Way(method="magic"),  # type: ignore[arg-type]
        Way(retrieval="magic"),  # type: ignore[arg-type]
        Way(top_k=0),
        Way(top_k=21),
        Way(examples=6),
        Way(examples=-1),
    ],
)
def test_a_way_that_is_none_is_refused(way: Way) -> None:
    with pytest.raises(BadInput):
        way.check()
