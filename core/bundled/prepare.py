"""From installed packages to token shards. It knows the order of the work and how much is
made of each kind; it deliberately does not know what the kinds look like."""

import itertools
import json
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from core.bundled.arithmetic import solved
from core.bundled.chat import conversations
from core.bundled.config import Config
from core.bundled.corpus import Unit, python_files, training_packages, units_of
from core.bundled.grounded import LEVELS, Composer, Grounded, to_examples
from core.bundled.needles import Teller
from core.bundled.renaming import Renamer
from core.bundled.sections import sections_of
from core.bundled.shards import ANSWER, CONTEXT, SKIP, Example, write_shard
from core.bundled.splits import all_ngrams, load_splits, ngrams, shares
from core.bundled.tokenizer import (
    QUESTION,
    encode_all,
    load_tokenizer,
    save_tokenizer,
    train_tokenizer,
)
from core.bundled.traces import Parts, traces
from core.bundled.warmup import copy_rows
from core.documents import render

BATCH = 2000
NEEDLES = {"needle-1k": 1024, "needle-4k": 4096, "needle-8k": 8192}


class Preparation:
    """The data of one recipe in one working folder."""

    def __init__(self, config: Config, work: Path) -> None:
        self.config, self.work, self.seed = config, work, config.seed
        self.packages = config.packages or training_packages()
        self.compare_with = config.compare_with or load_splits().test
        self._units: dict[str, list[Unit]] = {}

    @property
    def units(self) -> dict[str, list[Unit]]:
        """Return the training units by package, without copies and held-out text."""
        if not self._units:
            size, held = load_splits().ngram, self.held()
            seen: set[str] = set()
            for package in self.packages:
                every = itertools.chain(units_of(package), sections_of(package))
                kept = [u for u in every if not _repeats(u, seen, held, size)]
                if len(kept) >= 20:
                    self._units[package] = kept
        return self._units

    def held(self) -> np.ndarray:
        """Return the n-grams of the held-out code, kept in the working folder."""
        path = self.work / "held.npy"
        if not path.exists():
            texts = (text for package in self.compare_with for _, text in python_files(package))
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, all_ngrams(texts, load_splits().ngram))
        return np.load(path)

    def tokenizer(self) -> None:
        """Learn the tokenizer, unless there is one already."""
        if (self.work / "tokenizer" / "tokenizer.json").exists():
            return
        rng = random.Random(self.seed)
        texts = [render(u.chunk, rng.randint(1, 4)) for u in self._sample(900, rng)]
        rng.shuffle(texts)
        texts[:0] = [text for parts in self._samples() for text, _ in parts]
        trained = train_tokenizer(texts[:40_000], self.config.model.vocabulary)
        save_tokenizer(trained, self.work / "tokenizer", self.config.model.context)

    def _samples(self) -> Iterator[Parts]:
        """Yield what is said outside of code, so that the tokenizer knows its words."""
        yield from conversations(3000, self.seed)
        yield from solved(500, self.seed)
        for n in range(1, 5):
            yield [(f"[{n}] x\n\n{QUESTION} x [{n}].", False)] * 500

    def plain(self, per_package: int) -> None:
        """Write code as it stands, and the rows for the copy warm-up made from it."""
        rng = random.Random(f"plain-{self.seed}")
        texts = [u.chunk.text for u in self._sample(per_package, rng)]
        rng.shuffle(texts)
        ids = [row for row in self._encode(texts) if len(row) > 40]
        self._write("plain", (Example().add([*row[:509], 1], CONTEXT) for row in ids))
        stream = [token for row in ids[:20_000] for token in row]
        wanted = self.config.prepare
        for kind, length in (("copy-short", 256), ("copy-mid", 512), ("copy-long", 1024)):
            self._write(kind, copy_rows(stream, wanted[kind], length, self.seed))

    def grounded(self, kind: str, tokens: int) -> None:
        """Write questions over evidence at one level, about `tokens` of them.

        A kind is qa-LEVEL, or renamed-LEVEL where what answers copy gets names of its own.
        """
        name, level = kind.split("-", 1)
        self._write(kind, self._grounded_examples(level, tokens, kind, name == "renamed"))

    def code(self, per_package: int) -> None:
        """Write plain code to be learned as it stands, not only to be read."""
        rng = random.Random(f"code-{self.seed}")
        texts = [u.chunk.text for u in self._sample(per_package, rng)]
        rng.shuffle(texts)
        rows = (row for row in self._encode(texts) if 40 < len(row) < 400)
        self._write("code", (Example().add([*row, 1], ANSWER) for row in rows))

    def chat(self, count: int) -> None:
        """Write small talk and questions about the product."""
        self._write("chat", self._spoken(conversations(count, self.seed)))

    def arithmetic(self, count: int) -> None:
        """Write sums answered in three ways."""
        self._write("arithmetic", self._spoken(solved(count, self.seed)))

    def traces(self, count: int) -> None:
        """Write tool traces over units of every package."""
        rng = random.Random(f"traces-{self.seed}")
        units = self._sample(200, rng)
        self._write("traces", self._spoken(traces(units, count, self.seed)))

    def needles(self, kind: str, tokens: int) -> None:
        """Write conversations with early facts and late questions, about `tokens` of them."""
        self._write(kind, self._needle_examples(NEEDLES[kind], tokens))

    def _needle_examples(self, length: int, tokens: int) -> Iterator[Example]:
        """Tell and tokenise until there is enough; what came out too long is left out."""
        composers = [Composer(units, self.seed + length) for units in self.units.values()]
        teller = Teller(composers, self.seed, length, words=self._vocabulary())
        made = 0
        for example in self._spoken(teller.conversations(), 50):
            if len(example.tokens) <= length:
                made += len(example.tokens)
                yield example
            if made >= tokens:
                return

    def _spoken(self, conversations: Iterable[Parts], size: int = BATCH) -> Iterator[Example]:
        """Tokenise conversations in which only the assistant's turns are learned."""
        for batch in batched(conversations, size):
            ids = iter(self._encode([text for parts in batch for text, _ in parts]))
            for parts in batch:
                example = Example()
                for _, spoken in parts:
                    example.add(next(ids), ANSWER if spoken else SKIP)
                yield example

    def _grounded_examples(
        self, level: str, tokens: int, kind: str, renamed: bool
    ) -> Iterator[Example]:
        """Compose and tokenise in batches until there is enough."""
        renamer = Renamer(self._vocabulary(), self.seed) if renamed else None
        seed = self.seed + sum(map(ord, kind))
        composers = [Composer(units, seed) for units in self.units.values()]
        weights = [min(len(c.units), 4000) ** 0.7 for c in composers]
        rng = random.Random(f"{kind}-{seed}")
        made = 0
        while made < tokens:
            size = min(BATCH, (tokens - made) // 300 + 1)
            chosen = rng.choices(composers, weights, k=size)
            items: list[Grounded] = [g for c in chosen if (g := c.one(LEVELS[level]))]
            texts = [
                text
                for item in items
                for text in (renamer.renamed(item.texts, item.answers) if renamer else item.texts)
            ]
            for example in to_examples(items, self._encode(texts)):
                made += len(example.tokens)
                yield example

    def _vocabulary(self) -> list[str]:
        """Return every token's text."""
        tokenizer = load_tokenizer(self.work / "tokenizer")
        return [tokenizer.decode([n]) for n in range(tokenizer.get_vocab_size())]

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Tokenise texts with the tokenizer of the working folder."""
        return encode_all(load_tokenizer(self.work / "tokenizer"), texts)

    def _write(self, kind: str, examples: Iterator[Example]) -> None:
        """Write a shard and note how large it is."""
        counts = write_shard(self.work / "shards", kind, examples)
        path = self.work / "shards" / "index.json"
        index = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**index, kind: counts}, indent=2) + "\n")
        logging.getLogger(__name__).info("%s: %s", kind, counts)

    def _sample(self, per_package: int, rng: random.Random) -> list[Unit]:
        """Take at most so many units of every package."""
        return [
            unit
            for units in self.units.values()
            for unit in rng.sample(units, min(len(units), per_package))
        ]


def batched(items: Iterable[Parts], size: int) -> Iterator[list[Parts]]:
    """Yield the items in lists of at most `size`."""
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch


def _repeats(unit: Unit, seen: set[str], held: np.ndarray, size: int) -> bool:
    """Tell whether a unit is a copy of an earlier one or of held-out code."""
    if unit.chunk.text in seen:
        return True
    seen.add(unit.chunk.text)
    return shares(ngrams(unit.chunk.text, size), held)


def steps(preparation: Preparation) -> dict[str, Callable[[], None]]:
    """Return what can be prepared, by name, in order."""
    wanted = preparation.config.prepare
    return {
        "tokenizer": preparation.tokenizer,
        "plain": lambda: preparation.plain(wanted["plain_per_package"]),
        **{
            kind: lambda kind=kind: preparation.grounded(kind, wanted[kind])
            for kind in (f"{name}-{level}" for name in ("qa", "renamed") for level in LEVELS)
            if kind in wanted
        },
        "chat": lambda: preparation.chat(wanted["chat"]),
        "arithmetic": lambda: preparation.arithmetic(wanted["arithmetic"]),
        "traces": lambda: preparation.traces(wanted["traces"]),
        "code": lambda: preparation.code(wanted["code_per_package"]),
        **{
            kind: lambda kind=kind: preparation.needles(kind, wanted[kind])
            for kind in NEEDLES
            if kind in wanted
        },
    }
