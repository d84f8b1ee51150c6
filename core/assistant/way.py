"""How a question is answered: the method, what it searches and how much it is shown.

Plain values, the same for the page, the API and a measurement. They build nothing.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from core.errors import BadInput
from core.retrieval.found import MODES, Mode

Method = Literal["rag", "chat", "naive", "cot", "agent"]
Shape = Literal["react", "plan"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
METHODS: tuple[Method, ...] = get_args(Method)
MOST_PASSAGES = 20
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way of answering. A blank corpus is the default one; no examples is zero-shot.

    An agent's `shape` is a loop of thinking and calling, or a plan that is searched and refined.
    """

    method: Method = "rag"
    corpus: str = ""
    retrieval: Mode = "hybrid"
    top_k: int = 4
    examples: int = 0
    shape: Shape = "react"

    def check(self) -> None:
        """Refuse values that are not there, in words."""
        if self.method not in METHODS:
            raise BadInput(f"{self.method!r} is no method.", f"Use one of {', '.join(METHODS)}.")
        if self.retrieval not in MODES:
            raise BadInput(f"{self.retrieval!r} is no way to search.", f"Use {', '.join(MODES)}.")
        if not 1 <= self.top_k <= MOST_PASSAGES:
            raise BadInput(
                f"{self.top_k} passages cannot be shown.", f"Ask for 1 to {MOST_PASSAGES}."
            )
        if not 0 <= self.examples <= MOST_EXAMPLES:
            raise BadInput(f"There are no {self.examples} examples.", f"At most {MOST_EXAMPLES}.")
        if self.shape not in SHAPES:
            raise BadInput(f"{self.shape!r} is no shape of an agent.", f"Use {', '.join(SHAPES)}.")


DEFAULT = Way()
