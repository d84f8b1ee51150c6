"""Thought, action, final answer: what a model wrote, read as text.

It knows the format and the many ways in which models write it nearly right. It calls nothing,
and it does not know which tools there are.
"""

import ast
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

OBSERVATION = "Observation:"
STOPS = (f"\n{OBSERVATION}",)
LONGEST = 20_000
# What only the program writes: where a model goes on with it, it has begun to make things up.
_BEYOND = re.compile(
    r"^[ \t>*#]*(?:Observation|Question|User|System)\**[ \t]*:|<\|[\w ]{1,30}\|>", re.I | re.M
)
_WORD = re.compile(
    r"^[ \t>*#]*(?P<word>Thought|Action|Action[ _]Input|Final(?:[ _]Answer)?|Answer)\**[ \t]*:\**",
    re.IGNORECASE | re.MULTILINE,
)
_CALL = re.compile(r"[`*\s]*(?P<name>[A-Za-z_][\w.-]*)[`*\s]*(?P<rest>.*)", re.DOTALL)
_FENCE = re.compile(r"^\s*```\w*\s*|\s*```\s*$")
_PAIRS = {'"': '"', "'": "'", "`": "`", "“": "”", "„": "“", "‘": "’", "«": "»"}
_NAMED = re.compile(r"^\s*([A-Za-z_]\w*)\s*=\s*")


class Malformed(ValueError):
    """What stands behind `Action:` is no call."""


