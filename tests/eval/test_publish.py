"""Bundles: whole, without secrets, the same bytes twice, and safe with what a model wrote."""

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from eval import publish
from tests.eval import _runs

NOW = datetime(2026, 11, 21, tzinfo=UTC)
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"'` \u2028 \ud83d ${x}"
LATER = datetime(2026, 11, 22, tzinfo=UTC)


class Seen(HTMLParser):
    """Notes what no page of ours holds: scripts with words in them, handlers, pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        handlers = [name for name, _ in attrs if name.startswith("on")]
        self.wrong += handlers + ([tag] if tag in ("img", "iframe", "object") else [])

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script" and data.strip():
            self.wrong.append(data)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_runs.Kept]:
    runs = _runs.Kept(tmp_path_factory.mktemp("store"))
    outcomes = ["correct", "wrong", "correct", "error"] * 6
    first = [_runs.answered(n, f"Answer {n}", what) for n, what in enumerate(outcomes)]
    second = [
        _runs.answered(n, EVIL if n == 1 else f"Other {n}", "wrong" if n == 0 else "correct")
        for n in range(24)
    ]
    runs.keep(_runs.run("naive on codeqa", "naive"), first)
    runs.keep(_runs.run("rag on codeqa"), second)
    runs.keep(_runs.run("sums", "cot", suite="arith", id="other"), first[:3])
    runs.keep(_runs.run("waiting", state="running", id="running"), first[:1])
    runs.keep(_runs.run("nothing", id="nothing"), [])
    yield runs
    runs.store.close()


@pytest.fixture(scope="module")
def bundle(kept: _runs.Kept, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(kept, tmp_path_factory.mktemp("bundle") / "out")


def made(kept: _runs.Kept, out: Path, now: datetime = NOW) -> Path:
    names = ("naive on codeqa", "rag on codeqa", "sums")
    sources = [publish.gather(kept, name) for name in names]
    return publish.publish(sources, out, "What we measured", now=now)


def page(bundle: Path, name: str) -> str:
    return (bundle / name).read_text(encoding="utf-8").replace("\u00a0", " ")


def test_every_link_and_script_of_every_page_is_in_the_bundle(bundle: Path):
    pages = sorted(bundle.glob("*.html"))
    assert [each.name for each in pages] == [
        "compare-naive-on-codeqa--rag-on-codeqa.html",
        "index.html",
        "run-naive-on-codeqa.html",
        "run-rag-on-codeqa.html",
        "run-sums.html",
    ]
    for each in pages:
        for target in re.findall(r'(?:href|src)="([^"#]+)', each.read_text(encoding="utf-8")):
            assert (bundle / target).is_file(), f"{each.name} names {target}"


def test_nothing_is_fetched_and_no_module_is_imported(bundle: Path):
    for each in [
        *bundle.glob("*.html"),
        *bundle.glob("assets/*/*.css"),
        *bundle.glob("assets/js/*"),
    ]:
        text = re.sub(r'xmlns(:\w+)?="[^"]+"|rdf:resource="[^"]+"', "", each.read_text("utf-8"))
        assert not re.search(r'https?://|\bfetch\(|XMLHttp|type="module"|\bimport\b', text), (
            each.name
        )


def test_nothing_of_the_machine_or_the_owner_is_published(bundle: Path):
    secrets = (_runs.OWNER, _runs.SECRET_PATH, str(Path.home()) + "/", "naiveoncodeqa0123")
    for each in publish.files(bundle):
        data = each.read_bytes()
        assert not [word for word in secrets if word.encode() in data], each.name


def test_what_a_model_wrote_is_never_markup(bundle: Path):
    for each in bundle.glob("*.html"):
        seen = Seen()
        seen.feed(each.read_text(encoding="utf-8"))
        assert seen.wrong == [], each.name
    listed = page(bundle, "data/rag-on-codeqa/samples.js")
    told = json.loads(re.fullmatch(r'plumbline\.samples\("[\w-]+", (.*)\);\n', listed)[1])  # pyright: ignore
    assert len(told["rows"]) == 24 and told["rows"][1][7].startswith("</script>")


def test_first_the_sentence_then_the_figures_with_intervals(bundle: Path):
    text = page(bundle, "run-naive-on-codeqa.html")
    assert "naive on codeqa: 66.7 % of 18 questions right (95 % " in text
    assert "Right answers" in text and "Faithfulness" in text and "Time for an answer" in text
    assert "measured 20 Nov 2026, 09:30 UTC, 2" in text
    assert text.count("<svg") == 2 and "By kind of question" in text
    assert "3 runs on arith, codeqa" in page(bundle, "index.html")


def test_a_comparison_says_its_verdict_first_and_shows_flips(bundle: Path):
    text = page(bundle, "compare-naive-on-codeqa--rag-on-codeqa.html")
    told = json.loads(page(bundle, "data/naive-on-codeqa--rag-on-codeqa.json"))
    assert told["broken"] == ["q0"] and len(told["fixed"]) == 6
    assert [flip["item"] for flip in told["flips"]["broken"]] == ["q0"]
    assert f"<h1>{told['verdict']['sentence']}</h1>".replace("'", "&#39;") in text
    assert "From right to wrong: 1" in text and "From wrong to right: 6" in text
    assert "points, rag on codeqa minus naive on codeqa" in text
    assert "id" not in told["first"]


def test_data_lies_beside_as_json_and_parquet_and_charts_as_png_and_svg(bundle: Path):
    told = json.loads(page(bundle, "data/rag-on-codeqa.json"))
    assert told["report"]["passed"]["n"] == 24 and told["provenance"]["settings"]
    table = pq.read_table(bundle / "data" / "rag-on-codeqa.parquet")
    assert table.num_rows == 24 and table["outcome"].to_pylist().count("correct") == 23
    for chart in (bundle / "charts").glob("*.svg"):
        assert ElementTree.parse(chart).getroot().tag.endswith("svg")
        assert chart.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert (bundle / "charts" / "overview.png").is_file()


def test_the_manifest_has_the_hash_of_every_file(bundle: Path):
    listed = json.loads(page(bundle, "manifest.json"))["files"]
    found = {each.relative_to(bundle).as_posix(): each for each in publish.files(bundle)}
    assert set(listed) == set(found) - {"manifest.json"}
    for name, told in listed.items():
        assert told["sha256"] == hashlib.sha256(found[name].read_bytes()).hexdigest()


def test_the_same_runs_give_the_same_bytes_and_another_day_only_its_date(
    kept: _runs.Kept, bundle: Path, tmp_path: Path
):
    again, later = made(kept, tmp_path / "again"), made(kept, tmp_path / "later", LATER)
    for each in publish.files(bundle):
        name = each.relative_to(bundle)
        assert (again / name).read_bytes() == each.read_bytes(), name
        if name.name != "manifest.json":
            other = (later / name).read_bytes().replace(b"2026-11-22", b"2026-11-21")
            assert other == each.read_bytes(), name


def test_a_folder_with_something_else_in_it_is_left_alone(kept: _runs.Kept, tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(BadInput, match="not empty"):
        publish.publish([publish.gather(kept, "sums")], tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_an_earlier_bundle_is_replaced_whole(kept: _runs.Kept, tmp_path: Path):
    out = publish.publish([publish.gather(kept, "rag on codeqa")], tmp_path / "out", now=NOW)
    publish.publish([publish.gather(kept, "sums")], out, now=NOW)
    assert not (out / "run-rag-on-codeqa.html").exists() and (out / "run-sums.html").exists()


def test_two_runs_of_one_name_are_told_apart(kept: _runs.Kept, tmp_path: Path):
    one = publish.gather(kept, "rag on codeqa")
    out = publish.publish([one, one], tmp_path / "out", now=NOW)
    assert (out / "compare-rag-on-codeqa--rag-on-codeqa-2.html").exists()
    assert "rag on codeqa (2)" in page(out, "index.html")


@pytest.mark.parametrize(("name", "said"), [("waiting", "is running"), ("nothing", "no answer")])
def test_a_run_that_is_not_over_or_empty_is_refused(kept: _runs.Kept, name: str, said: str):
    with pytest.raises(BadInput, match=said):
        publish.gather(kept, name)


def test_no_run_is_no_bundle(tmp_path: Path):
    with pytest.raises(BadInput, match="no run"):
        publish.publish([], tmp_path / "out")


def test_the_download_is_one_zip_with_one_folder(kept: _runs.Kept, tmp_path: Path):
    made = publish.publish_zip(kept, ["sums"], tmp_path / "exports", None)
    assert made.name == "sums.zip" and [made] == [*made.parent.iterdir()]
    names = zipfile.ZipFile(made).namelist()
    assert "sums/index.html" in names and {name.split("/")[0] for name in names} == {"sums"}


def test_a_sample_taken_from_an_earlier_run_is_called_replayed(kept: _runs.Kept, tmp_path: Path):
    source = publish.gather(kept, "sums")
    cached = {**source.report, "samples": {**source.report["samples"], "cached": 3}}
    out = publish.publish([replace(source, report=cached)], tmp_path / "out", now=NOW)
    told = json.loads(page(out, "data/sums.json"))["origin"]
    assert told["kind"] == "replayed" and "from earlier runs" in told["said"]
