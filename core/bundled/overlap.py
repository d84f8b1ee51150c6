"""Whether training has read what is held out. It knows shards and n-grams; it deliberately
mends nothing: what is found here is a fault of the data."""

from collections.abc import Iterator
from pathlib import Path

from core.bundled.corpus import python_files
from core.bundled.shards import Shard
from core.bundled.splits import all_ngrams, load_splits, ngrams, shares
from core.bundled.tokenizer import load_tokenizer

EVERY = 20


def report(work: Path, packages: tuple[str, ...] | None = None) -> dict[str, object]:
    """Count the examples that share an n-gram with the code of a held-out package."""
    splits = load_splits()
    held = all_ngrams(
        (t for p in packages or splits.test for _, t in python_files(p)), splits.ngram
    )
    looked, shared = 0, []
    for kind, text in _texts(work):
        looked += 1
        if shares(ngrams(text, splits.ngram), held):
            shared.append(f"{kind}: {text[:80]}")
    return {"ngram": splits.ngram, "examples": looked, "shared": len(shared), "first": shared[:5]}


def _texts(work: Path) -> Iterator[tuple[str, str]]:
    """Yield the text of every twentieth example of every kind but the copy rows."""
    tokenizer = load_tokenizer(work / "tokenizer")
    for file in sorted((work / "shards").glob("*.offsets.npy")):
        kind = file.name.removesuffix(".offsets.npy")
        if kind.startswith("copy-"):
            continue
        shard = Shard(work / "shards", kind, 0)
        for index in range(0, len(shard), EVERY):
            start, end = int(shard.offsets[index]), int(shard.offsets[index + 1])
            yield kind, tokenizer.decode(shard.tokens[start:end].tolist())
