"""Whether a model calls tools by its server's protocol: it is asked to, once, and watched.

It knows one harmless tool. Servers that take the field and ignore it are found out too.
"""

import json

from core.errors import BadInput, BadReply, ModelError, PlumblineError
from core.messages import Message, Params, Stop, ToolSpec, Usage
from core.seams import Generator

WORD = "plumb"
TOOL = ToolSpec(
    "note",
    "Writes a word down.",
    {
        "type": "object",
        "properties": {"word": {"type": "string", "description": "the word to write down"}},
        "required": ["word"],
    },
)
ASKED = f"Write down the word {WORD} with the tool `note`. Do not answer; call the tool."
LONGEST = 96


def tried(generator: Generator) -> bool | None:
    """Say whether a tool is called when it is asked for; None where that could not be seen."""
    params = Params(max_tokens=LONGEST, tools=(TOOL,))
    try:
        parts = list(generator.stream([Message("user", ASKED)], params, Stop()))
    except (BadInput, BadReply):
        return False
    except ModelError:
        return None
    except PlumblineError:
        return False
    usage = parts[-1]
    return isinstance(usage, Usage) and any(
        call.name == TOOL.name and _is_object(call.arguments) for call in usage.calls
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
