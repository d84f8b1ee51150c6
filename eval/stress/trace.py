"""Turn lengths in and out, one JSON line a request, in the form of the Mooncake traces.

    {"timestamp": ms, "input_length": tokens, "output_length": tokens, "hash_ids": [block, …]}

`hash_ids` number blocks of 512 tokens; requests that begin with the same ones share that prefix,
and so belong to one session here. The texts are not in a trace: a replay fills the lengths.
"""

import json
from collections.abc import Sequence
from typing import Any

from core.errors import BadInput
from eval.stress.scenario import MOST_TURNS, Length, Scenario, parse
from eval.stress.state import Turn

BLOCK = 512
APART = 1_000_000


def scenario_of(name: str, text: str) -> Scenario:
    """Return a scenario that replays the lengths of a trace."""
    lengths: list[Length] = []
    seen: dict[int, tuple[list[int], int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        asked, answered, blocks = _request(number, line)
        session = _session(blocks, seen, asked)
        before = seen[session][1] if session in seen else 0
        seen[session] = blocks, asked + answered
        lengths.append(Length(session=session, tokens=max(1, asked - before), answer=answered))
    if not lengths:
        raise BadInput("The trace holds no request.", "Write one JSON object a line.")
    if len(lengths) > MOST_TURNS:
        raise BadInput(
            f"The trace has {len(lengths):,} requests; {MOST_TURNS:,} is the most.",
            "Cut it to a part.",
        )
    told = {
        "name": name,
        "title": f"Trace {name}",
        "about": f"{len(lengths):,} requests of a trace, with text of the same lengths.",
        "kind": "trace",
        "turns": len(lengths),
        "sessions": len(seen),
        "budget_mb": 64,
        "lengths": [length.model_dump() for length in lengths],
        "source": "imported",
    }
    return parse(told)


def trace_of(turns: Sequence[Turn]) -> str:
    """Return the requests of a run as a trace."""
    lines = []
    for turn in sorted(turns, key=lambda each: each.at_s):
        if turn.prompt_tokens is None:
            continue
        count = -(-turn.prompt_tokens // BLOCK)
        told = {
            # A turn is told of when it is over.
            "timestamp": max(0, round((turn.at_s - turn.total_s) * 1000)),
            "input_length": turn.prompt_tokens,
            "output_length": turn.written_tokens or 0,
            "hash_ids": [turn.session * APART + number for number in range(count)],
        }
        lines.append(json.dumps(told))
    return "\n".join(lines) + "\n"


def _request(number: int, line: str) -> tuple[int, int, list[int]]:
    try:
        told: dict[str, Any] = json.loads(line)
        asked, answered = int(told["input_length"]), int(told["output_length"])
        blocks = [int(block) for block in told.get("hash_ids") or ()]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"Line {number} of the trace cannot be read: {error}.",
            'Write {"timestamp": 0, "input_length": 100, "output_length": 10, "hash_ids": [0]}.',
        ) from error
    if asked < 1 or answered < 0:
        raise BadInput(f"Line {number} of the trace has a length below 1.")
    return asked, max(1, answered), blocks


def _session(blocks: list[int], seen: dict[int, tuple[list[int], int]], asked: int) -> int:
    """Return whose turn a request is: the session whose whole prompt it goes on with."""
    best, longest = None, 0
    for session, (known, length) in seen.items():
        # The last block of a prompt may be filled up by what follows.
        whole = known[:-1] or known
        if whole and asked > length and blocks[: len(whole)] == whole and len(whole) > longest:
            best, longest = session, len(whole)
    return len(seen) if best is None else best
