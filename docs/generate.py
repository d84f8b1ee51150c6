"""Writes the generated parts of the documentation from what they describe.

    python -m docs.generate            write .env.example and the blocks in README.md and docs/
    python -m docs.generate gradio     print README.md as it is for a Space of that sdk

It knows space.yaml, the settings, the errors, the scorers, the design tokens and bench/results.
All else in docs/ is written by hand, and tests/test_docs.py fails when a generated part is out
of date.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

from core import errors, settings
from core.present import tokens
from docs import findings, measured
from eval.scorers import SCORERS

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"

# result file, key of its figures, how the figure is written, what the reader is told it is
FIGURES = (
    ("start", "port_open_s", "{:.2g} s", "`python app.py` to the port open"),
    ("start", "page_usable_s", "{:.2g} s", "`python app.py` to a page one can type in"),
    ("page", "chat megabytes", "{:.2g} MB", "what the Chat page weighs on the wire"),
    ("overhead", "overhead_p50_ms", "{:.2g} ms", "what HTTP adds to an answer of `/v1/chat`, p50"),
    ("stream", "fp32 ratio", "{:.2f} ×", "streaming speed against raw `model.generate`, fp32"),
    ("stream", "bf16 ratio", "{:.2f} ×", "streaming speed against raw `model.generate`, bf16"),
    (
        "retrieval",
        "test: reranked recall@5",
        "{:.0f} %",
        "questions about code with an answer among the first five results",
    ),
    (
        "retrieval",
        "test: usual recipe recall@5",
        "{:.0f} %",
        "the same questions with the usual recipe: windows, MiniLM, cosine",
    ),
    (
        "search",
        "hybrid processor p50_ms",
        "{:.0f} ms",
        "processor time of a hybrid search of 20,000 chunks, p50",
    ),
    ("search", "bm25s ratio", "{:.1f} ×", "speed of the word index against bm25s on its own"),
    (
        "ingest",
        "default cold_s",
        "{:.0f} s",
        "word index of the installed `transformers` from nothing",
    ),
    (
        "ingest",
        "default first_answer_s",
        "{:.2g} s",
        "`python app.py` to a first search of it by words",
    ),
    (
        "ingest",
        "default app_megabytes",
        "{:,.0f} MB",
        "memory of the app on it, with stand-in vectors",
    ),
    (
        "ingest",
        "embedding cpu_ratio",
        "{:.1f} ×",
        "embedding against sentence-transformers, processor time",
    ),
    (
        "ingest",
        "ingest cpu_ratio",
        "{:.1f} ×",
        "an ingest against LangChain + sentence-transformers + Chroma",
    ),
    (
        "peers",
        "ours against lm_eval",
        "{:.2g} ×",
        "samples a second against lm_eval, the same answers from the same model",
    ),
    (
        "peers",
        "overhead against inspect_ai",
        "{:.2g} ×",
        "processor time of a sample against inspect_ai, with a model that answers at once",
    ),
    ("evals", "again times_faster", "{:.0f} ×", "a run asked again, from earlier answers"),
    ("evals", "held growth_mb", "{:,.0f} MB", "memory that a run of 10,000 samples adds"),
    ("evals", "shown run_page_ms", "{:,.0f} ms", "the page of a run of 100,000 samples"),
    ("evals", "shown compare_ms", "{:,.0f} ms", "two runs of 100,000 samples compared"),
    ("crash", "kills", "{}", "kills aimed at the writing of a vector index, on each side"),
    ("crash", "keeper unreadable", "{}", "of these left Plumbline's index unreadable"),
    ("crash", "chroma unreadable", "{}", "of these left a bare Chroma collection unreadable"),
)


def front_matter(space: dict[str, Any], sdk: str) -> str:
    """Return the YAML block a Space reads on top of README.md."""
    kept = ("title", "emoji", "colorFrom", "colorTo")
    block = {key: space[key] for key in kept}
    block |= {"sdk": sdk, **space["sdks"][sdk], "suggested_hardware": space["hardware"]}
    block |= {key: space[key] for key in ("license", "short_description", "tags", "models")}
    text = yaml.safe_dump(
        {key: value for key, value in block.items() if value != []},
        sort_keys=False,
        allow_unicode=True,
    )
    return f"---\n{text}---\n"


def figures(results: Path = RESULTS) -> str:
    """Return the table of measured figures, one row for each that has a result file."""
    rows = ["| measured | figure | machine | date |", "|---|---|---|---|"]
    for name, key, form, sentence in FIGURES:
        path = results / f"{name}.json"
        if path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            shown = form.format(found["figures"][key])
            linked = f"[{shown}](bench/results/{name}.json)"
            rows.append(f"| {sentence} | {linked} | {_machine(found)} | {found['date'][:10]} |")
    return "\n".join(rows)


def rankings(results: Path = RESULTS) -> str:
    """Return what every way of searching found, as measured on the suites' questions."""
    rows = [
        "| searched | Recall@1 | Recall@5 | Recall@10 | MRR@10 | nDCG@10 |",
        "|---|" + "---|" * 5,
    ]
    found = json.loads((results / "retrieval.json").read_text(encoding="utf-8"))["figures"]
    for name, figure in found.items():
        if isinstance(figure, dict):
            shares = [_interval(figure[f"recall@{k}"], "{:.1f}") for k in (1, 5, 10)]
            others = [_interval(figure[key], "{:.3f}") for key in ("mrr@10", "ndcg@10")]
            rows.append(f"| {name} | {' | '.join([*shares, *others])} |")
    return "\n".join(rows)


