"""How the page is mounted: Gradio's own variables bound to our tokens, and what goes in the head.

It knows Gradio's theme names and our style sheets. Colours live in assets/css/tokens.css alone;
here they are only referred to, but for the ground shown before any style sheet has arrived.
"""

import json
import re
from pathlib import Path
from typing import Any

from gradio import themes
from gradio.routes import templates
from jinja2 import FunctionLoader

from core.assistant.options import MAX_CHARACTERS
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
STYLES = (
    "tokens", "fonts", "base", "gradio", "frame", "chat", "compare", "evidence",
    "status", "search", "evals", "plots", "stress", "narrow", "kiosk",
)  # fmt: skip
SCRIPTS = ("plumbline", "feedback", "compare", "evidence", "search", "evals", "stress")
KIOSK_IDLE_SECONDS = 90
GROUND = {"studio": ("#FAF7F2", "#1C1612"), "pascari": ("#FFFFFF", "#0F1E33")}

SENTENCE = "See what a local language model really does on your code."
CARDS = (
    '<meta property="og:title" content="Plumbline"><meta property="og:type" content="website">'
    f'<meta property="og:description" content="{SENTENCE}">'
    '<meta name="twitter:card" content="summary"><meta name="twitter:title" content="Plumbline">'
    f'<meta name="twitter:description" content="{SENTENCE}">'
)
_CARD = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*/>')

BOUND = {
    "background_fill_primary": "var(--paper)",
    "background_fill_secondary": "var(--surface)",
    "block_background_fill": "transparent",
    "block_border_color": "var(--line)",
    "block_border_width": "0px",
    "block_info_text_color": "var(--quiet)",
    "block_label_background_fill": "transparent",
    "block_label_text_color": "var(--quiet)",
    "block_label_border_width": "0px",
    "block_padding": "0px",
    "block_radius": "var(--radius)",
    "block_shadow": "none",
    "block_title_text_color": "var(--ink)",
    "block_title_text_weight": "500",
    "body_text_color": "var(--ink)",
    "body_text_color_subdued": "var(--quiet)",
    "body_text_size": "var(--size-body)",
    "border_color_accent": "var(--line-strong)",
    "border_color_primary": "var(--line)",
    "button_border_width": "1px",
    "button_primary_background_fill": "var(--accent)",
    "button_primary_background_fill_hover": "var(--accent)",
    "button_primary_border_color": "var(--accent)",
    "button_primary_border_color_hover": "var(--accent)",
    "button_primary_text_color": "var(--on-accent)",
    "button_primary_text_color_hover": "var(--on-accent)",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--surface)",
    "button_secondary_border_color": "var(--line-strong)",
    "button_secondary_border_color_hover": "var(--line-strong)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_text_color_hover": "var(--ink)",
    "color_accent": "var(--mark)",
    "color_accent_soft": "var(--highlight)",
    "error_background_fill": "var(--surface)",
    "error_border_color": "var(--bad)",
    "error_text_color": "var(--bad)",
    "input_background_fill": "var(--paper)",
    "input_background_fill_focus": "var(--paper)",
    "input_border_color": "var(--line-strong)",
    "input_border_color_focus": "var(--ink)",
    "input_border_color_hover": "var(--line-strong)",
    "input_placeholder_color": "var(--quiet)",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "input_text_size": "var(--size-body)",
    "layout_gap": "0px",
    "link_text_color": "var(--ink)",
    "panel_background_fill": "transparent",
    "shadow_drop": "none",
    "shadow_drop_lg": "none",
}


def mount_arguments(settings: Settings) -> dict[str, Any]:
    """Return what `gr.mount_gradio_app` is given besides the app, the blocks and the path."""
    own_head()
    return {
        "theme": theme(settings),
        "head": head(settings),
        "footer_links": [],
        "run_history": False,
        "favicon_path": str(ROOT / "assets/svg/favicon.svg"),
        "show_error": False,
        "max_file_size": settings.body_limit,
    }


def theme(settings: Settings) -> themes.Base:
    """Return a theme in which every variable of Gradio is one of our tokens."""
    light, dark = GROUND[settings.theme]
    plain = themes.Base(
        font=[themes.Font("Inter"), "system-ui", "sans-serif"],
        font_mono=[themes.Font("JetBrains Mono"), "ui-monospace", "monospace"],
    )
    known = set(plain.set().__dict__)
    both = {f"{name}_dark": value for name, value in BOUND.items() if f"{name}_dark" in known}
    return plain.set(**BOUND, **both, body_background_fill=light, body_background_fill_dark=dark)


def own_head() -> None:
    """Make Gradio's page template say what this is, and name no address outside this machine."""
    loaded = templates.env.loader
    assert loaded is not None
    templates.env.loader = FunctionLoader(
        lambda name: _without_cards(loaded.get_source(templates.env, name)[0])
    )


def _without_cards(page: str) -> str:
    """Return a template whose cards for other sites are ours."""
    plain = _CARD.sub("", page)
    return plain.replace("<head>", f"<head>{CARDS}", 1) if plain != page else page


def head(settings: Settings, idle: float = KIOSK_IDLE_SECONDS) -> str:
    """Return what the page's head gets: the palette, our style sheets and our script."""
    palette = {
        "palette": settings.theme,
        "kiosk": settings.kiosk,
        "idle": idle,
        "longest": MAX_CHARACTERS,
    }
    sheets = "".join(f'<link rel="stylesheet" href="assets/css/{name}.css">' for name in STYLES)
    scripts = "".join(f'<script src="assets/js/{name}.js"></script>' for name in SCRIPTS)
    return (
        f'<meta name="description" content="{SENTENCE}">'
        '<link rel="icon" type="image/svg+xml" href="assets/svg/favicon.svg">'
        f"<script>window.plumbline = {json.dumps(palette)};</script>"
        f"{sheets}{scripts}"
    )
