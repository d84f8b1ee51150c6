"""What a tool is: a name, what it is for, what it takes, and a run that never raises.

It knows how a call becomes a result and how long it took. It does not know any tool.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from core.documents import Evidence
from core.errors import PlumblineError
from core.messages import Stop


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gave: text to be read by the model, and whether it worked."""

    text: str
    ok: bool = True
    seconds: float = 0.0
    evidence: tuple[Evidence, ...] = ()


class Tool(Protocol):
    """Something an agent may call."""

    name: str
    description: str
    schema: Mapping[str, Any]

    def execute(self, given: Mapping[str, Any], stop: Stop) -> Result:
        """Do it; what goes wrong is raised as a PlumblineError and told by `call`."""
        ...


def call(tool: Tool, given: Mapping[str, Any], stop: Stop) -> Result:
    """Run a tool; an error is a result that says so, never a crash."""
    began = time.perf_counter()
    try:
        result = tool.execute(given, stop)
    except PlumblineError as error:
        result = Result(f"Error: {error.message} {error.hint}".strip(), ok=False)
    return replace(result, seconds=time.perf_counter() - began)
