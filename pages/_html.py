"""Small pieces of HTML every page uses: escaping, icons, buttons, badges, state panels.

Everything that came from a person or a model passes `text()` here or `_markdown.render`.
It knows how things look; it does not know what they mean.
"""

from datetime import UTC, datetime
from html import escape
from typing import Literal

from core.errors import PlumblineError
from core.present.times import moment

Origin = Literal["measured", "counted", "computed", "modelled", "replayed", "vendor"]
ICONS = "assets/svg/icons.svg"

# Events leave our HTML as one bubbling browser event, which Gradio is told of here.
ACTIONS = "element.addEventListener('plumbline', e => trigger('act', e.detail))"
ACTIONS_AND_ASKS = (
    "element.addEventListener('plumbline', e => trigger(e.detail.ask ? 'ask' : 'act', e.detail))"
)


def text(value: object) -> str:
    """Return any value as text that cannot become markup."""
    return escape(str(value), quote=True)


def sentence(words: str) -> str:
    """Return words as a sentence: a capital in front, a full stop at the end."""
    first = words.split(" ")[0]
    begun = words[:1].upper() + words[1:] if first.isalpha() else words
    return begun if not begun or begun[-1] in ".!?:…" else f"{begun}."


def when(moment_in_time: datetime) -> str:
    """Return a moment that the page shows in the visitor's own time, and in UTC without it."""
    told = moment_in_time.astimezone(UTC).isoformat(timespec="seconds")
    return f'<time datetime="{told}">{moment(moment_in_time)}</time>'


def icon(name: str) -> str:
    """Return one of our icons; it takes the colour of its surroundings."""
    return f'<svg class="icon" aria-hidden="true"><use href="{ICONS}#{name}"></use></svg>'


def tool(name: str, label: str, act: str, pressed: bool | None = None, **data: object) -> str:
    """Return an icon button that performs an action of assets/js; `pressed` makes it a switch."""
    extra = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    extra += "".join(f' data-{key}="{text(value)}"' for key, value in data.items())
    return (
        f'<button type="button" class="tool" data-act="{act}"{extra} title="{text(label)}" '
        f'aria-label="{text(label)}">{icon(name)}</button>'
    )


def tip(label: str, sentence: str) -> str:
    """Return an ⓘ whose sentence opens on hover and focus."""
    return (
        f'<button type="button" class="tip" aria-label="{text(label)}: {text(sentence)}">'
        f'{icon("info")}<span class="tip-text" role="presentation">{text(sentence)}</span></button>'
    )


def badge(origin: Origin, how: str) -> str:
    """Return where a number comes from, with the details on hover."""
    return f'<span class="badge" title="{text(how)}">{origin}</span>'


def loading(doing: str) -> str:
    """Return what is shown while something is fetched: what is being done, in words."""
    return f'<p class="state loading" role="status">{text(doing)}</p>'


def empty(sentence: str, button: str = "") -> str:
    """Return what is shown where nothing is yet: one sentence and what makes it so."""
    return f'<div class="state empty"><p>{text(sentence)}</p>{button}</div>'


def failure(error: PlumblineError, button: str = "") -> str:
    """Return the panel of an error, with its button where trying again may help."""
    return problem(error.message, error.hint, error.code, button if error.retryable else "")


def problem(message: str, hint: str, details: str, button: str = "") -> str:
    """Return what happened, what to do, and folded away what helps whoever looks into it."""
    return (
        f'<div class="state failure" role="alert"><p class="what">✕ {text(message)}</p>'
        f'<p class="hint">{text(hint)}</p>{button}'
        f"<details><summary>Details</summary><p>{text(details)}</p></details></div>"
    )


def banner(what: str, hint: str = "") -> str:
    """Return the line under the header that says what does not work and how to mend it."""
    if not what:
        return ""
    hint_html = f' <span class="hint">{text(hint)}</span>' if hint else ""
    return f'<div class="banner" role="status"><p><b>{text(what)}</b>{hint_html}</p></div>'
