"""Rows in which earlier spans recur, cued by their first two tokens.

It knows how such rows are made from a stream of tokens; it deliberately does not know
what the tokens mean. Copying does not form from questions and answers alone in the time
that two cores have; it forms here within a few million tokens.
"""

import random
from collections.abc import Iterator

from core.bundled.shards import ANSWER, CONTEXT, SKIP, Example

CUE = 2


def copy_rows(
    stream: list[int], count: int, length: int, seed: int, scrambled: float = 0.4
) -> Iterator[Example]:
    """Yield rows of at most `length` tokens; a share has its spans' tokens scrambled."""
    rng = random.Random(f"copy-{seed}-{length}")
    for _ in range(count):
        yield _row(stream, length, rng, rng.random() < scrambled)


def _row(stream: list[int], length: int, rng: random.Random, scramble: bool) -> Example:
    """Make one row: new spans, then more and more returns of earlier ones."""
    example = Example()
    spans: list[list[int]] = []
    cues: set[tuple[int, ...]] = set()
    longest = rng.choice((8, 12, 16) if length < 200 else (10, 16, 28))
    while len(example.tokens) < length - longest:
        again = spans and rng.random() < (0.35 if len(spans) < 4 else 0.65)
        if again:
            span = rng.choice(spans)
            example.add(span[:CUE], SKIP).add(span[CUE:], ANSWER)
            continue
        span = _span(stream, rng, longest, scramble)
        if tuple(span[:CUE]) in cues:
            continue
        cues.add(tuple(span[:CUE]))
        spans.append(span)
        example.add(span, SKIP if scramble else CONTEXT)
    return example


def _span(stream: list[int], rng: random.Random, longest: int, scramble: bool) -> list[int]:
    """Take a span of the stream."""
    size = rng.randint(5, longest)
    if scramble:
        return [stream[rng.randrange(len(stream))] for _ in range(size)]
    start = rng.randrange(len(stream) - size)
    return stream[start : start + size]
