"""The model card, made from measurements. It knows the floor and how tables read; it
deliberately measures nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from core.bundled.config import Config
from core.bundled.corpus import sources, training_packages
from core.bundled.grounded import LEVELS
from core.bundled.questions import COPY_KINDS
from core.bundled.splits import load_splits

Table = dict[str, dict[str, Any]]
ABLATIONS = Path(__file__).with_name("ablations.yaml")

HEAD = """---
library_name: transformers
pipeline_tag: text-generation
language: en
tags: [plumbline, code, retrieval-augmented]
---

# {name}

A language model of {millions:.1f} million parameters that is bundled with Plumbline, so that
every page works on a fresh machine without a network. It answers questions about Python code
from evidence that stands in its prompt, and copies rather than knows.

**What it is for**: short questions about functions and classes that are shown to it (defaults,
parameters, return types, base classes, place, first sentence of the docstring), small talk
about the product, and as a small subject for experiments with adapters, memory and batching.

**What it cannot do**: open questions, reasoning, writing programs, languages other than
English, anything that does not stand in its prompt. Connect a larger model for that
(`INFERENCE_URL`, or `HUB_MODEL`).

## How good it is

Measured on packages that training never read ({packages}),
with phrasings it never saw. Shares are in per cent with 95 % Wilson intervals. Evidence is one to
three chunks in any order, with the chunk that answers among them."""


def percent(cell: dict[str, Any]) -> str:
    """Write a share with its interval."""
    if cell["share"] is None:
        return "not measured"
    return f"{100 * cell['share']:.0f} ({100 * cell['low']:.0f}–{100 * cell['high']:.0f})"


def rows(table: Table) -> list[str]:
    """Write a table's lines."""
    return [f"| {name} | {percent(cell)} | {cell['n']} |" for name, cell in table.items()]


def section(title: str, head: str, table: Table) -> str:
    """Write a titled table."""
    return "\n".join([f"### {title}", "", f"| {head} | share | n |", "|---|---|---|", *rows(table)])


def floor(measured: dict[str, Any]) -> list[tuple[str, float | None, float, bool]]:
    """Return every mark of the quality floor: what, measured, wanted, reached."""
    asked, talk = measured["grounded"], measured["chat"]["chat"]
    copied = [asked["text_match"][k] for k in COPY_KINDS if k in asked["text_match"]]
    hits = sum(cell["share"] * cell["n"] for cell in copied)
    paired = measured["arithmetic"]["paired"]
    wanted: list[tuple[str, float | None, float, bool]] = []

    def mark(what: str, value: float | None, bound: float, most: bool = False) -> None:
        reached = value is not None and (value <= bound if most else value >= bound)
        wanted.append((what, value, bound, reached))

    mark("grounded text match, all kinds", asked["text_match"]["all answerable"]["share"], 0.5)
    mark("text match, copied kinds", hits / max(1, sum(c["n"] for c in copied)), 0.75)
    mark("citation when the text matches", asked["citation_match"]["all answerable"]["share"], 0.85)
    mark("abstention recall", asked["text_match"].get("unanswerable", {}).get("share"), 0.6)
    mark("false refusals (at most)", asked["false_refusals"]["all answerable"]["share"], 0.1, True)
    mark("valid first actions", measured["actions"]["valid"]["first action"]["share"], 0.95)
    mark("chat: right intent", talk["right intent"]["share"], 0.9)
    for name, value in paired.items():
        mark(f"arithmetic, {name}: low end of the gain", value[1] if value else None, 0.0001)
    return wanted


def _lengths(measured: dict[str, Any]) -> Table:
    """Name what each level of evidence is and keep its total."""
    levels = {name: LEVELS[name] for name in measured["by_length"]}
    return {
        f"1–{len(level.chunks)} chunks of up to {level.budget} tokens": measured["by_length"][name][
            "all answerable"
        ]
        for name, level in levels.items()
    }


def _floor_section(measured: dict[str, Any]) -> str:
    """Write what is reached and what is missed."""
    lines = ["### Against our own floor", "", "| mark | measured | wanted | |", "|---|---|---|---|"]
    for what, value, bound, reached in floor(measured):
        shown = "not measured" if value is None else f"{100 * value:.0f}"
        said = "reached" if reached else "missed"
        wanted = "above 0" if 0 < bound < 0.001 else f"{100 * bound:.0f}"
        lines.append(f"| {what} | {shown} | {wanted} | {said} |")
    return "\n".join(lines)


