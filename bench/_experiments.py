"""What bench/methods.py measures: which runs, and which experiments read them.

It knows hypotheses, written before anything was measured, and what each outcome would mean. It
runs nothing. `n` is the size of the three main runs on code; the others are shares of it.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Told = dict[str, Any]
Wins = Literal["base", "other"]

SUPPORT = ("faithfulness", "hallucination", "citation_precision", "citation_recall")
REFUSALS = ("abstention", "false_refusal")
SEARCHED = ("retrieval_recall",)
ALL = (*SUPPORT, *REFUSALS, *SEARCHED, "token_f1", "answer_length", "tool_efficiency", "tokens")
WINDOWS = "codeqa-windows"
SEED = 7
MAX_TOKENS = 192


@dataclass(frozen=True, slots=True)
class Trial:
    """One run: what it is called, what is asked how, and its share of n."""

    name: str
    config: Told
    share: float = 1.0

    def told(self, n: int) -> Told:
        """Return the run's configuration."""
        fixed = {"model": "bundled", "seed": SEED, "max_tokens": MAX_TOKENS, "batch": 8}
        size = max(4, round(n * self.share))
        return {**fixed, "name": self.name, "n": size, "scorers": list(ALL), **self.config}


@dataclass(frozen=True, slots=True)
class Experiment:
    """A claim about runs on the same questions, and what each result would mean.

    The other runs are compared with `base`; `claim` is the one the hypothesis is about, `wins`
    the side it expects to be better, `measure` what is compared.
    """

    id: str
    title: str
    hypothesis: str
    method: str
    base: str
    others: tuple[str, ...]
    claim: str
    holds: str
    open: str
    against: str
    wins: Wins = "other"
    measure: str = "passed"
    shown: tuple[str, ...] = field(default=("tokens",))


def _rag(retrieval: str = "hybrid", top_k: int = 4, corpus: str = "codeqa") -> Told:
    way = {"method": "rag", "retrieval": retrieval, "top_k": top_k, "corpus": corpus}
    return {"suite": "codeqa", **way}


TRIALS = (
    Trial("code, alone", {"suite": "codeqa", "method": "naive"}),
    Trial("code, in steps", {"suite": "codeqa", "method": "cot"}),
    Trial("code, in steps after 3 examples", {"suite": "codeqa", "method": "cot", "examples": 3}),
    Trial("code, from evidence", _rag()),
    Trial("code, evidence by words", _rag("lexical"), 0.5),
    Trial("code, evidence by meaning", _rag("dense"), 0.5),
    Trial("code, evidence reranked", _rag("reranked"), 0.5),
    Trial("code, 1 passage", _rag(top_k=1), 0.3),
    Trial("code, 3 passages", _rag(top_k=3), 0.3),
    Trial("code, 5 passages", _rag(top_k=5), 0.3),
    Trial("code, 10 passages", _rag(top_k=10), 0.3),
    Trial("code, evidence in windows", _rag(corpus=WINDOWS), 0.3),
    Trial("code, agent", {"suite": "codeqa", "method": "agent", "corpus": "codeqa"}, 0.3),
    Trial("sums, alone", {"suite": "arith", "method": "naive"}, 0.5),
    Trial("sums, in steps", {"suite": "arith", "method": "cot"}, 0.5),
    Trial("sums, agent", {"suite": "arith", "method": "agent"}, 0.3),
    Trial(
        "two steps, from evidence",
        {"suite": "codeqa-hop", "method": "rag", "corpus": "codeqa"},
        0.5,
    ),
    Trial("two steps, agent", {"suite": "codeqa-hop", "method": "agent", "corpus": "codeqa"}, 0.3),
    Trial("talk, alone", {"suite": "chat-basics", "method": "naive"}, 0.5),
    Trial("talk, in conversation", {"suite": "chat-basics", "method": "chat"}, 0.5),
)

