"""Status as HTML: the sentence, the figures, what runs and why, settings, versions, jobs.

It knows tables and cards. It is handed what is so and measures nothing itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.messages import ModelCard
from core.models.catalog import ModelState
from core.present.numbers import DASH, count, percent, size, with_unit
from core.present.times import moment, seconds
from core.records import Job
from core.telemetry.health import Part, Report
from core.telemetry.process import Usage
from pages import _html
from pages._html import badge, text

WORDS = {
    "ok": "✓ works",
    "degraded": "◐ limited",
    "down": "✕ down",
    "warming": "○ starting",
    "absent": "○ absent",
}
NO_JOBS = (
    "Nothing is queued. Long work, such as training or indexing, is listed here while it waits "
    "and runs, and can be cancelled."
)
ENDED = frozenset({"completed", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One moment of the process, kept for the small curves."""

    at: float
    memory: float
    processor: float


def overview(report: Report, checked: str, public: bool) -> str:
    """Return the sentence, and the button that looks again for a model."""
    button = (
        '<button type="button" class="button" data-act="again">Check again</button>'
        if not public
        else ""
    )
    told = f'<p class="quiet">{text(checked)}</p>' if checked else ""
    api = '<p class="quiet"><a href="/docs">API reference</a></p>'
    return (
        f'<header class="about status-head {report.status}"><div><h1>{text(report.sentence)}</h1>'
        f"{told}{api}</div>{button}</header>"
    )


def cards(
    usage: Usage, totals: Mapping[str, int], cores: int, readings: Sequence[Reading], now: str
) -> str:
    """Return the row of figures."""
    how = f"Read from this process, {now}"
    logged = f"Counted from the record of every model call, {now}"
    made = totals["calls"]
    words = f"{count(totals['tokens_in'])} read, {count(totals['tokens_out'])} written"
    errors = f"{count(totals['errors'])} of them failed" if made else "Nothing was asked yet"
    free = f"{size(usage.disk_free_bytes)} free"
    busy = f"of {percent(cores)} on {count(cores, 'core')}, {count(usage.threads, 'thread')}"
    return (
        '<ul class="cards">'
        + "".join(
            (
                _card(
                    "Memory",
                    size(usage.rss_bytes),
                    f"of {size(usage.memory_bytes)}, {size(usage.memory_free_bytes)} free",
                    how,
                    _curve([(r.at, r.memory) for r in readings]),
                ),
                _card(
                    "Processor",
                    with_unit(usage.cpu_percent, "%"),
                    busy,
                    how,
                    _curve([(r.at, r.processor) for r in readings]),
                ),
                _card(
                    "On disk",
                    size(usage.kept_bytes),
                    free,
                    how,
                ),
                _card("Model calls", count(made), errors, logged),
                _card("Tokens", count(totals["tokens_in"] + totals["tokens_out"]), words, logged),
                _card("Running for", seconds(round(usage.uptime_s)), f"since {_since(usage)}", how),
            )
        )
        + "</ul>"
    )


def running(report: Report, state: ModelState, figures: Mapping[str, float]) -> str:
    """Return what runs and why: the model's facts, then every part."""
    rows = "".join(_part(part) for part in report.parts)
    return (
        '<section><h2>What runs, and why</h2><div class="split">'
        f'<dl class="facts-list">{_model(state, figures)}</dl>'
        '<div class="table"><table><thead><tr><th scope="col">Part</th><th scope="col">State</th>'
        f'<th scope="col">Why, and what to do</th></tr></thead><tbody>{rows}</tbody></table></div>'
        f"</div>{_tried(state)}</section>"
    )


def jobs(rows: Sequence[Job], owner: str) -> str:
    """Return the queue of detached work; a visitor may end only what is his."""
    if not rows:
        return f'<section><h2>Jobs</h2><p class="none">{NO_JOBS}</p></section>'
    body = "".join(_job(job, owner) for job in rows)
    return (
        '<section><h2>Jobs</h2><div class="table"><table><thead><tr><th scope="col">Work</th>'
        '<th scope="col">State</th><th scope="col" class="number">Done, %</th>'
        '<th scope="col">Asked for</th><th scope="col"></th></tr></thead>'
        f"<tbody>{body}</tbody></table></div></section>"
    )


