"""A tool's run with limits: how long it may take and how much of what it says is read.

It knows time-outs and budgets. It does not know what a tool does, nor who called it.
"""

import threading
import time
from collections.abc import Mapping
from typing import Any

from core.assistant.tools.tool import Result, Tool, call
from core.documents import Count, approximate_tokens
from core.messages import Stop

SECONDS = 20.0
TOKENS = 1_000
POLL = 0.05
# No tokenizer packs that many characters into a token, so longer text is cut before counting.
PER_TOKEN = 16
WAS_CUT = "… (cut: {shown:,} of {whole:,} characters are shown)"


def run(tool: Tool, given: Mapping[str, Any], stop: Stop, seconds: float = SECONDS) -> Result:
    """Run a tool in a thread of its own; one that hangs is told to end and left behind."""
    ending, results = Stop(), list[Result]()
    began = time.perf_counter()
    thread = threading.Thread(
        target=lambda: results.append(call(tool, given, ending)),
        name=f"plumbline-tool-{tool.name}",
        daemon=True,
    )
    thread.start()
    deadline = time.monotonic() + seconds
    while thread.is_alive() and not stop.is_set() and time.monotonic() < deadline:
        thread.join(POLL)
    if results:
        return results[0]
    ending.set()
    return Result(_why(tool, thread, stop, seconds), False, time.perf_counter() - began)


def shortened(text: str, tokens: int, count: Count = approximate_tokens) -> str:
    """Return the text, or as much of it as fits a budget with a mark that says so."""
    head = text[: tokens * PER_TOKEN]
    if len(head) == len(text) and count(text) <= tokens:
        return text
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(head[:middle]) <= tokens else (low, middle - 1)
    kept = head[:low]
    whole_lines = kept.rpartition("\n")[0]
    kept = whole_lines if len(whole_lines) > low // 2 else kept
    return f"{kept}\n{WAS_CUT.format(shown=len(kept), whole=len(text))}"


def _why(tool: Tool, thread: threading.Thread, stop: Stop, seconds: float) -> str:
    if stop.is_set():
        return "Error: the call was stopped."
    if thread.is_alive():
        return f"Error: the tool {tool.name} took more than {seconds:g} s and was ended."
    return f"Error: the tool {tool.name} failed; its log says why."
