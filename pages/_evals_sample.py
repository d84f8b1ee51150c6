"""One sample of a run as HTML: what was asked, what was answered, on what, and what was said of it.

It knows a sample with its item, scores and labels. Words of models and data never become markup.
"""

import textwrap
from dataclasses import replace

from core.assistant.draft import marks_told, shown_all
from core.present import code
from core.present.numbers import DASH, count
from core.present.times import seconds
from core.records import Answered, Label, Run, Score
from pages import _evals_words as words
from pages import _evidence, _trace
from pages._evals_asked import Asked, go
from pages._evals_desk import Desk, Shown, button, framed
from pages._evals_listed import place
from pages._html import problem, text, when
from pages._markdown import render
from pages._marks import legend, tally

NO_EVIDENCE = "Nothing was retrieved or given for this sample."
NO_ANSWER = "The answer is empty."
_APART = ("prompt", "trace", "thread")
YOURS = (
    "Your word counts instead of the score. It is kept with your name and your reason, and can be "
    "taken back."
)


def show(desk: Desk, asked: Asked, run: Run) -> Shown:
    """Return one sample, with the ways to the others."""
    position, epoch = asked.place or (0, 0)
    found = desk.evals.sample(run.id, position, epoch, desk.owner)
    back = replace(asked, sample="")
    label = go(back, f"‹ {text(words.called(run))}", "button")
    head = framed(text(sentence(found)), _facts(run, found), f"{label}{_steps(asked, run)}")
    body = (
        f'<div class="sample"><div class="sample-main">{asked_for(found)}{answered(found)}'
        f"{evidence(found)}{_trail(found, not desk.shared)}</div>"
        f'<aside class="sample-side">{scores(found.scores)}{timings(found)}'
        f"{labels(found, desk.may_change(run))}</aside></div>"
    )
    return Shown(head, body)


def sentence(found: Answered) -> str:
    """Return what became of the sample."""
    of = place(found.sample.position, found.sample.epoch)
    labelled = " A person said so." if _standing(found) else ""
    return f"Sample {of} is {words.OUTCOMES[found.outcome].word}.{labelled}"


def asked_for(found: Answered) -> str:
    """Return the question with what is accepted."""
    item = found.item
    parts = [f"<h2>Question</h2><p class='asked-for'>{text(item.question)}</p>"]
    if item.references:
        listed = "".join(f"<li>{text(each)}</li>" for each in item.references)
        parts.append(f'<h3>Accepted</h3><ul class="accepted">{listed}</ul>')
    elif not item.answerable:
        parts.append('<p class="none">It has no answer: what is right is to say so.</p>')
    if item.choices:
        listed = "".join(f"<li>{text(each)}</li>" for each in item.choices)
        parts.append(f'<h3>Choices</h3><ol class="accepted">{listed}</ol>')
    gold = "".join(
        f"<li><code>{text(each.path)}</code> {text(each.symbol)}</li>" for each in item.gold
    )
    if gold:
        parts.append(f'<h3>Where the answer stands</h3><ul class="accepted">{gold}</ul>')
    return f"<section>{''.join(parts)}</section>"


def answered(found: Answered) -> str:
    """Return the answer as it was given, or why there is none."""
    sample = found.sample
    if sample.error:
        hint = "It was not judged. Going on with the run asks it again."
        return f"<section><h2>Answer</h2>{problem(sample.error_text, hint, sample.error)}</section>"
    marks, found_for = marks_told(sample.marks), len(sample.evidence)
    shown = render(sample.answer, found_for, False, marks) if sample.answer.strip() else ""
    notices = "".join(f'<p class="notice">{text(each)}</p>' for each in sample.notices)
    quote = (
        f'<aside class="quoted md"><p class="quiet">What the evidence says</p>'
        f"{render(sample.quote, found_for, links=False)}</aside>"
        if sample.quote
        else ""
    )
    return (
        f'<section><h2>Answer</h2><div class="said md">{shown}</div>'
        f"{'' if shown else f'<p class=none>{NO_ANSWER}</p>'}{support(found)}"
        f"{_trace.reasoning({'reasoning': sample.reasoning})}{notices}{quote}</section>"
    )


