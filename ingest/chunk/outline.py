"""The definitions and statements of a syntax tree by their rows.

It knows which rows a definition takes with its comments and decorators, and who encloses it;
it deliberately does not know sizes or chunks. Trees are walked with a list, never by
recursion, and function bodies are not entered: their depth cannot hurt.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from ingest.chunk.languages import Grammar
from ingest.chunk.lines import Lines
from ingest.chunk.naming import Naming
from ingest.chunk.split import DEEPEST

FUNCTIONS = frozenset({"function", "method"})
_CLASSES = frozenset({"class", "interface", "struct", "trait", "impl", "enum"})
# Definitions of one row that are no more than a line among lines.
_LINES = frozenset({"struct", "enum", "interface", "type", "trait", "macro"})
_DEEPEST_NAME = 20
_AFTER = re.compile(rb"[\s;,)\]}]*(//|/\*|#|\Z)")
# What may be cut between the children of: cheaply in these, dearly inside an expression.
_BLOCKS = ("block", "body", "statement", "clause", "definition", "declaration", "item", "module")


@dataclass(slots=True, eq=False)
class Symbol:
    """A definition: `start` counts the comments before it, `first` its decorators only.

    `last` is its last row, `context` the line that opens what encloses it.
    """

    kind: str
    name: str
    start: int
    first: int
    last: int
    names: tuple[str, ...] = ()
    context: str = ""
    signature: str = ""
    node: Node | None = None


@dataclass(slots=True)
class Outline:
    """The definitions of a file, the statements outside of functions, and how deep rows begin.

    `depths` holds the rows before which a body can be cut.
    """

    symbols: list[Symbol] = field(default_factory=list)
    statements: list[Node] = field(default_factory=list)
    depths: dict[int, int] = field(default_factory=dict)


def last_row(node: Node) -> int:
    """Return the row where a node ends; one that ends with its line feed ends before it."""
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point[0] else row


def _last_code_row(node: Node) -> int:
    """Return the row where a node ends without the comments at its end."""
    while (count := node.child_count) > 0:
        last = node.child(count - 1)
        while "comment" in last.type and count > 1:
            count -= 1
            last = node.child(count - 1)
        if "comment" in last.type:
            break
        node = last
    return last_row(node)


def outline(root: Node, lines: Lines, grammar: Grammar, language: str) -> Outline:
    """Return the definitions and statements of a tree, in the order they stand."""
    walk = _Walk(lines, grammar, language)
    walk.run(root)
    found = walk.found
    found.symbols.sort(key=lambda symbol: (symbol.start, -symbol.last))
    found.statements.sort(key=lambda node: node.start_byte)
    return found


def statement_depths(nodes: Iterable[Node], lines: Lines, size: int) -> dict[int, int]:
    """Return the rows where statements begin inside of nodes longer than `size` bytes."""
    depths: dict[int, int] = {}
    todo = [(node, 0) for node in nodes]
    while todo:
        node, depth = todo.pop()
        if node.end_byte - node.start_byte <= size:
            continue
        depth += 1 if any(word in node.type for word in _BLOCKS) else 5
        noted = -1
        for child in node.named_children:
            row, column = child.start_point
            if lines.lead(row) == column:
                under_note = noted + 1 >= row
                depths[row] = min(depth + 3 * under_note, depths.get(row, DEEPEST))
            if "comment" in child.type:
                noted = last_row(child)
            else:
                todo.append((child, depth))
    return depths


class _Walk:
    """One walk over a tree; `todo` holds the bodies still to be read, with their owners."""

    def __init__(self, lines: Lines, grammar: Grammar, language: str) -> None:
        self.lines, self.grammar = lines, grammar
        self.naming = Naming(lines.data, language)
        self.found = Outline()
        self.todo: list[tuple[Node, Symbol, int]] = []

    def run(self, root: Node) -> None:
        self.todo.append((root, Symbol("module", "", 0, -1, len(self.lines) - 1), 0))
        while self.todo:
            self._visit(*self.todo.pop())

    def _visit(self, body: Node, owner: Symbol, depth: int) -> None:
        """Sort the children of a body: notes, definitions, what holds more, statements."""
        loose = body.type in self.grammar.bodies or body.is_error
        # The condition of a directive stands in its first row, beside its statements.
        header = body.start_point[0] if body.type.startswith("preproc") else -1
        taken, notes = owner.first, _Notes()
        for child in body.children:
            first = child.start_point[0]
            if child.type in self.grammar.notes:
                notes.add(child, taken)
            elif child.is_named and first > header:
                start = notes.before(first)
                self.found.depths.setdefault(start, depth)
                if self._define(child, owner, start, taken):
                    taken = last_row(child)
                elif self._enters(child):
                    self.todo.append((child, owner, depth + 1))
                elif loose:
                    self.found.statements.append(child)
                    taken = last_row(child)

    def _enters(self, node: Node) -> bool:
        grammar = self.grammar
        if node.type in grammar.wrappers:
            return len(self._held(node)) > 1
        return node.type in grammar.bodies or node.type in grammar.through or node.is_error

    def _held(self, node: Node) -> list[Node]:
        """Return the children of a wrapper that are definitions or wrap one."""
        return [
            child
            for child in node.named_children
            if child.type in self.grammar.wrappers or self._value(child) is not None
        ]

    def _value(self, node: Node) -> Node | None:
        """Return the definition that a node is or holds."""
        field_ = self.grammar.holders.get(node.type)
        value = node.child_by_field_name(field_) if field_ else node
        return value if value is not None and value.type in self.grammar.symbols else None

    def _define(self, statement: Node, owner: Symbol, start: int, taken: int) -> bool:
        """Note a statement as a definition if it is one that has its rows to itself."""
        first, last = statement.start_point[0], _last_code_row(statement)
        holder, node = self._unwrap(statement)
        if node is None or first <= taken or not self._alone(statement):
            return False
        kind = self.grammar.symbols[node.type]
        if kind in _LINES and first == last:
            return False
        name = self.naming.name(holder, node)
        if not name or owner.name.count(".") >= _DEEPEST_NAME:
            return False
        if kind == "function" and (owner.kind in _CLASSES or "." in name):
            kind = "method"
        symbol = Symbol(
            kind=kind,
            name=f"{owner.name}.{name}" if owner.name else name,
            start=start,
            first=first,
            last=last,
            names=self.naming.names(node, kind in FUNCTIONS),
            context=owner.signature,
            signature=self.naming.signature(node),
            node=node,
        )
        self.found.symbols.append(symbol)
        body = node.child_by_field_name("body")
        if kind not in FUNCTIONS and body is not None and body.type in self.grammar.bodies:
            self.todo.append((body, symbol, 0))
        return True

    def _alone(self, statement: Node) -> bool:
        """Return whether nothing but closing marks and a comment follows on the last row."""
        row, column = statement.end_point
        return column == 0 or _AFTER.match(self.lines.rows[row], column) is not None

    def _unwrap(self, node: Node) -> tuple[Node, Node | None]:
        """Return what names a definition and the definition, if the statement is one."""
        while node.type in self.grammar.wrappers:
            held = self._held(node)
            if len(held) != 1:
                return node, None
            node = held[0]
        value = self._value(node)
        if value is None:
            return node, None
        whole = value.type in self.grammar.bodiless or value.child_by_field_name("body")
        return node, value if whole else None


class _Notes:
    """The run of comments or attributes that stands right before what comes next."""

    def __init__(self) -> None:
        self.first, self.last = -1, -2

    def add(self, node: Node, taken: int) -> None:
        row = node.start_point[0]
        if row > taken:
            if row > self.last + 1:
                self.first = row
            self.last = last_row(node)

    def before(self, row: int) -> int:
        """Return the first row of the notes that touch this row, or the row itself."""
        touching = self.last >= 0 and self.first <= row <= self.last + 1
        return self.first if touching else row
