"""Ten questions in a row through every method, on the bundled model and a small corpus."""

from collections.abc import Iterator

import pytest

from core.assistant.options import Options
from core.assistant.sessions import Finished, Sessions
from core.assistant.way import METHODS, Method, Way
from core.messages import Stop
from core.models.catalog import BUNDLED, Catalog, bundled_folder
from tests import parts
from tests.ingest.test_main import fill

QUESTIONS = (
    "Hello",
    "What does weigh_parcel do?",
    "What parameters does it take?",
    "and its default?",
    "Where is weigh_parcel defined?",
    "What is 34 * 7 + 12?",
    "Ana has 12 apples and gives 5 away. How many are left?",
    "¿Qué devuelve weigh_parcel?",
    "def weigh_parcel(parcel):\n    return parcel.grams\n\nIs this the whole function?",
    "Thank you",
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not bundled_folder(BUNDLED), reason="no bundled model in assets/models"),
]


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    chosen = parts.settings(tmp_path_factory.mktemp("ten"), model="bundled", max_tokens=48)
    with parts.services(chosen, catalog=Catalog) as services:
        fill(services.store)
        yield services.sessions


@pytest.mark.parametrize("method", METHODS)
def test_ten_questions_in_a_row_are_answered(sessions: Sessions, method: Method) -> None:
    options = Options(way=Way(method, "lib", "lexical"))
    chat: str | None = None
    for question in QUESTIONS:
        events = list(sessions.send("visitor", chat, question, options, Stop()))
        done = events[-1]
        assert isinstance(done, Finished)
        chat = done.message.chat_id
        assert done.message.content or done.answer.quote or done.answer.reason
        assert all(usage.tokens_out is not None for usage in done.answer.usage)
    assert done.message.position == 2 * len(QUESTIONS) - 1
