"""Where an installed package lies and which version it is, without importing it.

It knows distributions ("scikit-learn") and the modules they bring ("sklearn"). It reads no
source file.
"""

import importlib.util
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Package:
    """A package's version and its files: a folder, and in it one file if that is all there is."""

    name: str
    version: str
    root: Path
    prefix: str = ""
    only: str = ""


def find(name: str) -> Package:
    """Return the installed package of that name, as it is imported or as pip knows it."""
    found = _spec(name)
    module = name
    if found is None:
        module, found = next(_brought(name), (name, None))
    if found and found.submodule_search_locations and found.origin:
        return Package(module, version(name), Path(found.origin).resolve().parent, f"{module}/")
    if found and found.origin and found.origin.endswith(".py"):
        file = Path(found.origin).resolve()
        return Package(module, version(name), file.parent, only=file.name)
    if found and found.submodule_search_locations:
        raise NotFound(
            f"{module!r} is a name that several packages share.",
            "Give the folder of the one you want, such as ./name.",
        )
    raise NotFound(
        f"No Python package {name!r} is installed here.",
        "Check its name with pip list; for a folder give its path, such as ./name.",
    )


def is_installed(name: str) -> bool:
    """Say whether a package of that name is here."""
    try:
        find(name)
    except NotFound:
        return False
    return True


def version(name: str) -> str:
    """Return the installed version; blank where it is not recorded."""
    try:
        return distribution(name).version
    except (PackageNotFoundError, ValueError):
        pass
    if name in sys.stdlib_module_names:
        return platform.python_version()
    owners = packages_distributions().get(name, ())
    return distribution(owners[0]).version if owners else ""


def _brought(name: str) -> Iterator[tuple[str, ModuleSpec]]:
    """Yield the modules that a distribution brings, those without an underscore first."""
    try:
        known = distribution(name)
    except (PackageNotFoundError, ValueError):
        return
    named = (known.read_text("top_level.txt") or "").split()
    modules = {*named, *(file.parts[0].removesuffix(".py") for file in known.files or ())}
    for module in sorted(modules, key=lambda module: (module.startswith("_"), module)):
        spec = _spec(module)
        if spec:
            yield module, spec


def _spec(module: str) -> ModuleSpec | None:
    """Return where a top-level module lies, unless that is merely the working folder."""
    if not module.isidentifier() or module.startswith("__"):
        return None
    here = Path.cwd()
    paths = [path for path in sys.path if Path(path or ".").resolve() != here]
    spec = PathFinder.find_spec(module, paths)
    return spec or _editable(module, here)


def _editable(module: str, here: Path) -> ModuleSpec | None:
    """Return what the finders of packages installed in editable mode say."""
    try:
        spec = importlib.util.find_spec(module)
    except (ValueError, ImportError):
        return None
    lies = spec and (spec.origin or next(iter(spec.submodule_search_locations or ()), None))
    if not lies or here in (Path(lies).parent, Path(lies).parent.parent):
        return None
    return spec
