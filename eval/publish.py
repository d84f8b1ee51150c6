"""Makes a bundle of runs: pages that open from disk with no network, their data, their charts.

It knows the files of a bundle and their order. What is hidden, how a page looks and what is
compared is known in eval/published. The same runs give the same bytes, but for the day.
"""

import hashlib
import json
import math
import shutil
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.errors import BadInput
from core.records import Run
from eval import exports
from eval.published import comparisons, site
from eval.published import documents as papers
from eval.published.documents import PIECE, Source, Told
from eval.published.masking import Mask

FORMAT = 1
MANIFEST = "manifest.json"
# A zip keeps no day before 1980, and the same bytes need the same day.
ZIP_DAY = (1980, 1, 1, 0, 0, 0)


def gather(evals: Any, id: str, owner: str | None = None) -> Source:  # noqa: ANN401
    """Return a run that is over, as far as its asker may see it.

    `evals` are the runs of eval/service.py or eval/asking.py; the latter know no owner.
    """
    who = () if owner is None else (owner,)
    run: Run = evals.get(id, *who)
    if run.state in ("queued", "running"):
        raise BadInput(f"The run {run.name!r} is {run.state}.", "Publish it when it is over.")
    if not run.done:
        raise BadInput(f"The run {run.name!r} has no answer.", "Resume it, or leave it out.")
    return Source(
        run,
        evals.report(run.id, *who),
        lambda: evals.walk(run.id, *who),
        lambda: evals.side(run.id, *who),
    )


def publish(
    sources: Sequence[Source],
    out: Path,
    title: str = "",
    *,
    hide: Sequence[Path] = (),
    now: datetime | None = None,
) -> Path:
    """Write the bundle into a folder that is empty, or holds an earlier bundle; return it.

    `hide` are more folders of this machine that no file may name.
    """
    if not sources:
        raise BadInput("There is no run to publish.", "Name at least one.")
    _ready(out)
    mask = Mask(hide)
    named = _named(sources, mask)
    slugs = papers.slugs([source.run.name for source in named])
    about = {
        "title": title or "Plumbline runs",
        "published": (now or datetime.now(UTC)).date().isoformat(),
        "version": _version(),
    }
    runs = [papers.document(*each, mask) for each in zip(named, slugs, strict=True)]
    for source, told in zip(named, runs, strict=True):
        _write_run(out, source, told, mask)
    pairs = comparisons.pairs(named, slugs)
    compared = [comparisons.document(pair, named, mask) for pair in pairs]
    sheets = [site.index(about, runs, compared), *(site.run(about, told) for told in runs)]
    sheets += [site.comparison(about, *each, runs) for each in zip(pairs, compared, strict=True)]
    for told in compared:
        _write(out / "data" / f"{told['slug']}.json", _pretty(told))
    for sheet in sheets:
        _write(out / sheet.name, sheet.html.encode())
        for chart in sheet.charts:
            _write(out / "charts" / f"{chart.name}.svg", chart.svg.encode())
            _write(out / "charts" / f"{chart.name}.png", chart.png)
    for name, data in site.parts():
        _write(out / name, data)
    _write(out / MANIFEST, _pretty({**about, "format": FORMAT, **_listed(out, runs, compared)}))
    return out


def publish_zip(
    evals: Any,  # noqa: ANN401
    ids: Sequence[str],
    folder: Path,
    owner: str | None = None,
    *,
    hide: Sequence[Path] = (),
) -> Path:
    """Write the bundle of these runs as one zip file into a folder, for a download."""
    sources = [gather(evals, id, owner) for id in ids]
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as scratch:
        name = papers.slugs([sources[0].run.name if len(sources) == 1 else "plumbline runs"])[0]
        made = publish(sources, Path(scratch) / name, hide=hide)
        target = Path(scratch) / f"{name}.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files(made):
                entry = zipfile.ZipInfo(f"{name}/{file.relative_to(made).as_posix()}", ZIP_DAY)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
        return target.replace(folder / target.name)


def files(bundle: Path) -> list[Path]:
    """Return every file of a bundle in order."""
    return sorted(path for path in bundle.rglob("*") if path.is_file())


def _ready(out: Path) -> None:
    """Empty a folder that holds a bundle; refuse one that holds anything else."""
    if out.exists() and not out.is_dir():
        raise BadInput(f"{out.name} is a file.", "Name a folder.")
    if out.is_dir() and any(out.iterdir()):
        if not (out / MANIFEST).is_file():
            raise BadInput(f"The folder {out.name} is not empty.", "Name a new or empty folder.")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)


def _named(sources: Sequence[Source], mask: Mask) -> list[Source]:
    """Return the runs under names that tell them apart and name no folder."""
    taken: list[str] = []
    for source in sources:
        first = mask.facts(source.run.name) or source.run.suite
        others = taken.count(first)
        taken.append(first if not others else f"{first} ({others + 1})")
    return [papers.renamed(source, name) for source, name in zip(sources, taken, strict=True)]


def _write_run(out: Path, source: Source, told: Told, mask: Mask) -> None:
    slug, briefs = told["slug"], []
    rows = papers.rows(source, mask)
    n = 0
    while piece := list(islice(rows, PIECE)):
        briefs += [papers.brief(row) for row in piece]
        body = f"plumbline.piece({exports.line(slug)}, {n}, {exports.line(piece)});\n"
        _write(out / "data" / slug / f"piece-{n}.js", body.encode())
        n += 1
    listed = exports.line({"size": PIECE, "rows": briefs})
    body = f"plumbline.samples({exports.line(slug)}, {listed});\n"
    _write(out / "data" / slug / "samples.js", body.encode())
    _write(out / "data" / f"{slug}.json", _pretty(told))
    plain = (mask.content(exports.row(each)) for each in source.walk())
    exports.write_table(told["name"], told["suite"], plain, out / "data" / f"{slug}.parquet")


def _listed(out: Path, runs: Sequence[Told], compared: Sequence[Told]) -> Told:
    """Return what a bundle holds: its runs, its comparisons, the hash and size of every file."""
    names = ("slug", "name", "suite", "suite_version", "method", "model", "origin")
    listed = [{name: run[name] for name in names} for run in runs]
    pairs = [{"slug": each["slug"], "sentence": each["sentence"]} for each in compared]
    hashes = {
        file.relative_to(out).as_posix(): {
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "bytes": file.stat().st_size,
        }
        for file in files(out)
    }
    return {"runs": listed, "comparisons": pairs, "files": hashes}


def _write(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def _pretty(told: Told) -> bytes:
    return (json.dumps(_finite(told), indent=1, ensure_ascii=True, sort_keys=True) + "\n").encode()


def _finite(value: Any) -> Any:  # noqa: ANN401  any plain value, the same shape back
    """Return the value as JSON can say it: what is not a number becomes nothing."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _version() -> str:
    try:
        return version("plumbline")
    except PackageNotFoundError:
        return "from source"
