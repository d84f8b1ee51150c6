"""The way from blank, from the first step and from every step between, ends in the same place."""

import re
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from core.errors import StateError
from core.store import migrations
from core.store.connection import Store

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, column_index FROM duckdb_columns()
WHERE NOT internal ORDER BY ALL
"""
CONSTRAINTS = "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL"


def schema(store):
    return store.rows(COLUMNS), store.rows(CONSTRAINTS)


def written_by(folder: Path, steps: int) -> None:
    connection = duckdb.connect(folder / "plumbline.duckdb")
    migrations.apply(connection, folder, migrations.STEPS[:steps])
    connection.execute("INSERT INTO chats VALUES ('old', 'o', 'from before', now(), now())")
    connection.close()


@pytest.mark.parametrize("steps", range(1, len(migrations.STEPS) + 1))
def test_any_earlier_database_arrives_with_its_rows(tmp_path, store, steps):
    earlier = tmp_path / "earlier"
    earlier.mkdir()
    written_by(earlier, steps)
    opened = Store.open(earlier)
    assert schema(opened) == schema(store)
    assert opened.rows("SELECT title FROM chats") == [("from before",)]
    assert opened.rows("SELECT number FROM migrations ORDER BY number") == [
        (number,) for number in range(1, len(migrations.STEPS) + 1)
    ]
    opened.close()


def test_the_tables_of_a_blank_database(store):
    tables = {row[0] for row in store.rows("SELECT table_name FROM duckdb_tables()")}
    assert {"chats", "messages", "generations", "snapshots", "jobs", "job_records"} <= tables
    assert {"corpora", "files", "chunks", "pieces", "embeddings"} <= tables


def test_opening_twice_runs_each_step_once(tmp_path):
    Store.open(tmp_path).close()
    again = Store.open(tmp_path)
    rows = again.rows("SELECT number, name FROM migrations ORDER BY number")
    again.close()
    assert rows[0] == (1, "m001_chats")
    assert len(rows) == len(migrations.STEPS)


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    store = Store.open(tmp_path)
    beyond = len(migrations.STEPS) + 1
    store.write("INSERT INTO migrations VALUES (?, 'm999_later', now())", [beyond])
    store.close()
    before = (tmp_path / "plumbline.duckdb").read_bytes()
    with pytest.raises(StateError, match="newer Plumbline") as caught:
        Store.open(tmp_path)
    assert f"step {beyond}" in caught.value.message
    assert (tmp_path / "plumbline.duckdb").read_bytes() == before


def test_a_step_that_fails_half_way_leaves_nothing(tmp_path):
    connection = duckdb.connect(tmp_path / "x.duckdb")
    statements = ("CREATE TABLE half (a INTEGER)", "CREATE TABLE half (a INTEGER)")
    broken = SimpleNamespace(__name__="m005_broken", STATEMENTS=statements)
    with pytest.raises(duckdb.Error):
        migrations.apply(connection, tmp_path, (*migrations.STEPS, broken))  # type: ignore[arg-type]
    tables = {row[0] for row in connection.execute("SHOW TABLES").fetchall()}
    applied = connection.execute("SELECT max(number) FROM migrations").fetchall()
    connection.close()
    assert "half" not in tables
    assert applied == [(len(migrations.STEPS),)]


def test_every_numbered_module_is_in_the_list_in_order():
    folder = Path(migrations.__file__).parent
    files = sorted(path.stem for path in folder.glob("m[0-9]*.py"))
    listed = [step.__name__.rpartition(".")[2] for step in migrations.STEPS]
    assert listed == files
    numbers = [int(re.match(r"m(\d{3})_", name)[1]) for name in files]  # type: ignore[index]
    assert numbers == list(range(1, len(files) + 1))
