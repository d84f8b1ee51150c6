"""The fields of Stress as HTML: a choice, a number, a word, and several at once.

It knows how a field looks. What a field means is for the view that asks for it.
"""

from collections.abc import Collection, Sequence

from pages._html import text

Options = Sequence[tuple[str, str]]


def select(name: str, label: str, options: Options, chosen: str, help: str = "") -> str:
    """Return one choice out of several."""
    listed = "".join(
        f'<option value="{text(value)}"{" selected" if value == chosen else ""}>{text(said)}'
        "</option>"
        for value, said in options
    )
    inner = f'<select id="stress-{name}" name="{name}"{_by(name, help)}>{listed}</select>'
    return _field(name, label, inner, help)


def number(
    name: str, label: str, value: str, least: str, most: str = "", help: str = "", step: str = "1"
) -> str:
    """Return a number; a step of "any" takes fractions."""
    above = f' max="{most}"' if most else ""
    inner = (
        f'<input id="stress-{name}" name="{name}" type="number" inputmode="decimal" '
        f'min="{least}"{above} step="{step}" value="{text(value)}"{_by(name, help)}>'
    )
    return _field(name, label, inner, help)


def word(name: str, label: str, value: str, help: str = "", example: str = "") -> str:
    """Return a line of text."""
    inner = (
        f'<input id="stress-{name}" name="{name}" type="text" value="{text(value)}" '
        f'placeholder="{text(example)}" autocomplete="off" autocapitalize="off" '
        f'spellcheck="false"{_by(name, help)}>'
    )
    return _field(name, label, inner, help)


def several(name: str, label: str, options: Options, chosen: Collection[str]) -> str:
    """Return several that may be chosen together."""
    chips = "".join(
        f'<label class="chip"><input type="checkbox" name="{name}" value="{text(value)}"'
        f"{' checked' if value in chosen else ''}><span>{text(said)}</span></label>"
        for value, said in options
    )
    return (
        f'<div class="field wide"><span class="field-name" id="stress-of-{name}">{text(label)}'
        f'</span><div class="chips" role="group" aria-labelledby="stress-of-{name}">{chips}</div>'
        "</div>"
    )


def _by(name: str, help: str) -> str:
    return f' aria-describedby="help-stress-{name}"' if help else ""


def _field(name: str, label: str, inner: str, help: str) -> str:
    told = f'<span id="help-stress-{name}" class="quiet">{text(help)}</span>' if help else ""
    return f'<p class="field"><label for="stress-{name}">{text(label)}</label>{inner}{told}</p>'
