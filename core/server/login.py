"""The one page that asks for a key, in the look of the others, without Gradio.

It knows a form and how to say that a key was wrong. It checks nothing itself.
"""

from html import escape
from string import Template

from starlette.responses import HTMLResponse

from core.present.tokens import SCHEMES, colours

_PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Plumbline: key needed</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
@font-face { font-family: "Instrument Serif"; src:
  url(/assets/fonts/instrument-serif-latin-400-normal.woff2) format("woff2"); }
@font-face { font-family: Inter; font-weight: 100 900; src:
  url(/assets/fonts/inter-latin-wght-normal.woff2) format("woff2"); }
:root { $light }
@media (prefers-color-scheme: dark) { :root { $dark } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper);
  color: var(--ink); font: 15px/1.55 Inter, system-ui, sans-serif; }
main { box-sizing: border-box; width: min(400px, 100vw); padding: 24px; }
h1 { font: 400 28px/1.2 "Instrument Serif", serif; margin: 0 0 8px; }
p { margin: 0 0 16px; } .quiet { color: var(--quiet); } .bad { color: var(--bad); }
label { display: block; margin-bottom: 4px; }
input { box-sizing: border-box; width: 100%; min-height: 44px; padding: 8px 12px; font: inherit;
  color: var(--ink); background: var(--surface); border: 1px solid var(--line-strong);
  border-radius: 10px; }
button { margin-top: 12px; min-height: 44px; padding: 8px 20px; font: inherit; border: 0;
  border-radius: 10px; background: var(--accent); color: var(--on-accent); cursor: pointer; }
:focus-visible { outline: 2px solid var(--line-strong); outline-offset: 2px; }
</style></head><body><main>
<h1>Plumbline asks for a key</h1>
<p class="quiet">Whoever runs this server has given out keys. Enter yours once; this browser
remembers it for 30 days.</p>
$wrong
<form method="post" action="/login"><input type="hidden" name="next" value="$next">
<label for="key">Key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<button>Enter</button></form>
</main></body></html>
""")

_WRONG = '<p class="bad" role="alert">✕ That key is not one of those that may be used here.</p>'


def page(theme: str, next_path: str, status: int = 200, wrong: bool = False) -> HTMLResponse:
    """Return the page that asks for a key and then goes on to `next_path`."""
    light, dark = (_rules(colours()[theme, scheme]) for scheme in SCHEMES)
    text = _PAGE.substitute(
        light=light, dark=dark, next=escape(local(next_path)), wrong=_WRONG if wrong else ""
    )
    return HTMLResponse(text, status)


def _rules(values: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in values.items())


def local(path: str) -> str:
    """Return the path if it stays on this server, else the front page."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\", "/login"))
    return path if safe and path.isprintable() else "/"
