"""What visitors may do: everything where they are alone, their own where strangers come."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import Conflict, Forbidden, NotFound, TooLarge
from core.store.connection import Store
from eval.datasets.fields import Mapping
from eval.datasets.service import PUBLIC_ROWS, PUBLIC_SUITES, Datasets
from eval.datasets.suites import About
from tests import parts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def public(tmp_path: Path, store: Store) -> Datasets:
    return Datasets(parts.settings(tmp_path / "data", public=1), store)


def bring(datasets: Datasets, folder: Path, name: str, owner: str | None, rows: int = 1) -> None:
    file = folder / "q.csv"
    file.write_text("question,answer\n" + "".join(f"{name} {n}?,x\n" for n in range(rows)))
    found = datasets.examine(file, Mapping(), owner=owner)
    datasets.keep(name, found, About(), owner)


def test_alone_everybody_may_do_everything(tmp_path: Path, store: Store):
    datasets = Datasets(parts.settings(tmp_path / "data"), store)
    for n in range(PUBLIC_SUITES + 1):
        bring(datasets, tmp_path, f"ann-{n}", "ann", PUBLIC_ROWS + 1 if not n else 1)
    assert datasets.get("ann-0", "bob").count == PUBLIC_ROWS + 1
    bring(datasets, tmp_path, "ann-1", "bob", 2)
    datasets.delete("ann-2", "bob")


def test_strangers_have_their_own(public: Datasets, tmp_path: Path):
    bring(public, tmp_path, "ann", "ann")
    bring(public, tmp_path, "house", None)
    assert {suite.name for suite in public.list("bob")} & {"ann", "house"} == {"house"}
    assert {suite.name for suite in public.list()} >= {"ann", "house"}
    for look in (public.get, public.versions, public.items, public.delete):
        with pytest.raises(NotFound):
            look("ann", "bob")
    with pytest.raises(Conflict, match="is taken"):
        bring(public, tmp_path, "ann", "bob", 2)
    with pytest.raises(Forbidden, match="not brought by you"):
        public.delete("house", "ann")
    public.delete("ann", "ann")
    public.delete("house")


def test_strangers_bring_few_and_small_ones(public: Datasets, tmp_path: Path):
    with pytest.raises(TooLarge, match="more than 2,000 rows"):
        bring(public, tmp_path, "large", "ann", PUBLIC_ROWS + 1)
    for n in range(PUBLIC_SUITES):
        bring(public, tmp_path, f"ann-{n}", "ann")
    with pytest.raises(Forbidden, match="all it keeps for one"):
        bring(public, tmp_path, "ann-more", "ann")
    bring(public, tmp_path, "ann-0", "ann", 2)
    bring(public, tmp_path, "bob", "bob")
