"""From a way of answering to what answers: the one place where methods are put together.

It knows which method needs what. It does not know how any of them works, nor who asks.
"""

from functools import partial

from core.assistant.findings import Findings
from core.assistant.methods.agent import Agent
from core.assistant.methods.chat import Chat
from core.assistant.methods.checking import Missing
from core.assistant.methods.cot import StepByStep
from core.assistant.methods.naive import Naive
from core.assistant.methods.rag import Rag, nothing
from core.assistant.scorer import BY_WORDS
from core.assistant.toolbox import Kit
from core.assistant.tools.retrieve import FEW
from core.assistant.way import Way
from core.seams import Answerer, Generator, SupportScorer

NO_KIT = Kit()


def build(
    way: Way,
    generator: Generator,
    findings: Findings | None,
    kit: Kit = NO_KIT,
    support: SupportScorer = BY_WORDS,
    missing: Missing = "refuse",
) -> Answerer:
    """Return what answers this way; a question about nothing indexed is plain conversation."""
    if way.method == "chat":
        return Chat(generator)
    if way.method == "naive":
        return Naive(generator)
    if way.method == "cot":
        return StepByStep(generator, way.examples)
    if way.method == "agent":
        return _agent(way, generator, findings, kit, support, missing)
    title = findings.title(way.corpus) if findings else ""
    if findings is None or (not title and generator.card().kind != "bundled"):
        return Chat(generator)
    if not title:
        # The bundled model has small talk for everything, also for code that is not there.
        return Rag(generator, nothing, "", way.top_k, support, missing, findings.is_ours)
    search = partial(findings.search, corpus=way.corpus, mode=way.retrieval)
    nearest = partial(findings.nearest, corpus=way.corpus, mode=way.retrieval)
    return Rag(generator, search, title, way.top_k, support, missing, findings.is_ours, nearest)


def _agent(
    way: Way,
    generator: Generator,
    findings: Findings | None,
    kit: Kit,
    support: SupportScorer,
    missing: Missing,
) -> Agent:
    """Return an agent with every tool there is; where nothing is indexed there is no plan."""
    corpus = (way.corpus or findings.default) if findings else ""
    if findings is None or not corpus:
        tools = kit.tools(None, "")
        return Agent(generator, tools, threads=kit.threads, support=support, missing=missing)
    search = partial(findings.search, corpus=corpus, mode=way.retrieval)
    # The bundled model was taught to read one passage at a time.
    few = 1 if generator.card().kind == "bundled" and way.shape == "react" else FEW
    tools = kit.tools(search, corpus, few)
    return Agent(generator, tools, way.shape, threads=kit.threads, support=support, missing=missing)
