"""Questions made from definitions: what is asked, and which spans answer it.

It knows what a syntax tree says of a definition. It does not know which packages are read, how
many questions are wanted, or how they are stored.
"""

import ast
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from eval.suites import wording
from eval.suites.definitions import Definition

LEAST_LINES = 3
MOST_GOLD = 2
MESSAGE_WORDS = (5, 18)


@dataclass(frozen=True, slots=True)
class Made:
    """One made question with the definitions that answer it, any one of which is enough."""

    kind: str
    question: str
    gold: tuple[Definition, ...]


Maker = Callable[["Library", random.Random], Iterator[Made]]


class Library:
    """All definitions that may be asked about, with what occurs where."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self.all = definitions
        self._names = Counter(one.name for one in definitions)
        self._docs = Counter(one.doc for one in definitions)
        self.callers: dict[str, list[Definition]] = defaultdict(list)
        self.raisers: dict[str, list[Definition]] = defaultdict(list)
        self.messages: dict[str, list[Definition]] = defaultdict(list)
        for one in definitions:
            if one.kind != "class":
                self._note(one)

    def unique(self, one: Definition) -> bool:
        """Say whether nothing else has its name."""
        return self._names[one.name] == 1 and not one.name.startswith("__")

    def documented(self, one: Definition) -> bool:
        """Say whether its docstring is its own and something is left without it."""
        return bool(one.doc) and self._docs[one.doc] == 1 and one.lines >= LEAST_LINES

    def _note(self, one: Definition) -> None:
        for name in sorted(calls(one.node)):
            self.callers[name].append(one)
        for name in raises(one.node):
            self.raisers[name].append(one)
        for text in messages(one.node):
            self.messages[text].append(one)


def docstring(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask for what a docstring says, in other words."""
    for one in library.all:
        if library.unique(one) and library.documented(one):
            question = wording.reworded(one.doc, rng)
            if question:
                yield Made("docstring", question, (one,))


def where(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask where something is, by its name or by the words of its name."""
    for one in library.all:
        if not library.unique(one) or one.lines < LEAST_LINES:
            continue
        words = wording.spoken(one.name)
        if rng.random() < 0.5 and len(words.split()) >= 3:
            yield Made("where", wording.phrase("where_words", rng, w=words, k=one.kind), (one,))
        else:
            name = one.symbol if rng.random() < 0.4 else one.name
            yield Made("where", wording.phrase("where", rng, s=name), (one,))


def default(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask for the default of a parameter."""
    for one in library.all:
        if one.kind == "class" or not library.unique(one):
            continue
        args = one.node.args
        named = [*args.posonlyargs, *args.args][-len(args.defaults) or None :]
        named = named if args.defaults else []
        named += [
            a for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d is not None
        ]
        if named:
            words = {"s": one.name, "p": rng.choice(named).arg}
            yield Made("default", wording.phrase("default", rng, **words), (one,))


def raising(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask what a function raises."""
    for one in library.all:
        if one.kind != "class" and library.unique(one) and one.lines >= LEAST_LINES:
            names = raises(one.node)
            if names:
                words = {"s": one.symbol, "e": rng.choice(names)}
                yield Made("raises", wording.phrase("raises", rng, **words), (one,))


def raiser(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask where an exception is raised that only few functions raise."""
    for name, found in library.raisers.items():
        if len(found) <= MOST_GOLD and len(name) > 4:
            yield Made("raiser", wording.phrase("raiser", rng, e=name), tuple(found))


def caller(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask who uses a function that only few others call."""
    known = {one.name for one in library.all if one.kind != "class" and library.unique(one)}
    for name in sorted(known):
        found = [one for one in library.callers.get(name, []) if one.name != name]
        if 1 <= len(found) <= MOST_GOLD and len(wording.spoken(name).split()) > 1:
            yield Made("caller", wording.phrase("caller", rng, c=name), tuple(found))


def message(library: Library, rng: random.Random) -> Iterator[Made]:
    """Ask by the text of an error."""
    for text, found in library.messages.items():
        if len(found) == 1:
            yield Made("message", wording.phrase("message", rng, m=text), tuple(found))


MAKERS: dict[str, Maker] = {
    "docstring": docstring,
    "where": where,
    "default": default,
    "raises": raising,
    "raiser": raiser,
    "caller": caller,
    "message": message,
}


def _acts(node: ast.AST) -> Sequence[ast.Call | ast.Raise]:
    """Return what a definition calls and raises, in order; a tree is walked once."""
    # Kept with the node, so that it goes when the tree goes.
    found = node.__dict__.get("acts")
    if found is None:
        walked = ast.walk(node)
        found = [item for item in walked if isinstance(item, ast.Call | ast.Raise)]
        node.__dict__["acts"] = found
    return found


def calls(node: ast.AST) -> set[str]:
    """Return the names of everything a definition calls."""
    found = set()
    for item in _acts(node):
        if isinstance(item, ast.Call):
            if isinstance(item.func, ast.Name):
                found.add(item.func.id)
            elif isinstance(item.func, ast.Attribute):
                found.add(item.func.attr)
    return found


def raises(node: ast.AST) -> tuple[str, ...]:
    """Return the names of the exceptions a definition raises, each once."""
    found = dict.fromkeys(
        target.id
        for item in _acts(node)
        if isinstance(item, ast.Raise)
        for target in [item.exc.func if isinstance(item.exc, ast.Call) else item.exc]
        if isinstance(target, ast.Name) and target.id[0].isupper()
    )
    return tuple(found)


def messages(node: ast.AST) -> list[str]:
    """Return the texts of the errors a definition raises; of a filled-in one, the longest part."""
    found = []
    for item in _acts(node):
        if isinstance(item, ast.Raise) and isinstance(item.exc, ast.Call) and item.exc.args:
            first = item.exc.args[0]
            parts = first.values if isinstance(first, ast.JoinedStr) else [first]
            texts = [
                " ".join(part.value.split())
                for part in parts
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            text = max(texts, key=len, default="").strip(" .,:;'\"`(")
            least, most = MESSAGE_WORDS
            if least <= len(text.split()) <= most and text.isascii():
                found.append(text)
    return found
