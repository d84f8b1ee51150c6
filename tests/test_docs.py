"""The documentation tells what there is: all of it, and nothing that is not there."""

import json
import re
from pathlib import Path

import pytest

import pages
from core.settings import names
from docs import generate
from tests import source, started

DOCS = source.ROOT / "docs"
# Variables the docs mention that other programs read.
FOREIGN = {
    "PIP_EXTRA_INDEX_URL",
    "PYTHON",
    "HF_HUB_OFFLINE",
    "HF_ENDPOINT",
    "HF_TOKEN",
    "CI",
    "JOB_DIR",
    "NAME",
}


def markdown() -> list[Path]:
    return [path for path in source.files() if path.suffix == ".md"]


def text(*names: str) -> str:
    return "\n".join((source.ROOT / name).read_text(encoding="utf-8") for name in names)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z%-]+):", text("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", list(generate.generated()))
def test_generated_parts_equal_their_source(name: str):
    assert text(name) == generate.generated()[name], "run `make docs`"


def test_a_block_without_its_markers_is_refused():
    with pytest.raises(ValueError, match="0 times"):
        generate.with_block("nothing here", "figures", "x")


def test_rankings_show_each_way_with_its_interval(tmp_path: Path):
    way = {f"recall@{k}": [51.9, 47.7, 55.9] for k in (1, 5, 10)}
    way |= {"mrr@10": [0.3624, 0.329, 0.394], "ndcg@10": [0.4, 0.3, 0.5]}
    found = {"figures": {"test: ours": way, "test: chunks": 7}}
    (tmp_path / "retrieval.json").write_text(json.dumps(found))
    *_, row = rows = generate.rankings(tmp_path).splitlines()
    assert row.startswith("| test: ours | 51.9 (47.7 to 55.9) |")
    assert row.endswith("| 0.362 (0.329 to 0.394) | 0.400 (0.300 to 0.500) |")
    assert len(rows) == 3


def test_every_setting_is_documented():
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/settings.md"), re.MULTILINE))
    assert documented == set(names())


def test_every_page_of_the_app_is_documented():
    documented = re.findall(r"^## (.+)$", text("docs/pages.md"), re.MULTILINE)
    assert documented == [page.title for page in pages.PAGES]
    for page in pages.PAGES:
        assert f"`/?tab={page.slug}`" in text("docs/pages.md")


def test_every_route_is_documented_with_its_method():
    page = text("docs/api.md")
    missing = [route for route in started.composed()["routes"] if f"`{route}`" not in page]
    assert missing == []


def test_every_make_target_is_documented_and_helps():
    shown = set(re.findall(r"^([a-z%-]+):.*## \S", text("Makefile"), re.MULTILINE))
    assert targets() - shown == {"packages"}
    for target in targets():
        assert f"`make {target.replace('%', 'NAME')}`" in text("docs/commands.md"), target


def test_every_make_command_the_docs_name_exists():
    for path in markdown():
        for target in re.findall(r"\bmake ([a-z]+[a-z-]*)\b(?=[`\n ]*[`\n;])", path.read_text()):
            known = target in targets() or (
                target.startswith("bench-") and (source.ROOT / f"bench/{target[6:]}.py").is_file()
            )
            assert known, f"{source.name(path)} names make {target}"


def test_every_benchmark_is_documented():
    for path in source.python("bench/"):
        if not path.name.startswith("_"):
            words = (f"`make bench-{path.stem}`", f"`make {path.stem}`")
            assert any(word in text("docs/commands.md") for word in words), path.stem


def test_every_module_with_a_command_line_is_documented():
    for path in source.python("core/", "ingest/", "eval/", "docs/"):
        if '__name__ == "__main__"' in path.read_text(encoding="utf-8"):
            module = source.name(path).removesuffix(".py").replace("/", ".")
            module = module.removesuffix(".__main__")
            assert f"`python -m {module}" in text("docs/commands.md"), module


def test_every_page_of_the_docs_is_listed_and_every_link_leads_somewhere():
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", text("docs/index.md")))
    assert listed == {path.name for path in DOCS.glob("*.md")} - {"index.md"}
    for path in markdown():
        for link in re.findall(r"\]\((?!https?:)([^)#\s]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / link).exists(), f"{source.name(path)} links to {link}"


def test_every_variable_the_docs_set_is_a_setting():
    for path in markdown():
        given = re.findall(r"(?<![\w?])([A-Z][A-Z_]{2,})=", path.read_text(encoding="utf-8"))
        unknown = set(given) - set(names()) - FOREIGN
        assert unknown == set(), source.name(path)


def test_the_tree_names_what_exists_and_every_folder_of_core():
    drawn = re.search(r"```\n(.*?)```", text("docs/tree.md"), re.DOTALL)
    assert drawn
    named, top = set(), ""
    for line in drawn[1].splitlines():
        indent, entry = re.match(r"( *)(\S+)", line).groups()  # pyright: ignore[reportOptionalMemberAccess]
        top = "" if not indent else top
        named.add(f"{top}{entry}")
        assert (source.ROOT / f"{top}{entry}").exists(), f"{top}{entry}"
        top = entry if not indent else top
    inside = {source.name(path).split("/")[1] for path in source.python("core/")}
    inside.discard("__init__.py")
    assert inside == {entry.split("/")[1] for entry in named if re.match(r"core/.", entry)}


def test_decisions_are_numbered_and_say_why():
    found = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in found] == list(range(1, len(found) + 1))
    for path in found:
        words = path.read_text(encoding="utf-8")
        assert words.startswith(f"# {int(path.name[:4])}. ")
        for part in ("**Decided.**", "**Why.**", "**What it costs.**"):
            assert part in words, path.name


def test_pictures_are_light():
    found = [path for path in source.files() if path.suffix in {".png", ".jpg", ".gif"}]
    assert "docs/img/chat.png" in {source.name(path) for path in found}
    assert [source.name(path) for path in found if path.stat().st_size > 300_000] == []