EXPERIMENTS = (
    Experiment(
        "evidence",
        "Evidence against memory",
        "Shown passages of the code, the model answers more questions right than alone.",
        "The same questions about code it was not trained on, asked bare, in steps, and with four "
        "passages found by words and meaning together. A question counts as right where an "
        "accepted answer stands in the answer as whole words.",
        "code, alone",
        ("code, in steps", "code, in steps after 3 examples", "code, from evidence"),
        "code, from evidence",
        "What this model answers right about such code it mostly reads from the passages.",
        "These samples do not show that passages help this model.",
        "With passages this model answers fewer questions right than alone.",
        shown=("faithfulness", "hallucination", "citation_precision", "tokens"),
    ),
    Experiment(
        "steps",
        "Thinking in steps about code",
        "Asked to think in steps, the model answers more questions about code right than at once.",
        "The same questions, bare and with the instruction to think in steps, without and with "
        "three worked examples.",
        "code, alone",
        ("code, in steps", "code, in steps after 3 examples"),
        "code, in steps",
        "Steps help on code too, where the facts have to come from memory.",
        "Thinking in steps is not shown to help on code the model never saw.",
        "Thinking in steps loses answers on code the model never saw.",
        shown=("tokens", "answer_length"),
    ),
    Experiment(
        "refusals",
        "Refusing what cannot be answered",
        "With passages before it, the model refuses more of the questions without an answer.",
        "Of the same questions some have no answer in the code. A refusal is one of the wordings "
        "the scorer knows, at the start of the answer. An answer about a name that no passage "
        "holds is put aside, which is a refusal too; the table tells how many were.",
        "code, alone",
        ("code, from evidence",),
        "code, from evidence",
        "With passages that do not answer before it, the model refuses more often.",
        "These questions without an answer do not show a difference.",
        "With passages before it, the model answers more often where there is no answer.",
        measure="abstention",
        shown=("abstention", "false_refusal"),
    ),
    Experiment(
        "retrieval",
        "How evidence is found",
        "Words and meaning together find better evidence than meaning alone.",
        "The same questions with four passages each, found by words, by meaning, by both fused, "
        "and by both with the first twenty put into a new order.",
        "code, from evidence",
        ("code, evidence by words", "code, evidence by meaning", "code, evidence reranked"),
        "code, evidence by meaning",
        "Adding words to meaning pays on questions that name functions.",
        "The difference in answers is smaller than this many samples can show.",
        "On these questions meaning alone serves the answers better than both.",
        wins="base",
        shown=("retrieval_recall", "faithfulness"),
    ),
    Experiment(
        "passages",
        "How many passages",
        "Five passages answer more questions than one.",
        "The same questions with the first 1, 3, 5 and 10 passages.",
        "code, 1 passage",
        ("code, 3 passages", "code, 5 passages", "code, 10 passages"),
        "code, 5 passages",
        "More passages than the first pay, at the price in tokens that the table shows.",
        "These samples do not show whether more passages help or hurt.",
        "This model answers more questions right with one passage than with five.",
        shown=("retrieval_recall", "tokens"),
    ),
    Experiment(
        "chunks",
        "How code is cut",
        "Passages cut at definitions answer more questions than windows of equal length.",
        "The same files and questions; once cut at functions and classes, once into windows of "
        "256 tokens that overlap.",
        "code, from evidence",
        ("code, evidence in windows",),
        "code, evidence in windows",
        "Cutting at definitions pays on these questions.",
        "The difference is smaller than this many samples can show.",
        "On these questions windows serve better than definitions.",
        wins="base",
        shown=("retrieval_recall", "citation_precision"),
    ),
    Experiment(
        "agent",
        "An agent on questions of one step",
        "An agent that chooses its own searches answers more of them than one search does.",
        "The same questions, with four passages found once, and with an agent that may search, "
        "read files and find definitions.",
        "code, from evidence",
        ("code, agent",),
        "code, agent",
        "Choosing what to search pays, at the price in tokens that the table shows.",
        "What the agent does beyond one search is not shown to help on these questions.",
        "One search answers more of these questions than the agent.",
        shown=("tokens", "tool_efficiency"),
    ),
    Experiment(
        "sums",
        "A calculator for sums",
        "An agent with a calculator solves more word problems than steps in the head.",
        "Templated word problems of three difficulties: at once, in steps, and by an agent that "
        "may call a calculator. Right is the right number.",
        "sums, in steps",
        ("sums, alone", "sums, agent"),
        "sums, agent",
        "With a calculator this model solves more sums than in its head.",
        "These problems do not show that the calculator helps.",
        "This model solves more sums in its head than with the calculator.",
        shown=("tokens", "tool_efficiency"),
    ),
    Experiment(
        "hops",
        "Questions of two steps",
        "Where the answer needs two look-ups, an agent answers more than one search does.",
        "Questions about what a class inherits: its base has to be found first. One search with "
        "four passages against an agent.",
        "two steps, from evidence",
        ("two steps, agent",),
        "two steps, agent",
        "Where two look-ups are needed, the agent's steps pay.",
        "The agent's own look-ups are not shown to help, even where two are needed.",
        "One search answers more of these questions than the agent, though two are needed.",
        shown=("retrieval_recall", "tokens", "tool_efficiency"),
    ),
    Experiment(
        "talk",
        "Small talk",
        "A conversation without searching answers small talk better than a bare question.",
        "Greetings, thanks, questions about Plumbline and its terms; the bare prompt of a "
        "question against the messages as they are. Right is half of the words shared.",
        "talk, alone",
        ("talk, in conversation",),
        "talk, in conversation",
        "Small talk is answered better as a conversation than as a bare question.",
        "These samples do not show a difference.",
        "Small talk is answered better as a bare question than as a conversation.",
        shown=("answer_length", "tokens"),
    ),
)
