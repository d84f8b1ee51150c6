"""A run outlives the process that began it, and goes on where it was."""

import os
import signal
import subprocess
import sys

from core.assistant.checkpoints import Checkpoints
from core.assistant.methods.agent import Agent
from core.assistant.toolbox import tools
from core.messages import Message, Params, Stop
from core.seams import Answer, Step
from core.store.connection import Store
from core.store.threads import Threads
from tests import source
from tests.core.assistant import agent_kill
from tests.core.assistant.scripted import Scripted


def killed(data_dir) -> str:
    """Begin a run in a process, kill it while it thinks, and return the thread it was on."""
    command = [sys.executable, agent_kill.__file__, str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(source.ROOT)}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    assert child.stdout is not None
    thread, hangs = child.stdout.readline().strip(), child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert (hangs, child.returncode) == ("hangs\n", -signal.SIGKILL)
    return thread


def test_a_run_goes_on_after_a_kill(tmp_path):
    thread = killed(tmp_path)
    store = Store.open(tmp_path)
    threads = Threads(store)
    model = Scripted("Final: 42 and 43.")
    agent = Agent(model, tools(), threads=threads)
    before = agent.replay(thread)
    assert [step.text for step in before if step.kind == "observation"] == ["42", "43"]
    *steps, answer = agent.resume(thread, Params(), Stop())
    assert isinstance(answer, Answer)
    assert (answer.text, answer.reason) == ("42 and 43.", "answered")
    assert len(answer.usage) == 3 and len(model.asked) == 1
    assert [step.kind for step in steps if isinstance(step, Step)] == ["thought"]
    assert [turn.content for turn in model.asked[0]][-1] == "Observation: 43"
    assert [step.kind for step in agent.replay(thread)].count("thought") == 3
    store.close()


def test_the_saver_answers_as_langgraph_asks(tmp_path):
    store = Store.open(tmp_path)
    threads = Threads(store)
    agent = Agent(Scripted('Action: calculator("1+1")', "Final: 2"), tools(), threads=threads)
    list(agent.answer([Message("user", "1 + 1?")], Params(), Stop()))
    saver, (thread,) = Checkpoints(threads), threads.ids()
    config = {"configurable": {"thread_id": thread}}
    every = list(saver.list(config))
    newest = saver.get_tuple(config)
    assert newest is not None and newest.config == every[0].config
    assert newest.checkpoint["channel_values"]["reason"] == "answered"
    assert newest.parent_config == every[1].config
    assert [each.metadata.get("step") for each in every] == [3, 2, 1, 0, -1]
    (one,) = saver.list(config, before=every[2].config, limit=1)
    assert one.config == every[3].config
    assert [e.config for e in saver.list(config, filter={"step": 1})] == [every[2].config]
    assert list(saver.list(None)) == []
    saver.delete_thread(thread)
    assert saver.get_tuple(config) is None
    store.close()
