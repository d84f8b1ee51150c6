"""Where a run's figures come from: its configuration, its suite, its model, the machine.

It knows what is kept of a run and lays it out; what it does not know by name it shows as it is.
"""

import json
from collections.abc import Mapping

from core.present.times import moment, seconds
from core.records import Run
from pages._evals_form import yaml
from pages._html import text


def origin(run: Run) -> str:
    """Return all that is kept of how a run was made, folded."""
    took = (run.ended - run.started).total_seconds() if run.ended and run.started else None
    facts = [
        ("Run", run.id),
        ("Suite", f"{run.suite}, version {run.suite_version[:12]}, judged by {run.criterion}"),
        ("Begun", moment(run.started)),
        ("Ended", f"{moment(run.ended)}, after {seconds(took)}" if took is not None else "—"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{text(told)}</dd></div>" for name, told in facts)
    kept = "".join(
        f"<div><dt>{text(name)}</dt><dd>{_told(value)}</dd></div>"
        for name, value in run.provenance.items()
    )
    return (
        '<section class="origin"><h2>Where these figures come from</h2>'
        f'<dl class="facts-list">{rows}</dl>'
        '<details class="fold"><summary>Configuration</summary>'
        f'<pre class="yaml" tabindex="0"><code>{text(yaml(run.config))}</code></pre></details>'
        '<details class="fold"><summary>Settings, versions, hashes</summary>'
        f'<dl class="facts-list">{kept}</dl></details></section>'
    )


def _told(value: object) -> str:
    if isinstance(value, Mapping | list):
        written = json.dumps(value, indent=1, ensure_ascii=False, default=str)
        return f'<pre class="yaml" tabindex="0"><code>{text(written)}</code></pre>'
    return text(value)