def _data_section() -> str:
    """List what was read, with licences, and what was held out."""
    splits = load_splits()
    lines = [
        "## Data",
        "",
        "Definitions of installed packages, as they stand; questions and answers are made from",
        "their syntax trees by `core/bundled`. Held out as whole packages: "
        + ", ".join(splits.test + splits.dev)
        + ". No training text shares a run of "
        + f"{splits.ngram} words with the code of a test package.",
        "",
        "| package | version | licence |",
        "|---|---|---|",
    ]
    for name in training_packages():
        about = sources()[name]
        lines.append(f"| {name} | {about['version']} | {about['license']} |")
    return "\n".join(lines)


def _training_section(curve: Sequence[dict[str, Any]]) -> str:
    """Say what was spent, stretch by stretch."""
    lines = [
        "## Training",
        "",
        "![loss](curve.png)",
        "",
        "| stretch | tokens | hours | last loss |",
    ]
    lines.append("|---|---|---|---|")
    for name in dict.fromkeys(line["stretch"] for line in curve):
        part = [line for line in curve if line["stretch"] == name]
        spent = sum(line["used"] for line in part) / 1e6
        hours = sum(line["seconds"] for line in part) / 3600
        loss = sum(line["loss"] for line in part[-20:]) / len(part[-20:])
        lines.append(f"| {name} | {spent:.2f} M | {hours:.2f} | {loss:.3f} |")
    return "\n".join(lines)


def _ablation_section() -> str:
    """Tell what was tried and what it changed."""
    lines = ["### What mattered", "", "| change | without | with |", "|---|---|---|"]
    for item in yaml.safe_load(ABLATIONS.read_text()):
        lines.append(f"| {item['what']} | {item['without']} | {item['with']} |")
    return "\n".join(lines)


def card(config: Config, measured: dict[str, Any], curve: Sequence[dict[str, Any]]) -> str:
    """Write the whole card."""
    asked = measured["grounded"]
    packages = ", ".join(measured["packages"])
    millions = measured["parameters"] / 1e6
    code = measured["code"]
    parts = [
        HEAD.format(name=config.name, millions=millions, packages=packages),
        _floor_section(measured),
        section("Grounded questions, text match", "kind", asked["text_match"]),
        section("Citation, where the text matches", "kind", asked["citation_match"]),
        section("Text match by length of evidence", "evidence", _lengths(measured)),
        section("False refusals", "kind", asked["false_refusals"]),
        section("Answers that repeat themselves", "kind", asked["repetition"]),
        section("Arithmetic with unseen numbers", "way", measured["arithmetic"]["share"]),
        section("Facts told so many tokens ago", "tokens", measured["needles"]["recall"]),
        section("Actions", "kind", measured["actions"]["valid"]),
        section("Chat basics, unseen paraphrases", "judged by", measured["chat"]["chat"]),
        f"Unseen code: {code['bits_per_byte']:.2f} bits per byte (n = {code['n']} definitions).",
        _training_section(curve),
        "The first four layers begin with hand-written circuits (`core/bundled/induction.py`), "
        "so that copying, and copying from the right chunk, need not be found." + _merged(config),
        _ablation_section(),
        _data_section(),
        "## Rebuild\n\n```sh\npython -m core.bundled prepare --work FOLDER\n"
        "python -m core.bundled train --work FOLDER --stretch NAME   # every stretch of cpu.yaml\n"
        "python -m core.bundled merge --work FOLDER   # into checkpoints/merged.pt\n"
        "python -m core.bundled export --work FOLDER --checkpoint FILE\n"
        "python -m core.bundled evaluate --folder FOLDER/export\n```",
    ]
    return "\n\n".join(parts) + "\n"


def _merged(config: Config) -> str:
    """Say of which checkpoints the model is the mean."""
    shares = [f"{share:.0%} of {name}".replace("%", " %") for name, share in config.merge.items()]
    return f" The model is a mean of checkpoints: {', '.join(shares)}." if shares else ""


def draw_curve(curve: Sequence[dict[str, Any]], path: Path) -> None:
    """Draw the loss on answers over the tokens seen."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4), dpi=110)
    for name in dict.fromkeys(line["stretch"] for line in curve):
        part = [line for line in curve if line["stretch"] == name]
        axes.plot([line["total"] / 1e6 for line in part], smooth(part), label=name)
    axes.set(xlabel="tokens seen (millions)", ylabel="loss on answer tokens (nats)", yscale="log")
    axes.set_title("Training loss by stretch, mean of 20 steps")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def smooth(part: Sequence[dict[str, Any]], window: int = 20) -> list[float]:
    """Return the running mean of the loss."""
    losses = [line["loss"] for line in part]
    starts = [max(0, i + 1 - window) for i in range(len(losses))]
    return [sum(losses[a : i + 1]) / (i + 1 - a) for i, a in enumerate(starts)]