def _interval(figure: list[float], form: str) -> str:
    mean, low, high = (form.format(value) for value in figure)
    return f"{mean} ({low} to {high})"


def settings_table() -> str:
    """Return every setting with its default and its sentence, and what the tiers change."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for name, value, sentence in settings.shown(settings.Settings.model_construct()):
        rows.append(f"| `{name}` | {f'`{value}`' if value else 'blank'} | {sentence} |")
    rows += ["", "| tier | what it presets |", "|---|---|"]
    for tier, preset in settings.TIERS.items():
        words = ", ".join(f"`{name.upper()}={value}`" for name, value in preset.items())
        rows.append(f"| `{tier}` | {words or 'the defaults above'} |")
    return "\n".join(rows)


def errors_table() -> str:
    """Return every error's code with its status, its meaning and whether a retry may help."""
    rows = ["| code | status | what it means | worth a retry |", "|---|---|---|---|"]
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.PlumblineError):
            again = "yes" if error.retryable else "no"
            rows.append(f"| `{error.code}` | {error.status} | {error.__doc__} | {again} |")
    return "\n".join(rows)


def scores_table() -> str:
    """Return every scorer with its unit, its direction, its settings and its sentence."""
    rows = ["| scorer | what it says | unit | better | settings |", "|---|---|---|---|---|"]
    for about in SCORERS.values():
        options = ", ".join(f"`{name}={value:g}`" for name, value in about.options.items())
        cells = (f"`{about.name}`", about.does, about.unit or "share", about.better, options)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def with_block(text: str, name: str, content: str) -> str:
    """Return the text with what stands between the two markers of that name replaced."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    replaced, times = re.subn(
        pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.DOTALL
    )
    if times != 1:
        raise ValueError(f"the markers of {name} stand {times} times, not once")
    return replaced


def readme(sdk: str = "") -> str:
    """Return README.md with its generated blocks, for the first sdk unless another is named."""
    space = yaml.safe_load((ROOT / "space.yaml").read_text(encoding="utf-8"))
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    body = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    for name, block in (("figures", figures()), ("findings", findings.rows(RESULTS))):
        body = with_block(body, name, block)
    return front_matter(space, sdk or next(iter(space["sdks"]))) + body


def generated() -> dict[str, str]:
    """Return every file that is generated or holds a generated block, whole."""
    found = {"README.md": readme(), ".env.example": settings.env_example()}
    found["docs/design-system.md"] = tokens.document()
    tables = {"settings": settings_table(), "errors": errors_table(), "retrieval": rankings()}
    tables["scores"] = scores_table()
    tables |= {"findings": findings.findings(RESULTS), "peers": measured.peers(RESULTS)}
    tables["evals"] = measured.large(RESULTS)
    for name, table in tables.items():
        page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        found[f"docs/{name}.md"] = with_block(page, name, table)
    return found


def _machine(found: dict[str, Any]) -> str:
    machine = found["machine"]
    return f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']:.0f} GB"


def main(words: list[str]) -> None:
    """Print one variant of README.md, or write everything that is generated."""
    if words:
        print(readme(words[0]), end="")
        return
    for name, text in generated().items():
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
