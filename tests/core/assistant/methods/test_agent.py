"""An agent thinks, calls, sees and answers; however it ends, it says why and gives its best."""

import json
from pathlib import Path

import pytest

from core.assistant.methods.agent import Agent
from core.assistant.methods.checking import UNINDEXED
from core.assistant.prompting import prompt
from core.assistant.run import Limits
from core.assistant.toolbox import tools
from core.assistant.tools.tool import Result
from core.bundled.arithmetic import TOOLS
from core.documents import Chunk, Evidence
from core.errors import BadInput, NotFound, Unreachable
from core.messages import Delta, Message, Params, Stop, ToolCall
from core.models.endpoint import Endpoint
from core.seams import Answer, Step
from core.store.connection import Store
from core.store.threads import Threads
from tests import hostile
from tests.core.assistant.scripted import Scripted
from tests.core.models.asking import settings

SCALE = Chunk(
    "lib/image.py",
    1,
    3,
    'def scale(image, factor=0.5):\n    """Scale an image."""\n    return resize(image, factor)',
    "function",
    "scale",
    ("image", "factor"),
    "python",
)
RESIZE = Chunk(
    "lib/size.py",
    7,
    8,
    "def resize(image, factor):\n    return image",
    "function",
    "resize",
    ("image", "factor"),
)
QUESTION = "What is the default of factor in scale?"
LOOK = 'Thought: look.\nAction: retrieve("scale factor")'
SUM = 'Action: calculator("6 * 7")'
FINAL = "Thought: seen.\nFinal: The default of `factor` is `0.5`. [1]"


def search(query: str, k: int) -> list[Evidence]:
    found = [chunk for chunk in (SCALE, RESIZE) if chunk.symbol in query]
    return [Evidence(chunk, 1.0) for chunk in found][:k]


def ask(agent: Agent, question: str = QUESTION, stop: Stop | None = None, before=()):
    turns = [*before, Message("user", question)]
    items = list(agent.answer(turns, Params(max_tokens=200), stop or Stop()))
    *rest, answer = items
    assert isinstance(answer, Answer)
    told = "".join(item.text for item in rest if isinstance(item, Delta))
    assert answer.text == told, (answer.text, told)
    return [item for item in rest if isinstance(item, Step)], answer


def kinds(steps: list[Step]) -> list[str]:
    return [step.kind for step in steps]


def test_it_looks_things_up_and_answers_with_what_it_found():
    model = Scripted(LOOK, FINAL)
    steps, answer = ask(Agent(model, tools(search)))
    assert kinds(steps) == ["thought", "action", "observation", "thought"]
    assert (steps[1].tool, steps[1].text) == ("retrieve", 'retrieve("scale factor")')
    assert steps[2].ok and steps[2].evidence == (Evidence(SCALE, 1.0),)
    assert answer.text == "The default of `factor` is `0.5`. [1]"
    assert (answer.reason, answer.evidence) == ("answered", (Evidence(SCALE, 1.0),))
    assert len(answer.usage) == 2 and answer.reasoning == "look.\nseen."
    assert answer.prompts == (prompt("react").mark,)
    shown = model.asked[1][-1]
    assert shown.role == "user" and shown.content.startswith(
        "Observation: 1 passage.\n<data>\n[1] "
    )
    assert "\nObservation:" in model.params[0].stop


def test_citations_keep_their_numbers_over_several_searches():
    lines = ['Action: retrieve("resize")', 'Action: retrieve("scale resize")', FINAL]
    model = Scripted(*lines)
    _, answer = ask(Agent(model, tools(search)), "How do scale and resize differ?")
    assert [each.chunk.symbol for each in answer.evidence] == ["resize", "scale"]
    second = model.asked[2][-1].content
    assert "[2] function scale" in second and "[1] function resize" in second


def test_the_bundled_model_is_spoken_to_as_it_was_taught():
    model = Scripted(LOOK, FINAL, kind="bundled", context=8192)
    ask(Agent(model, tools(search)), before=[Message("user", "Hello"), Message("assistant", "Hi.")])
    assert prompt("react-bundled").text == TOOLS
    assert model.asked[0] == [Message("system", TOOLS), Message("user", QUESTION)]
    call, seen = model.asked[1][-2:]
    assert call == Message("assistant", LOOK)
    assert seen.role == "tool" and seen.content.startswith(
        "Observation: [1] function scale(image, "
    )


def test_a_model_that_needs_no_tool_just_answers():
    steps, answer = ask(Agent(Scripted("Paris is in France."), tools(search)))
    assert (kinds(steps), answer.text) == (["thought"], "Paris is in France.")
    assert (answer.reason, answer.evidence) == ("answered", ())


def test_the_same_call_three_times_ends_it_as_stuck():
    steps, answer = ask(Agent(Scripted(LOOK), tools(search)))
    assert answer.reason == "stuck" and kinds(steps)[-1] == "stuck"
    assert kinds(steps).count("observation") == 2
    assert "[1]" in answer.text and "three times" in answer.notices[-1]