def settings(rows: Sequence[Mapping[str, str]]) -> str:
    """Return every setting with its value and its help; secrets come masked."""
    body = "".join(
        f'<tr><th scope="row"><code>{text(row["name"])}</code></th>'
        f"<td>{_value(row['value'])}</td><td>{text(row['help'])}</td></tr>"
        for row in rows
    )
    return (
        '<section><h2>Settings</h2><p class="quiet">Set them in the environment, in <code>.env'
        "</code> or as a flag of the same name, then start again. Secrets are masked.</p>"
        f'<div class="table"><table class="settings"><thead><tr>{_sorted_by("Name")}'
        f"{_sorted_by('Value')}{_sorted_by('What it does')}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></section>"
    )


def versions(rows: Sequence[tuple[str, str]]) -> str:
    """Return what is installed, each with its version."""
    body = "".join(f"<div><dt>{text(name)}</dt><dd>{text(of)}</dd></div>" for name, of in rows)
    return f'<section><h2>Versions</h2><dl class="versions">{body}</dl></section>'


def _card(label: str, figure: str, below: str, how: str, curve: str = "") -> str:
    return (
        f'<li class="card"><p class="label">{label} {badge("measured", how)}</p>'
        f'<p class="figure">{figure}</p><p class="below">{text(below)}</p>{curve}</li>'
    )


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """Return the last minutes as a line from zero, or nothing before there are two readings."""
    if len(points) < 2:
        return '<svg class="curve" aria-hidden="true"></svg>'
    first, last = points[0][0], points[-1][0]
    top = max(value for _, value in points) or 1
    place = " ".join(
        f"{100 * (at - first) / ((last - first) or 1):.1f},{22 - 20 * value / top:.1f}"
        for at, value in points
    )
    return (
        '<svg class="curve" viewBox="0 0 100 24" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{place}"/></svg>'
    )


def _model(state: ModelState, figures: Mapping[str, float]) -> str:
    card = state.card
    facts = [
        ("Model", card.label if card else DASH),
        ("Why", _html.sentence(state.why) or DASH),
    ]
    facts.append(("Since", moment(state.since)))
    if card and card.kind != "quote":
        facts += _card_facts(card)
    elif card:
        facts.append(("Device", "None; no language model is loaded."))
    if figures:
        measured = " · ".join(f"{name} {with_unit(v, 'GFLOP/s')}" for name, v in figures.items())
        facts.append(("Probe", measured))
    return "".join(f"<div><dt>{name}</dt><dd>{text(value)}</dd></div>" for name, value in facts)


def _card_facts(card: ModelCard) -> list[tuple[str, str]]:
    device = " · ".join(part for part in (card.device, card.dtype) if part)
    facts = [
        ("Kind", f"{card.kind}" + (f", served by {card.server}" if card.server else "")),
        ("Device", device or "known to the server alone"),
        ("Context", count(card.context_length, "token")),
        ("Parameters", count(card.parameters)),
        ("Files", size(card.size_bytes)),
    ]
    return facts + [("Note", notice) for notice in card.notices]


def _part(part: Part) -> str:
    hint = f' <span class="quiet">{text(part.hint)}</span>' if part.hint else ""
    return (
        f'<tr><th scope="row">{text(part.name.capitalize())}</th>'
        f'<td class="mark {part.state}">{WORDS[part.state]}</td>'
        f"<td>{text(_html.sentence(part.reason))}{hint}</td></tr>"
    )


def _tried(state: ModelState) -> str:
    if not state.tried:
        return ""
    items = "".join(
        f"<li><b>{text(attempt.name)}</b> {text(_html.sentence(attempt.outcome))}</li>"
        for attempt in state.tried
    )
    return f'<h3>What was tried for a model, in order</h3><ol class="tried">{items}</ol>'


def _job(job: Job, owner: str) -> str:
    mine = job.owner == owner
    cancel = (
        f'<button type="button" class="button" data-act="cancel-job" data-id="{text(job.id)}">'
        "Cancel</button>"
        if mine and job.state not in ENDED
        else ""
    )
    told = text(job.error or job.status) if mine else "another visitor’s"
    done = DASH if job.progress is None else count(round(job.progress * 100))
    return (
        f"<tr><th scope='row'>{text(job.kind)}</th><td>{job.state}"
        f'<span class="quiet"> {told}</span></td><td class="number">{done}</td>'
        f"<td>{moment(job.created)}</td><td>{cancel}</td></tr>"
    )


def _sorted_by(label: str) -> str:
    return (
        f'<th scope="col"><button type="button" class="sort" data-act="sort">{label}</button></th>'
    )


def _value(value: str) -> str:
    return f"<code>{text(value)}</code>" if value else '<span class="quiet">blank</span>'


def _since(usage: Usage) -> str:
    return moment(datetime.now(UTC) - timedelta(seconds=usage.uptime_s))
