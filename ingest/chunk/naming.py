"""What a definition is called, what it takes and what it is built on.

For Python the names are exactly those of Python's own syntax tree; for the other languages
they are the words of the source. It knows one definition at a time, not files.
"""

import ast
import re
import unicodedata
import warnings
from collections.abc import Iterator

from tree_sitter import Node

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z", re.ASCII)
_GENERIC = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")
_SPACE = re.compile(r"\s+")
_OPERATOR = re.compile(r"\boperator\b.*", re.DOTALL)
_LONGEST_NAME = 120
_LONGEST_LINE = 160
_LONGEST_TEXT = 1000
_BASES = frozenset(
    "class_heritage extends_type_clause superclass super_interfaces extends_interfaces"
    " base_class_clause".split()
)
_CLAUSES = frozenset("extends_clause implements_clause type_list".split())
_UNNAMED = frozenset("access_specifier type_arguments comment line_comment block_comment".split())


class Naming:
    """Reads names from the nodes of one source, in its language."""

    def __init__(self, data: bytes, language: str) -> None:
        self.data, self.language = data, language

    def text(self, node: Node | None) -> str:
        """Return a node's text on one line."""
        return self._line(node.start_byte, node.end_byte) if node is not None else ""

    def signature(self, node: Node) -> str:
        """Return the line that opens a definition: from the start of its row to its body."""
        row = self.data.rfind(b"\n", 0, node.start_byte) + 1
        body = node.child_by_field_name("body")
        if body is None:
            end = self.data.find(b"\n", node.start_byte, node.end_byte)
            return shorten(self._line(row, end if end > 0 else node.end_byte))
        end = node.start_byte
        for child in node.children:
            if child.start_byte >= body.start_byte:
                break
            if "comment" not in child.type:
                end = child.end_byte
        brace = " {" if self.data[body.start_byte : body.start_byte + 1] == b"{" else ""
        return shorten(self._line(row, end) + brace)

    def _line(self, start: int, end: int) -> str:
        raw = self.data[start : min(end, start + _LONGEST_TEXT)]
        return _SPACE.sub(" ", raw.decode("utf-8", "replace")).strip()

    def name(self, holder: Node, node: Node) -> str:
        """Return a definition's own name with `.` between its parts, or nothing."""
        named = node.child_by_field_name("name")
        if self.language == "python":
            return self._identifier(named)
        if self.language in ("c", "cpp"):
            return self._declared_name(holder, named)
        if node.type == "impl_item":
            return _plain(self.text(node.child_by_field_name("type")))
        if holder.type == "assignment_expression":
            return _assigned(self.text(holder.child_by_field_name("left")))
        name = self.text(holder.child_by_field_name("name") or named).strip("\"'`")
        owner = self._receiver(node) if self.language == "go" else ""
        if not name and holder.parent is not None and holder.parent.type == "export_statement":
            name = "default"
        return (f"{owner}.{name}" if owner and name else name)[:_LONGEST_NAME]

    def names(self, node: Node, called: bool) -> tuple[str, ...]:
        """Return the parameters of what can be called, or the bases of a class, in order."""
        if self.language == "python":
            if called:
                return tuple(self._python_parameters(node.child_by_field_name("parameters")))
            return tuple(self._python_bases(node.child_by_field_name("superclasses")))
        if called:
            return tuple(name for name in self._parameters(node) if 0 < len(name) <= _LONGEST_NAME)
        trait = self.text(node.child_by_field_name("trait"))
        return (trait,) if trait else tuple(self._bases(node))

    def _identifier(self, node: Node | None) -> str:
        """Return a Python name as Python reads it: normalised where it is not ASCII."""
        text = self.text(node)
        return text if text.isascii() else unicodedata.normalize("NFKC", text)

    def _python_parameters(self, parameters: Node | None) -> Iterator[str]:
        for part in parameters.named_children if parameters is not None else ():
            node = part.named_children[0] if part.type == "typed_parameter" else part
            if node.type in ("default_parameter", "typed_default_parameter"):
                yield self._identifier(node.child_by_field_name("name"))
            elif node.type == "identifier":
                yield self._identifier(node)
            elif node.type in ("list_splat_pattern", "dictionary_splat_pattern"):
                stars = "*" if node.type == "list_splat_pattern" else "**"
                yield stars + self._identifier(next(iter(node.named_children), None))
            elif node.type == "keyword_separator":
                yield "*"

    def _python_bases(self, arguments: Node | None) -> Iterator[str]:
        for node in arguments.named_children if arguments is not None else ():
            if node.type not in ("keyword_argument", "dictionary_splat", "comment"):
                text = self.text(node)
                yield text if _DOTTED.match(text) else _unparsed(text)

    def _declared_name(self, holder: Node, named: Node | None) -> str:
        """Follow declarators to the name: pointers, functions and arrays stand around it."""
        at = named
        if holder.type == "type_definition" or at is None:
            at = holder.child_by_field_name("declarator") or at
        name = self.text(_innermost(at))
        operator = _OPERATOR.search(name)
        scope = _plain(name[: operator.start()] if operator else name)
        whole = scope + (operator[0] if operator else "")
        return whole.replace("::", ".").strip(".")[:_LONGEST_NAME]

    def _receiver(self, node: Node) -> str:
        parts = node.child_by_field_name("receiver")
        for part in parts.named_children if parts is not None else ():
            return _plain(self.text(part.child_by_field_name("type")).lstrip("*"))
        return ""

    def _parameters(self, node: Node) -> Iterator[str]:
        single = node.child_by_field_name("parameter")
        if single is not None:
            yield self.text(single)
        listed = node.child_by_field_name("parameters")
        declarator = node.child_by_field_name("declarator")
        while listed is None and declarator is not None:
            listed = declarator.child_by_field_name("parameters")
            declarator = _declared(declarator)
        for part in listed.named_children if listed is not None else ():
            yield from self._parameter(part)

    def _parameter(self, part: Node) -> Iterator[str]:
        """Yield the names of one parameter: Go writes several in one, C hides them deep."""
        if part.type in ("identifier", "object_pattern", "array_pattern"):
            yield self.text(part)
        elif part.type == "self_parameter":
            yield "self"
        elif part.type == "variadic_parameter":
            yield "..."
        elif part.type in ("variadic_parameter_declaration", "spread_parameter"):
            yield "..." + self.text(_named(part) or next(iter(part.named_children[-1:]), None))
        elif part.type == "assignment_pattern":
            yield self.text(part.child_by_field_name("left"))
        elif part.type == "rest_pattern":
            yield self.text(part)
        else:
            yield from (
                self.text(name) for name in part.children_by_field_name("name") or [_named(part)]
            )

    def _bases(self, node: Node) -> Iterator[str]:
        """Yield the types that a class or interface extends or implements."""
        todo = [child for child in node.named_children if child.type in _BASES]
        while todo:
            part = todo.pop(0)
            inner = [child for child in part.named_children if child.type not in _UNNAMED]
            if any(child.type in _CLAUSES for child in inner):
                todo = inner + todo
            else:
                yield from (self.text(child)[:_LONGEST_NAME] for child in inner)


