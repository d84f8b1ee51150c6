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
        "The model does not know this code; what it answers right it reads from the passages.",
        "So few samples do not show that passages help; nothing should be built on it.",
        "Passages mislead this model more than they help it.",
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
        "Steps help even where the facts are missing.",
        "Steps do not bring in what the model never saw; they are not shown to help here.",
        "Steps cost tokens and lose answers where the facts are missing.",
        shown=("tokens", "answer_length"),
    ),
    Experiment(
        "refusals",
        "Refusing what cannot be answered",
        "With passages before it, the model refuses more of the questions without an answer.",
        "Of the same questions some have no answer in the code. A refusal is one of the wordings "
        "the scorer knows, at the start of the answer.",
        "code, alone",
        ("code, from evidence",),
        "code, from evidence",
        "Passages that do not answer are a reason to refuse, and the model takes it.",
        "So few questions without an answer do not show a difference.",
        "Passages tempt the model into an answer where there is none.",
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
        "Names of functions are matched by words; meaning alone misses them.",
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
        "What answers is often not the first passage, and the model finds it among five.",
        "What more passages bring in and what they bury is not told apart by so few samples.",
        "More passages bury the one that answers: this model reads one better than five.",
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
        "A definition in one piece, with its name above it, is easier to find and to read.",
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
        "For these questions one search is enough; the agent's extra tokens buy nothing shown.",
        "The agent's detours lose answers that one search gives.",
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
        "The calculator does what a small model cannot hold in its head.",
        "So few problems do not show that the calculator helps.",
        "Calling the calculator is harder for this model than the sum.",
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
        "The second look-up is where the agent earns its tokens.",
        "A second look-up is not shown to help: the agent does not use it well enough.",
        "The agent loses on the way what one search finds.",
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
        "Talk was trained as conversation and is answered as one.",
        "So few samples do not show a difference.",
        "The bare question does better, which a model trained on talk should not show.",
        shown=("answer_length", "tokens"),
    ),
)
