"""In which order an agent's steps come: a loop of thinking and calling, or a plan.

It knows LangGraph and the two shapes. It does not know what a step does, nor where a run is
kept.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import StreamWriter

from core.assistant.run import State
from core.assistant.way import Shape
from core.assistant.work import Tell, Work

DEEP = 200
Saver = BaseCheckpointSaver[Any]


def compiled(work: Work, shape: Shape, saver: Saver | None = None) -> Any:  # noqa: ANN401
    """Return the graph of a shape, ready to run."""
    graph = StateGraph(State)
    if shape == "react":
        _react(graph, work)
    else:
        _plan(graph, work)
    return graph.compile(checkpointer=saver)


def running(
    graph: Any,  # noqa: ANN401
    state: State | None,
    thread: str,
) -> Generator[Any, None, None]:
    """Run a graph from a state, or go on with a thread's; yield what is told, then the state."""
    config = {"configurable": {"thread_id": thread}, "recursion_limit": DEEP}
    told = graph.stream(
        state,
        config,
        stream_mode=["custom", "values"],
        durability="sync" if graph.checkpointer else None,
    )
    try:
        for mode, item in told:
            yield item if mode == "custom" else At(item)
    finally:
        told.close()


@dataclass(frozen=True, slots=True)
class At:
    """Where a run stands after a step."""

    state: State


def _react(graph: Any, work: Work) -> None:  # noqa: ANN401
    _add(graph, think=work.think, act=work.act, repair=work.repair)
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", _after_thought, ["act", "repair", END])
    graph.add_conditional_edges("act", _unless_over("think"), ["think", END])
    graph.add_edge("repair", "think")


def _plan(graph: Any, work: Work) -> None:  # noqa: ANN401
    _add(graph, plan=work.plan, retrieve=work.retrieve, analyse=work.analyse, refine=work.refine)
    graph.add_edge(START, "plan")
    graph.add_conditional_edges("plan", _unless_over("retrieve"), ["retrieve", END])
    graph.add_conditional_edges("retrieve", _unless_over("analyse"), ["analyse", END])
    graph.add_conditional_edges("analyse", _after_analysis, ["retrieve", "refine", END])
    graph.add_edge("refine", END)


def _add(graph: Any, **nodes: Callable[[State, Tell], State]) -> None:  # noqa: ANN401
    for name, step in nodes.items():
        graph.add_node(name, _node(step))


def _node(step: Callable[[State, Tell], State]) -> Callable[..., State]:
    def node(state: State, writer: StreamWriter) -> State:
        return step(state, writer)

    return node


def _after_thought(state: State) -> str:
    if state.get("reason"):
        return END
    if state.get("trouble"):
        return "repair"
    return "act"


def _after_analysis(state: State) -> str:
    if state.get("reason"):
        return END
    return "retrieve" if state.get("queries") else "refine"


def _unless_over(name: str) -> Callable[[State], str]:
    return lambda state: END if state.get("reason") else name
