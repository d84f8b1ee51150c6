"""The store: opening, transactions, threads, bulk rows, closing."""

import threading

import duckdb
import pytest

from core.errors import BadInput, StateError
from core.store.connection import Store, insert_many


def count(store):
    return store.rows("SELECT count(*) FROM chats")[0][0]


def add(cursor, id):
    moment = "2026-01-01 00:00:00"
    cursor.execute("INSERT INTO chats VALUES (?, 'o', 't', ?, ?)", [id, moment, moment])


def test_what_was_written_is_there_after_closing_and_opening(tmp_path):
    first = Store.open(tmp_path)
    with first.writing() as cursor:
        add(cursor, "a")
    first.close()
    assert not (tmp_path / "plumbline.duckdb.wal").exists()
    second = Store.open(tmp_path)
    assert second.rows("SELECT id FROM chats") == [("a",)]
    assert second.notices == ()
    assert second.path == tmp_path / "plumbline.duckdb"
    second.close()


def test_an_exception_leaves_nothing_of_its_transaction(store):
    with pytest.raises(RuntimeError), store.writing() as cursor:
        add(cursor, "a")
        raise RuntimeError
    assert count(store) == 0
    with store.writing() as cursor:
        add(cursor, "b")
    assert count(store) == 1


def test_an_error_of_the_database_is_told_in_our_words_and_rolled_back(store):
    with store.writing() as cursor:
        add(cursor, "a")
    with pytest.raises(BadInput, match="already kept"), store.writing() as cursor:
        add(cursor, "b")
        add(cursor, "a")
    assert count(store) == 1


def test_a_bad_query_names_no_library_class_in_its_type(store):
    with pytest.raises(StateError) as caught:
        store.rows("SELECT nothing FROM nowhere")
    assert isinstance(caught.value.__cause__, duckdb.Error)
    assert str(store.path) not in caught.value.message


def test_every_thread_has_a_cursor_of_its_own(store):
    seen = [store.cursor(), store.cursor()]
    thread = threading.Thread(target=lambda: seen.append(store.cursor()))
    thread.start()
    thread.join()
    assert seen[0] is seen[1]
    assert seen[2] is not seen[0]


def test_writers_in_many_threads_do_not_mix(store):
    def work(name):
        for number in range(10):
            with store.writing() as cursor:
                add(cursor, f"{name}-{number}")
                mine = f"SELECT count(*) FROM chats WHERE id LIKE '{name}-%'"
                counts.append(cursor.execute(mine).fetchall()[0][0] == number + 1)

    counts: list[bool] = []
    threads = [threading.Thread(target=work, args=(name,)) for name in "abcdef"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 60
    assert all(counts)
    assert count(store) == 60


def test_closing_while_others_read_ends_them_in_words(tmp_path):
    store = Store.open(tmp_path)
    errors: list[BaseException] = []
    started = threading.Event()

    def read():
        try:
            while True:
                store.rows("SELECT count(*) FROM range(20000000)")
                started.set()
        except StateError as error:
            errors.append(error)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    started.wait()
    store.close()
    for thread in threads:
        thread.join()
    assert [error.message for error in errors] == ["The record store is closed."] * 2
    store.close()
    Store.open(tmp_path).close()


def test_a_closed_store_says_so(tmp_path):
    store = Store.open(tmp_path)
    store.close()
    with pytest.raises(StateError, match="closed"):
        store.rows("SELECT 1")


def test_nothing_is_fetched_and_nothing_can_be_reconfigured(store):
    settings = dict(
        store.rows("SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%extensions'")
    )
    assert settings == {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with pytest.raises(StateError):
        store.rows("SET autoload_known_extensions = true")


def test_memory_is_limited_as_asked(tmp_path):
    store = Store.open(tmp_path, memory="64MB")
    limit = store.rows("SELECT value FROM duckdb_settings() WHERE name = 'memory_limit'")
    store.close()
    assert limit == [("61.0 MiB",)]


def test_an_impossible_memory_limit_is_refused_and_moves_nothing(tmp_path):
    Store.open(tmp_path).close()
    with pytest.raises(StateError):
        Store.open(tmp_path, memory="lots")
    assert [path.name for path in tmp_path.iterdir()] == ["plumbline.duckdb"]


@pytest.mark.parametrize("many", [3, 3000])
def test_many_rows_go_in_at_once_and_only_once(store, many):
    row = {"owner": "o", "title": "t", "created": None, "updated": None}
    moment = store.rows("SELECT TIMESTAMP '2026-01-01'")[0][0]
    rows = [{**row, "id": str(n), "created": moment, "updated": moment} for n in range(many)]
    for _ in range(2):
        with store.writing() as cursor:
            insert_many(cursor, "chats", rows)
    assert count(store) == many
    with store.writing() as cursor:
        insert_many(cursor, "chats", [])