@dataclass(frozen=True, slots=True)
class Action:
    """A call as it was written: the tool, values in order, and values by name."""

    tool: str
    values: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)

    def given(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values by the names of a tool's schema."""
        names = list(schema.get("properties", {}))
        placed = dict(zip(names, self.values, strict=False))
        known = {name: value for name, value in self.named.items() if name in names}
        if self.named and not known and not placed and len(self.named) == 1 and names:
            # One value under a name of the model's own can only mean the first.
            known = {names[0]: next(iter(self.named.values()))}
        return {**placed, **known}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model wrote, taken apart; `trouble` says what is wrong with an action."""

    thought: str = ""
    action: Action | None = None
    final: str | None = None
    trouble: str = ""


def read(text: str) -> Reading:
    """Take a text apart; of several actions the first counts, and an action before an answer."""
    text = before_observation(text)[:LONGEST]
    parts = _parts(text)
    thought = "\n".join(said for word, said in parts if word in ("", "thought") and said)
    for index, (word, said) in enumerate(parts):
        if word == "action":
            following = parts[index + 1] if index + 1 < len(parts) else ("", "")
            given = following[1] if following[0] == "action input" else None
            return _called(thought, said, given)
        if word in ("final", "answer"):
            return Reading(thought if word == "final" or index else "", final=_rest(parts[index:]))
    if any(word == "thought" for word, _ in parts):
        return Reading(thought, trouble="There is a thought, but neither an action nor an answer.")
    if not text.strip():
        return Reading(trouble="Nothing was written.")
    return Reading(final=text.strip())


def final_so_far(text: str) -> str:
    """Return the words of the answer in a text that still grows; nothing before it began.

    The last line is held back while it may still turn out to be no part of the answer.
    """
    whole = before_observation(text)
    parts = _WORD.search(whole)
    while parts is not None:
        if parts["word"].lower() == "action":
            return ""
        if parts["word"].lower() != "thought":
            said = whole[parts.end() :]
            lead, _, last = said.rpartition("\n")
            return said.lstrip() if len(last) > len(OBSERVATION) else lead.lstrip()
        parts = _WORD.search(whole, parts.end())
    return ""


def before_observation(text: str) -> str:
    """Return the text up to where it writes what only tools and people say."""
    beyond = _BEYOND.search(text)
    return text[: beyond.start()] if beyond else text


def written(tool: str, given: Mapping[str, Any]) -> str:
    """Return a call as it is written; the same call is always the same text."""
    values = list(given.values())
    if len(values) == 1 and isinstance(values[0], str):
        return f"{tool}({json.dumps(values[0], ensure_ascii=False)})"
    said = json.dumps(dict(given), ensure_ascii=False, sort_keys=True, default=str)
    return f"{tool}({said})"


def _parts(text: str) -> list[tuple[str, str]]:
    """Return the text by its format words, in order; what stands before the first has none."""
    found = list(_WORD.finditer(text))
    starts = [match.start() for match in found] + [len(text)]
    parts = [("", text[: starts[0]].strip())]
    for match, end in zip(found, starts[1:], strict=True):
        word = match["word"].lower().replace("_", " ").removesuffix(" answer")
        parts.append((word, text[match.end() : end].strip()))
    return parts


def _rest(parts: Sequence[tuple[str, str]]) -> str:
    """Return an answer: up to the next thought or action, with `Answer:` inside it kept."""
    said = [parts[0][1]]
    for word, more in parts[1:]:
        if word in ("thought", "action", "action input"):
            break
        said.append(f"{word.capitalize()}: {more}")
    return "\n".join(said).strip()


def _called(thought: str, said: str, given: str | None) -> Reading:
    try:
        return Reading(thought, _action(said, given))
    except Malformed as error:
        return Reading(thought, trouble=str(error))


def _action(said: str, given: str | None) -> Action:
    said = _FENCE.sub("", said).strip()
    if said.startswith("{"):
        return _from_json(said)
    found = _CALL.match(said)
    if found is None:
        raise Malformed("No tool is named behind `Action:`.")
    name, rest = found["name"].rstrip(".-"), found["rest"]
    if given is not None:
        return _with(name, _FENCE.sub("", given).strip())
    if rest.startswith("("):
        return _with(name, _inside(rest))
    if rest.startswith(("{", "[")) or rest[:1] in _PAIRS:
        return _with(name, rest.splitlines()[0] if rest[:1] in _PAIRS else rest)
    raise Malformed(f"Behind {name!r} there are no brackets with what it is given.")


def _from_json(said: str) -> Action:
    """Read `{"name": …, "arguments": {…}}` and its relatives."""
    try:
        told, _ = json.JSONDecoder(strict=False).raw_decode(said)
    except (ValueError, RecursionError) as error:
        raise Malformed("The JSON behind `Action:` cannot be read.") from error
    told = told.get("function", told) if isinstance(told.get("function"), dict) else told
    name = next((told[key] for key in ("name", "tool", "action") if key in told), None)
    values = next(
        (told[key] for key in ("arguments", "args", "input", "action_input") if key in told), {}
    )
    if not isinstance(name, str) or not name:
        raise Malformed("The JSON behind `Action:` names no tool.")
    return _with(name, values) if isinstance(values, str) else Action(name, *_split(values))


def _inside(rest: str) -> str:
    """Return what stands between the first bracket and the one that closes it."""
    depth, closer, index = 0, "", 0
    while index < len(rest):
        sign = rest[index]
        if closer:
            if sign == "\\":
                index += 1
            elif sign == closer:
                closer = ""
        elif sign in _PAIRS and (sign != "'" or not rest[index - 1].isalnum()):
            closer = _PAIRS[sign] if _PAIRS[sign] in rest[index + 1 :] else ""
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return rest[1:index]
        index += 1
    # The closing bracket was forgotten: everything on the line counts.
    return rest[1:].splitlines()[0] if len(rest) > 1 else ""


def _with(name: str, inside: str) -> Action:
    """Read what a tool is given: JSON, values in quotes, values by name, or plain words."""
    inside = inside.strip()
    if not inside:
        return Action(name)
    for reader in (json.JSONDecoder(strict=False).decode, ast.literal_eval):
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
            return Action(name, *_split(reader(inside)))
    values, named = list[Any](), dict[str, Any]()
    for piece in _pieces(inside):
        called = _NAMED.match(piece)
        if called:
            named[called[1]] = _value(piece[called.end() :])
        else:
            values.append(_value(piece))
    return Action(name, tuple(values), named)


def _split(value: object) -> tuple[tuple[Any, ...], dict[str, Any]]:
    if isinstance(value, dict):
        return (), {str(key): each for key, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(value), {}
    return (value,), {}


def _pieces(inside: str) -> list[str]:
    """Split at commas that stand outside of quotes; without quotes or names it is one piece."""
    if not any(quote in inside for quote in _PAIRS) and not _NAMED.match(inside):
        return [inside]
    pieces, current, closer = list[str](), "", ""
    for sign in inside:
        if closer:
            closer = "" if sign == closer else closer
        elif sign in _PAIRS:
            closer = _PAIRS[sign]
        elif sign == ",":
            pieces.append(current.strip())
            current = ""
            continue
        current += sign
    return [piece for piece in (*pieces, current.strip()) if piece]


def _value(piece: str) -> object:
    """Return one value without its quotes, as a number where it is one."""
    piece = piece.strip()
    if len(piece) > 1 and _PAIRS.get(piece[0]) == piece[-1]:
        return piece[1:-1]
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        value = ast.literal_eval(piece)
        return value if isinstance(value, int | float | str | bool) else piece
    return piece.strip("".join(_PAIRS) + "”’»")