def test_a_call_that_cannot_be_read_is_repaired_once():
    steps, answer = ask(Agent(Scripted("Action: look", SUM, "Final: 42"), tools()), "6 * 7?")
    assert kinds(steps) == ["thought", "repair", "thought", "action", "observation", "thought"]
    assert (answer.text, answer.reason) == ("42", "answered")
    assert prompt("repair").mark in answer.prompts
    steps, answer = ask(Agent(Scripted("Thought: hm."), tools()), "6 * 7?")
    assert (answer.reason, kinds(steps).count("repair")) == ("malformed", 1)
    assert answer.text.startswith("No answer was found.")


def test_every_limit_ends_it_with_its_reason_and_the_best_there_is():
    calls = [f'Action: calculator("6 * {n}")' for n in range(1, 9)]
    question = "6 * 1, 6 * 2 and so on?"
    _, answer = ask(Agent(Scripted(*calls), tools(), limits=Limits(iterations=3)), question)
    assert (answer.reason, len(answer.usage)) == ("iterations", 3)
    assert answer.text == 'calculator("6 * 3") is 18.'
    _, answer = ask(Agent(Scripted(*calls), tools(), limits=Limits(tokens=20)), question)
    assert (answer.reason, len(answer.usage)) == ("tokens", 2)
    slow = Scripted("Final: " + "so " * 400)
    slow.pause = 0.02
    _, answer = ask(Agent(slow, tools(), limits=Limits(seconds=0.2)), question)
    assert answer.reason == "seconds" and answer.text.startswith("so so")


def test_a_stop_ends_it_with_what_was_said():
    stop = Stop()
    model = Scripted("Final: " + "so " * 400)
    model.pause = 0.01
    agent, seen = Agent(model, tools()), []
    for item in agent.answer([Message("user", "so?")], Params(), stop):
        seen.append(item)
        stop.set()
    assert seen[-1].reason == "stopped" and 0 < len(seen[-1].text) < 200


def test_leaving_ends_the_model_too():
    stop = Stop()
    model = Scripted("Final: " + "so " * 4000)
    model.pause = 0.01
    run = Agent(model, tools()).answer([Message("user", "so?")], Params(), stop)
    next(run)
    run.close()
    assert stop.is_set()


def test_a_model_that_fails_is_raised_at_first_and_told_later():
    down = Unreachable("No server answers.", "Start it.")
    with pytest.raises(Unreachable):
        ask(Agent(Scripted(down), tools(search)))
    _, answer = ask(Agent(Scripted(LOOK, down), tools(search)))
    assert answer.reason == "failed" and "No server answers." in answer.notices
    assert answer.evidence and "[1]" in answer.text


def test_tools_that_are_not_there_hang_or_flood_are_observations():
    class Odd:
        name, description, schema = "odd", "Odd.", {"properties": {"how": {}}}

        def execute(self, given, stop):
            if given["how"] == "hang":
                stop.wait(20)
            return Result("x y " * 2_500_000)

    model = Scripted(
        "Action: magic(1)", 'Action: odd("hang")', 'Action: odd("flood")', "Final: done"
    )
    steps, answer = ask(Agent(model, {"odd": Odd()}, limits=Limits(tool_seconds=0.2)), "odd?")
    seen = [step for step in steps if step.kind == "observation"]
    assert [step.ok for step in seen] == [False, False, True]
    assert "no tool 'magic'" in seen[0].text and "took more than 0.2 s" in seen[1].text
    assert len(seen[2].text) < 10_000 and "characters are shown" in seen[2].text
    assert answer.text == "done"


def test_native_calls_go_by_the_protocol():
    call = ToolCall("c1", "retrieve", json.dumps({"query": "scale factor"}))
    model = Scripted(call, ToolCall("c2", "retrieve", "{broken"), "It is `0.5`. [1]", native=True)
    steps, answer = ask(Agent(model, tools(search)))
    assert kinds(steps) == ["thought", "action", "observation", "thought", "repair", "thought"]
    assert answer.text == "It is `0.5`. [1]"
    assert [spec.name for spec in model.params[0].tools] == ["calculator", "retrieve"]
    said, seen = model.asked[1][-2:]
    assert said.calls == (call,) and (seen.role, seen.call_id) == ("tool", "c1")


def test_a_server_that_honours_tools_is_used_that_way():
    with hostile.running() as server:
        model = Endpoint(settings(inference_url=server.url("tools"), read_timeout=5))
        steps, answer = ask(Agent(model, {"retrieve": tools(search)["retrieve"]}), "scale")
    assert kinds(steps) == ["thought", "action", "observation", "thought"]
    assert answer.text == "plumb line straight" and answer.reason == "answered"


def test_a_server_that_heeds_no_stop_cannot_write_an_observation():
    with hostile.running() as server:
        model = Endpoint(settings(inference_url=server.url("scribbler"), read_timeout=5))
        steps, answer = ask(Agent(model, tools()), "What is 6*7?")
    assert answer.reason == "stuck" and "41" not in answer.text
    assert [s.text for s in steps if s.kind == "observation"] == ["42", "42"]
    assert "41" not in json.dumps(server.asked[-1]["messages"])