def support(found: Answered) -> str:
    """Return how many sentences the evidence supports, or what a score told of those it does not.

    Samples from before marks were kept have but the latter.
    """
    marks = marks_told(found.sample.marks)
    if not tally(marks):
        return unsupported(found.scores)
    return f'<p class="support">{tally(marks)}</p>{legend(marks)}'


def unsupported(scores: tuple[Score, ...]) -> str:
    """Return the sentences that a scorer of support found nothing for."""
    told: dict[str, None] = {}
    for score in scores:
        told |= dict.fromkeys(str(each) for each in score.details.get("unsupported") or ())
    if not told:
        return ""
    items = "".join(
        f'<li><span class="sign unsupported">○</span> {text(each)}</li>' for each in told
    )
    return f'<p class="quiet">Not supported by the evidence:</p><ul class="accepted">{items}</ul>'


def evidence(found: Answered) -> str:
    """Return what the answer cites, what else it could stand on, and what was given beside."""
    sample = found.sample
    passages = shown_all(sample.evidence)
    shown = {each["text"] for each in passages}
    beside = [each for each in found.item.contexts if each not in shown]
    if not passages and not beside:
        return f'<section><h2>Evidence</h2><p class="none">{NO_EVIDENCE}</p></section>'
    told = _evidence.told(passages, sample.answer, marks_told(sample.marks)) if passages else ""
    given = "".join(
        f'<details class="fold"><summary>Given passage {n}</summary>{_rows(words_of)}</details>'
        for n, words_of in enumerate(beside, 1)
    )
    return f'<section class="evidence"><h2>Evidence</h2>{told}{given}</section>'


def scores(given: tuple[Score, ...]) -> str:
    """Return every score with its version, and why there is none."""
    rows = [
        f'<tr><th scope="row">{text(words.scorer(score.scorer))}'
        f'<br><span class="quiet">{text(score.scorer)}@{text(score.version)}</span></th>'
        f'<td class="number">{_mark(score)}{words.value(score.scorer, score.value)}</td></tr>'
        + (
            f'<tr class="why"><td colspan="2" class="quiet">{text(score.why)}</td></tr>'
            if score.why
            else ""
        )
        for score in given
    ]
    if not rows:
        return '<section><h2>Scores</h2><p class="none">It was not scored.</p></section>'
    return f"<section><h2>Scores</h2>{words.table(('Scorer', '#Score'), rows)}</section>"


def timings(found: Answered) -> str:
    """Return what the sample cost."""
    sample = found.sample
    read = [usage.tokens_in for usage in sample.usage if usage.tokens_in is not None]
    wrote = [usage.tokens_out for usage in sample.usage if usage.tokens_out is not None]
    facts = [
        ("Time", seconds(sample.seconds)),
        ("First token", seconds(sample.first_token_s)),
        ("Model calls", count(len(sample.usage)) if sample.usage else DASH),
        ("Tokens", f"{count(sum(read))} read, {count(sum(wrote))} written" if wrote else DASH),
        ("Ended", text(sample.reason) if sample.reason else ""),
        ("Answer", "taken from an earlier run that asked the same" if sample.cached else ""),
        ("Prompts", "<br>".join(map(text, sample.prompts))),
    ]
    rows = "".join(
        f'<div><dt>{name}</dt><dd class="num">{told}</dd></div>' for name, told in facts if told
    )
    return f'<section><h2>Timings</h2><dl class="facts-list">{rows}</dl></section>'


