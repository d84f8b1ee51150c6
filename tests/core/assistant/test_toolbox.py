"""Which tools there are depends on what there is, and on who can reach this."""

from core.assistant.answering import build
from core.assistant.findings import Findings
from core.assistant.methods.agent import Agent
from core.assistant.toolbox import Kit
from core.assistant.way import Way
from core.messages import Message, Params, Stop
from core.retrieval.handbook import Handbook
from core.seams import Step
from core.settings import load
from tests.core.assistant.scripted import Scripted
from tests.core.assistant.test_findings import Shelf


def kit(store_path, **given) -> Kit:
    from core.store.connection import Store

    settings = load({"data_dir": str(store_path), **given}, env_file=None)
    return Kit.of(settings, Store.open(store_path), lambda query, k: [])


def test_settings_decide_on_wikipedia(tmp_path):
    assert kit(tmp_path / "a").wikipedia is not None
    assert kit(tmp_path / "b", wikipedia_url="none").wikipedia is None
    public = {"public": "1", "allow_open": "1"}
    found = kit(tmp_path / "c", **public)
    assert found.wikipedia is None
    assert set(found.tools(lambda query, k: [], "lib")) == {
        "calculator",
        "retrieve",
        "read_file",
        "find_symbol",
    }
    assert set(found.tools(lambda query, k: [], "")) == {"calculator"}


def test_an_agent_is_built_with_what_there_is(tmp_path):
    shelf = Shelf()
    findings = Findings(shelf, Handbook(tmp_path))
    model = Scripted('Action: retrieve("how does get work")', "Final: so. [1]")
    agent = build(Way("agent", retrieval="lexical"), model, findings)
    assert isinstance(agent, Agent)
    items = list(agent.answer([Message("user", "how does get work")], Params(), Stop()))
    assert [item.kind for item in items if isinstance(item, Step)][:3] == [
        "thought",
        "action",
        "observation",
    ]
    assert shelf.asked[-1].mode == "lexical"
    shelf.default = ""
    alone = build(Way("agent", shape="plan"), model, findings)
    assert isinstance(alone, Agent)
