"""Who may import whom, where import-linter cannot say it: libraries by place, app, start-up."""

import ast
import re

import grimp

from tests import source, started

PACKAGES = ("core", "ingest", "eval", "pages")

# library → the only files that may import it
PLACES = {
    "gradio": r"app\.py|pages/.*",
    "fastapi": r"app\.py|core/server/.*|(core|ingest|eval)/(.+/)?routes\.py",
    "starlette": r"app\.py|core/server/.*|(core|ingest|eval)/(.+/)?routes\.py",
    "duckdb": r"core/store/.*",
    "streamlit": r"eval/viewer/.*",
    "app": r"(?!)",
    "bench": r"(?!)",
    "tests": r"(?!)",
}
HEAVY = {"torch", "transformers", "peft", "trl", "accelerate", "sentence_transformers", "chromadb"}


def imported(node: ast.AST) -> list[str]:
    """Return the top-level names an import statement reaches, relative ones excluded."""
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module.partition(".")[0]]
    return []


def test_libraries_are_imported_only_in_their_place():
    wrong = [
        f"{source.name(path)}:{node.lineno} imports {library}"
        for path in source.shipped()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for library in imported(node)
        if library in PLACES and not re.fullmatch(PLACES[library], source.name(path))
    ]
    assert wrong == []


def test_eval_is_never_imported_by_its_bare_name():
    wrong = [
        f"{source.name(path)}:{node.lineno}"
        for path in source.python()
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.Import) and any(alias.name == "eval" for alias in node.names)
    ]
    assert wrong == []


def test_pages_import_only_shared_pages():
    graph = grimp.build_graph("pages", cache_dir=None)
    wrong = [
        f"{page} imports {other}"
        for page in graph.modules
        for other in graph.find_modules_directly_imported_by(page)
        if other.startswith("pages.")
        and page.startswith("pages.")
        and not other.rpartition(".")[2].startswith("_")
    ]
    assert wrong == []


def test_every_package_at_the_top_is_in_the_contracts():
    tops = {source.name(path).partition("/")[0] for path in source.python()}
    packages = {top for top in tops if (source.ROOT / top).is_dir()}
    assert packages == {*PACKAGES, "bench", "docs", "tests"}


def test_no_module_imports_itself_in_a_circle():
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    ours = {module for module in graph.modules if module.partition(".")[0] in PACKAGES}
    circles = sorted(
        (one, other)
        for one in ours
        for other in graph.find_modules_directly_imported_by(one)
        if graph.chain_exists(importer=other, imported=one)
    )
    assert circles == []


def test_start_up_leaves_the_heavy_libraries_alone():
    assert HEAVY & set(started.composed()["modules"]) == set()


def test_process_environment_comes_first():
    for path in [p for p in source.shipped() if p.name in {"app.py", "__main__.py"}]:
        imports = [n for n in source.tree(path).body if isinstance(n, ast.Import | ast.ImportFrom)]
        ours = [n for n in imports if _ours(n)]
        assert ours, source.name(path)
        assert "process" in ast.unparse(ours[0]), f"{source.name(path)} must import core.process"


def _ours(node: ast.Import | ast.ImportFrom) -> bool:
    return bool({*imported(node)} & set(PACKAGES))
