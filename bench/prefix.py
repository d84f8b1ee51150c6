"""What a conversation's next turn gains where the earlier ones need not be read again.

Each conversation is answered twice by the bundled model, in turn: with what was read kept, and with
it dropped before every turn. The answers must be the same; then the time to the first token is
compared, turn by turn.
"""

import core.process  # noqa: F401  # isort: skip  must come before torch

import statistics
from typing import Any

from bench._record import record
from core.messages import Delta, Message, Params, Stop, Usage
from core.models.catalog import BUNDLED, bundled_folder
from core.models.local import Local
from core.settings import load

ROUNDS, TURNS, WORDS = 12, 4, 60
PARAMS = Params(max_tokens=48)
SUBJECTS = "a parcel, a train, a library, a garden, a kitchen, a harbour".split(", ")


def main() -> None:
    """Measure and write bench/results/prefix.json."""
    folder = bundled_folder(BUNDLED)
    if folder is None:
        raise SystemExit("There is no bundled model; nothing was measured.")
    local = Local(folder, load({"dtype": "fp32"}, env_file=None), bundled=True)
    kept: list[list[Usage]] = []
    dropped: list[list[Usage]] = []
    for turn in range(ROUNDS):
        sides = [(True, kept), (False, dropped)]
        texts = []
        for keep, found in sides if turn % 2 else reversed(sides):
            text, usages = conversation(local, turn, keep)
            texts.append(text)
            found.append(usages)
        if texts[0] != texts[1]:
            raise SystemExit("The answers differ; nothing was measured.")
    record("prefix", {f"turn {n + 1}": row(kept, dropped, n) for n in range(TURNS)}, NOTES)


NOTES = (
    f"{ROUNDS} conversations of {TURNS} turns, about {WORDS} words a question, bundled model in "
    "fp32, greedy. Medians; every answer was the same with and without what was kept."
)


def conversation(local: Local, turn: int, keep: bool) -> tuple[list[str], list[Usage]]:
    """Return the answers to a conversation, and what each took."""
    messages: list[Message] = []
    answers, usages = list[str](), list[Usage]()
    local._prefix.drop()
    for n in range(TURNS):
        if not keep:
            local._prefix.drop()
        about = SUBJECTS[(turn + n) % len(SUBJECTS)]
        messages.append(Message("user", f"Tell me about {about} ({turn}). " + "so it is " * WORDS))
        text, usage = answered(local, messages)
        messages.append(Message("assistant", text))
        answers.append(text)
        usages.append(usage)
    return answers, usages


def answered(local: Local, messages: list[Message]) -> tuple[str, Usage]:
    """Return one answer and its usage."""
    *deltas, usage = local.stream(messages, PARAMS, Stop())
    assert isinstance(usage, Usage)
    return "".join(each.text for each in deltas if isinstance(each, Delta)), usage


def row(kept: list[list[Usage]], dropped: list[list[Usage]], n: int) -> dict[str, Any]:
    """Return the medians of one turn."""
    return {
        "tokens read": statistics.median(usages[n].tokens_in or 0 for usages in kept),
        "of them reused": statistics.median(usages[n].tokens_reused or 0 for usages in kept),
        "first token, ms": _ms(kept, n),
        "first token without, ms": _ms(dropped, n),
    }


def _ms(sides: list[list[Usage]], n: int) -> float:
    return round(1000 * statistics.median(usages[n].first_token_s or 0 for usages in sides), 1)


if __name__ == "__main__":
    main()