def shorten(line: str) -> str:
    """Return a line cut to a length that can be shown."""
    return line if len(line) <= _LONGEST_LINE else line[: _LONGEST_LINE - 1] + "…"


def _plain(name: str) -> str:
    """Return a type's name without its type arguments."""
    while (shorter := _GENERIC.sub("", name)) != name:
        name = shorter
    return name.strip("&* ")


def _assigned(target: str) -> str:
    """Return the name that a function is assigned to, where that is a name."""
    name = re.sub(r"^(module\.)?exports\.", "", target.replace(".prototype.", "."))
    return name if _DOTTED.match(name) else ""


def _unparsed(text: str) -> str:
    """Return an expression as Python writes it, or as it stands where Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = ast.parse(f"_({text})", mode="eval").body
        return ast.unparse(call.args[0]) if isinstance(call, ast.Call) and call.args else text
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text


def _named(part: Node) -> Node | None:
    """Return the node that names a parameter."""
    named = part.child_by_field_name("name") or part.child_by_field_name("pattern")
    return named or _innermost(part.child_by_field_name("declarator"))


def _innermost(declarator: Node | None) -> Node | None:
    while declarator is not None and (inner := _declared(declarator)) is not None:
        declarator = inner
    return declarator


def _declared(node: Node) -> Node | None:
    if not node.type.endswith("declarator"):
        return None
    inner = node.child_by_field_name("declarator")
    if inner is None and node.type in ("reference_declarator", "parenthesized_declarator"):
        inner = next(iter(node.named_children), None)
    return inner