def test_a_plan_is_made_searched_analysed_and_refined():
    model = Scripted(
        "1. scale factor",
        "`scale` has a factor [1].\nMissing: resize",
        "That is all [1] [2].\nMissing: nothing",
        "The default of `factor` is `0.5`. [1]",
    )
    steps, answer = ask(Agent(model, tools(search), "plan"))
    assert kinds(steps) == [
        "plan",
        "action",
        "observation",
        "analyse",
        "action",
        "observation",
        "analyse",
        "refine",
    ]
    assert [each.chunk.symbol for each in answer.evidence] == ["scale", "resize"]
    assert answer.text == "The default of `factor` is `0.5`. [1]" and answer.reason == "answered"
    assert {mark.partition("@")[0] for mark in answer.prompts} == {"plan", "analyse", "refine"}
    with pytest.raises(BadInput):
        Agent(model, tools(), "plan")


def test_old_results_make_room_in_a_small_context():
    long = Chunk(
        "a.py", 1, 90, "\n".join(f"row_{n} = scale({n})" for n in range(90)), "module", "scale"
    )
    calls = [f'Action: retrieve("scale row_{n}")' for n in range(5)]
    model = Scripted(*calls, "Final: done", context=900)
    agent = Agent(model, tools(lambda query, k: [Evidence(long)]))
    ask(agent, "scale row_0 row_1 row_2 row_3 row_4")
    last = [turn.content for turn in model.asked[-1]]
    assert "Observation: (left out to make room)" in last
    assert last[-1].startswith("Observation: 1 passage.")


@pytest.fixture
def threads(tmp_path: Path):
    store = Store.open(tmp_path)
    yield Threads(store)
    store.close()


def test_a_run_is_kept_replayed_and_gone_on_with(threads: Threads):
    down = Unreachable("No server answers.", "Start it.")
    steps, answer = ask(Agent(Scripted(LOOK, down), tools(search), threads=threads))
    assert (steps[0].kind, answer.reason) == ("thread", "failed")
    thread = steps[0].text
    again = Agent(Scripted(FINAL), tools(search), threads=threads)
    assert kinds(again.replay(thread)) == ["thought", "action", "observation"]
    *_, answer = again.resume(thread, Params(), Stop())
    assert isinstance(answer, Answer) and answer.reason == "answered"
    assert answer.evidence == (Evidence(SCALE, 1.0),) and len(answer.usage) == 2
    replayed = again.replay(thread)
    assert kinds(replayed) == ["thought", "action", "observation", "thought"]
    assert replayed[2].evidence == (Evidence(SCALE, 1.0),) and replayed[0].usage is not None
    model = Scripted("never asked")
    *_, once_more = Agent(model, tools(search), threads=threads).resume(thread, Params(), Stop())
    assert once_more == answer and model.asked == []
    with pytest.raises(NotFound):
        again.replay("unknown")


def test_an_answer_about_a_name_that_was_not_found_is_put_aside():
    model = Scripted(LOOK, "Thought: seen.\nFinal: The default of `verify` is `True`. [1]")
    turns = [Message("user", "What is the default of verify in scale?")]
    *_, check, _, answer = Agent(model, tools(search)).answer(turns, Params(), Stop())
    assert isinstance(check, Step) and check.kind == "check"
    assert isinstance(answer, Answer)
    assert answer.text == "The retrieved context does not say: no passage holds `verify`."
    model = Scripted(LOOK, "Thought: seen.\nFinal: The default of `verify` is `True`. [1]")
    *_, answer = Agent(model, tools(search), missing="off").answer(turns, Params(), Stop())
    assert isinstance(answer, Answer) and answer.text.startswith("The default of `verify`")


def test_what_another_tool_told_is_no_missing_name():
    class Odd:
        name, description, schema = "odd", "Odd.", {"properties": {"how": {}}}

        def execute(self, given, stop):
            return Result("verify = True")

    turns = [Message("user", "What is odd of verify in scale?")]
    final = "Thought: seen.\nFinal: It sets `verify = True`."
    model = Scripted(LOOK, 'Action: odd("verify")', final)
    *_, answer = Agent(model, {**tools(search), "odd": Odd()}).answer(turns, Params(), Stop())
    assert isinstance(answer, Answer) and answer.text == "It sets `verify = True`."


def test_where_nothing_is_indexed_a_run_that_gets_nowhere_says_so():
    model = Scripted(LOOK, LOOK, LOOK)
    _, answer = ask(Agent(model, tools(None)))
    assert answer.reason == "stuck" and answer.notices[-1] == UNINDEXED
    _, answer = ask(Agent(Scripted(LOOK, LOOK, LOOK), tools(search)))
    assert answer.reason == "stuck" and UNINDEXED not in answer.notices