def labels(found: Answered, mine: bool) -> str:
    """Return what people said of the sample, and the fields to say it."""
    sample = found.sample
    at = {"run": sample.run_id, "position": sample.position, "epoch": sample.epoch}
    told = "".join(_label(each) for each in found.labels)
    listed = f'<ul class="labels">{told}</ul>' if told else ""
    undo = button("Take the label back", "unlabel", **at) if mine and _standing(found) else ""
    if not mine:
        return f"<section><h2>Labels</h2>{listed}</section>" if listed else ""
    data = "".join(f' data-{name}="{text(value)}"' for name, value in at.items())
    return (
        f'<section><h2>Judge it yourself</h2><p class="quiet">{YOURS}</p>{listed}{undo}'
        f'<form class="label-form" data-evals="label"{data}><fieldset class="chips">'
        '<legend class="offscreen">Right or wrong</legend>'
        '<label class="chip"><input type="radio" name="passed" value="1"><span>✓ Right</span>'
        '</label><label class="chip"><input type="radio" name="passed" value="0">'
        "<span>✕ Wrong</span></label></fieldset>"
        f"{_line('name', 'Your name')}{_line('reason', 'Reason')}"
        '<button type="submit" class="button">Keep this label</button></form></section>'
    )


def _line(name: str, label: str) -> str:
    return (
        f'<p class="field"><label for="label-{name}">{label}</label><input id="label-{name}" '
        f'name="{name}" type="text" maxlength="500" autocomplete="off"></p>'
    )


def _label(label: Label) -> str:
    verdict = "✓ right" if label.passed else "✕ wrong"
    gone = f" · taken back {when(label.undone)}" if label.undone else ""
    return (
        f"<li{' class=undone' if label.undone else ''}><b>{verdict}</b> {text(label.reason)}"
        f'<br><span class="quiet">{text(label.name)}, {when(label.created)}{gone}</span></li>'
    )


def _standing(found: Answered) -> bool:
    return any(label.undone is None for label in found.labels)


def _facts(run: Run, found: Answered) -> str:
    kind = text(found.item.kind) if found.item.kind else ""
    facts = [
        text(run.suite),
        f"<code>{text(found.item.id)}</code>",
        kind,
        words.sign(found.outcome),
    ]
    return f'<p class="run-facts">{" · ".join(fact for fact in facts if fact)}</p>'


def _steps(asked: Asked, run: Run) -> str:
    """Return the ways to the sample before and the sample after."""
    position, epoch = asked.place or (0, 0)
    last = max(run.total // max(1, int(run.config.get("epochs") or 1)) - 1, 0)
    parts = []
    for to, label in ((position - 1, "‹ Before"), (position + 1, "After ›")):
        if 0 <= to <= last:
            parts.append(go(replace(asked, sample=place(to, epoch)), label, "button"))
    return "".join(parts)


def _mark(score: Score) -> str:
    if score.passed is None:
        return ""
    return (
        '<span class="outcome correct">✓</span> '
        if score.passed
        else ('<span class="outcome wrong">✕</span> ')
    )


def _trail(found: Answered, whole: bool) -> str:
    """Return the steps, the prompt as it was sent, and how it failed where that may be told."""
    steps = [step for step in found.sample.steps if step.get("kind") not in _APART]
    prompts = [step for step in found.sample.steps if step.get("kind") == "prompt"]
    traces = [step for step in found.sample.steps if step.get("kind") == "trace" and whole]
    parts = []
    if steps:
        parts.append(f"<section><h2>Steps</h2>{_trace.steps({'steps': steps})}</section>")
    for step in prompts:
        turns = "".join(
            f"<h3>{text(turn.get('role', ''))}</h3>"
            f'<pre class="yaml" tabindex="0"><code>{text(turn.get("content", ""))}</code></pre>'
            for turn in step.get("messages") or ()
        )
        parts.append(
            '<section><h2>Prompt</h2><details class="fold"><summary>As the model was sent it'
            f"</summary>{turns}</details></section>"
        )
    for step in traces:
        parts.append(
            '<section><h2>How it failed</h2><details class="fold"><summary>Trace</summary>'
            f'<pre class="yaml" tabindex="0"><code>{text(step.get("text", ""))}</code></pre>'
            "</details></section>"
        )
    return "".join(parts)


def _rows(source: str) -> str:
    rows = code.rows(textwrap.dedent(source).rstrip())
    lines = "".join(
        f'<span class="row" data-n="{n}">{row}\n</span>' for n, row in enumerate(rows, 1)
    )
    style = f"--digits:{len(str(len(rows)))}"
    return f'<pre class="rows" tabindex="0" style="{style}"><code>{lines}</code></pre>'
