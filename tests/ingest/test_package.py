"""Installed packages, found by either of their names and never imported."""

import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from core.errors import NotFound
from ingest import package
from tests import source


def test_a_package_is_found_with_its_version():
    found = package.find("transformers")
    assert found.version == version("transformers")
    assert found.prefix == "transformers/"
    assert (found.root / "models" / "llama" / "modeling_llama.py").is_file()


@pytest.mark.parametrize("name", ["scikit-learn", "scikit_learn", "Scikit-Learn", "sklearn"])
def test_the_name_for_pip_and_the_name_for_import_are_the_same_package(name: str):
    found = package.find(name)
    assert (found.name, found.version) == ("sklearn", version("scikit-learn"))


def test_a_module_of_one_file_is_that_file():
    found = package.find("typing_extensions")
    assert (found.only, found.prefix) == ("typing_extensions.py", "")
    assert (found.root / found.only).is_file()


def test_the_standard_library_has_the_version_of_python():
    assert package.find("json").version == platform.python_version()
    assert package.find("os").only == "os.py"


@pytest.mark.parametrize("name", ["no-such-package", "sys", "__main__", "a.b", "core", "docs", ""])
def test_what_is_not_installed_is_not_found(name: str):
    """The project's own folders are on the path of Python here, and still no packages."""
    with pytest.raises(NotFound) as caught:
        package.find(name)
    assert repr(name) in caught.value.message
    assert caught.value.hint
    assert not package.is_installed(name)


def test_a_name_that_packages_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "sharedname" / "one").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(NotFound, match="several packages share"):
        package.find("sharedname")


def test_nothing_is_imported_to_find_it(tmp_path: Path):
    """The package writes a file and ends the program when it is imported."""
    proof = tmp_path / "ran"
    inner = tmp_path / "dangerous"
    inner.mkdir()
    (inner / "__init__.py").write_text(f"open({str(proof)!r}, 'w')\nraise SystemExit(9)\n")
    code = "from ingest import package; print(package.find('dangerous').root)"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{tmp_path}:{source.ROOT}"},
        cwd=source.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(ended.stdout.strip()) == inner.resolve()
    assert not proof.exists()
