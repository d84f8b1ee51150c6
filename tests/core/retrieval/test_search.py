"""Every mode runs its stages, says where each put a hit, and refuses what cannot be searched."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import BadInput, TooLarge
from core.retrieval.found import MAX_K, Filters, Query
from core.retrieval.search import NO_RERANKER, NO_VECTORS, Knobs, Searcher, checked
from core.seams import Asked, Candidate
from tests.core.retrieval.searching import anything, headed, rows, searcher, vectors_of


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    return searcher(tmp_path_factory.mktemp("small"))


def found(small: Searcher, text: str, **changes: object) -> list[str]:
    query = replace(Query(text, top_k=10), **changes)  # pyright: ignore[reportArgumentType]
    return [hit.chunk.symbol for hit in small.search(query).hits]


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid"])
def test_each_mode_finds_the_chunk_that_shares_the_words(small: Searcher, mode: str):
    assert found(small, "bread flour oven", mode=mode)[0] == "Bread"


def test_places_tell_every_stage_in_order(small: Searcher):
    hit = small.search(Query("close the socket", mode="reranked")).hits[0]
    assert [place.stage for place in hit.places] == ["lexical", "dense", "fused", "reranked"]
    assert hit.places[-1].rank == 1
    assert hit.score == hit.places[-1].score
    lexical = small.search(Query("close the socket", mode="lexical")).hits[0]
    assert [(place.stage, place.rank) for place in lexical.places] == [("lexical", 1)]


def test_every_stage_has_a_time(small: Searcher):
    seconds = small.search(Query("close the socket")).seconds
    assert set(seconds) == {"lexical", "embed", "dense", "fuse", "rerank", "floor", "total"}
    assert all(value >= 0 for value in seconds.values())
    assert sum(value for name, value in seconds.items() if name != "total") <= seconds["total"]


def test_the_reranker_decides_among_the_first(small: Searcher, tmp_path: Path):
    hits = small.search(Query("socket", top_k=8)).hits
    lengths = [len(headed(hit.chunk)) for hit in hits]
    assert lengths == sorted(lengths, reverse=True)
    two = searcher(tmp_path, knobs=Knobs(reread=2)).search(Query("socket", top_k=8))
    fused = searcher(tmp_path / "b").search(Query("socket", top_k=8, mode="hybrid"))
    assert {h.chunk.id for h in two.hits[:2]} == {h.chunk.id for h in fused.hits[:2]}
    assert [h.chunk.id for h in two.hits[2:]] == [h.chunk.id for h in fused.hits[2:]]


def test_a_weight_of_zero_leaves_a_ranking_out(tmp_path: Path):
    words = searcher(tmp_path, knobs=Knobs(dense_weight=0.0))
    first = words.search(Query("pool of sockets", mode="hybrid")).hits[0]
    assert first.places[0].rank == 1


def test_terms_are_the_words_as_written(small: Searcher):
    hit = small.search(Query("bread with flour", mode="lexical")).hits[0]
    assert hit.terms == ("Flour",)


def test_a_hit_is_the_whole_chunk(small: Searcher):
    chunk = small.search(Query("ReadLines", mode="lexical")).hits[0].chunk
    assert (chunk.id, chunk.path, chunk.kind) == ("c5", "files/read.go", "function")
    assert chunk.names == ("self",)
    assert chunk.span == (0, len(chunk.text))


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid", "reranked"])
def test_filters_hold_in_every_mode(small: Searcher, mode: str):
    only = Filters(languages=("markdown",))
    symbols = found(small, "open a socket and read lines", mode=mode, filters=only)
    assert set(symbols) <= {"Reading", "Bread"}
    assert "Reading" in symbols


@pytest.mark.parametrize("mode", ["lexical", "dense", "hybrid", "reranked"])
def test_filters_that_match_nothing_find_nothing(small: Searcher, mode: str):
    assert found(small, "socket", filters=Filters(paths=("nowhere/",)), mode=mode) == []


def test_no_vector_is_asked_for_where_no_chunk_is_allowed(tmp_path: Path):
    asked: list[list[str]] = []
    none = searcher(tmp_path, vectors=lambda names: asked.append(names))
    query = Query("socket", filters=Filters(paths=("nowhere/",)))
    results = none.search(query)
    assert (results.hits, results.misses, asked) == ((), (), [])
    assert "rerank" not in results.seconds


def test_a_filtered_search_goes_deep_enough(tmp_path: Path):
    columns = rows([("a.py", "text", "", "python", f"socket {n}") for n in range(60)])
    columns["path"][55] = "b.py"
    deep = searcher(tmp_path, rows=columns, knobs=Knobs(pool=2))
    hits = deep.search(Query("socket", mode="dense", filters=Filters(paths=("b.py",)))).hits
    assert [hit.chunk.id for hit in hits] == ["c55"]


def test_a_filtered_search_may_compare_with_the_truth(tmp_path: Path):
    columns, asked = rows(), []

    def truth(names: list[str]):
        asked.append(names)
        places = [columns["id"].index(name) for name in names]
        return names, vectors_of(columns)[places]

    exact = searcher(tmp_path, rows=columns, vectors=truth)
    hits = exact.search(Query("bread", mode="dense", filters=Filters(kinds=("section",)))).hits
    assert [hit.chunk.symbol for hit in hits] == ["Bread", "Reading"]
    assert asked == [["c6", "c7"]]


@pytest.mark.parametrize("mode", ["dense", "hybrid", "reranked"])
def test_without_vectors_words_answer_and_say_so(tmp_path: Path, mode: str):
    wordy = searcher(tmp_path, index=None)
    results = wordy.search(Query("bread", mode=mode))  # pyright: ignore[reportArgumentType]
    assert (results.used, results.notice) == ("lexical", NO_VECTORS)
    assert results.hits[0].chunk.symbol == "Bread"
    told = searcher(tmp_path, index=None, notice="Half of it is embedded.")
    assert told.search(Query("bread")).notice == "Half of it is embedded."


def test_without_a_reranker_the_order_before_it_is_given(tmp_path: Path):
    results = searcher(tmp_path, reranker=None).search(Query("bread"))
    assert (results.used, results.notice) == ("hybrid", NO_RERANKER)


def test_results_name_what_was_searched(tmp_path: Path):
    results = searcher(tmp_path, corpus="small", generation=3).search(Query("bread"))
    assert (results.corpus, results.generation, results.notice) == ("small", 3, "")
    assert results.query.text == "bread"


def test_vectors_of_chunks_that_are_gone_are_passed_over(tmp_path: Path):
    columns = rows()
    gone = searcher(tmp_path, rows=columns)
    gone._index.write(["gone#0"], vectors_of(columns)[-1:])  # pyright: ignore[reportOptionalMemberAccess]
    assert found(gone, "bread flour oven", mode="dense")[0] == "Bread"


@pytest.mark.parametrize("text", ["", "   \n"])
def test_an_empty_question_is_refused(text: str):
    with pytest.raises(BadInput, match="empty"):
        checked(Query(text))


def test_a_question_of_100_kilobytes_is_refused():
    with pytest.raises(TooLarge, match="100,000 characters"):
        checked(Query("x" * 100_000))


@pytest.mark.parametrize("k", [0, -1, MAX_K + 1, 1_000_000])
def test_a_number_of_results_that_makes_no_sense_is_refused(k: int):
    with pytest.raises(BadInput, match="results cannot be given"):
        checked(Query("text", top_k=k))


def test_an_unknown_mode_is_refused():
    with pytest.raises(BadInput, match="'psychic' is no mode"):
        checked(Query("text", mode="psychic"))  # pyright: ignore[reportArgumentType]


def test_signs_alone_and_broken_letters_are_searched(small: Searcher):
    assert found(small, "?? !!", mode="lexical") == []
    assert len(found(small, "?? !!")) > 0
    assert small.search(Query("bread \ud800")).query.text == "bread ?"


def test_words_alone_bring_the_definition_of_a_written_name_first(small: Searcher):
    assert found(small, "open_pool", mode="lexical")[:2] == ["open_pool", "drain"]


def test_below_the_floor_the_nearest_are_told_as_misses(tmp_path: Path):
    def nothing(asked: Asked, candidates: Sequence[Candidate], nearest: float) -> float:
        return -1.0

    strict = searcher(tmp_path, floors=(anything, nothing))
    results = strict.search(Query("close the socket", top_k=3))
    assert results.hits == ()
    assert [miss.chunk.symbol for miss in results.misses][:1] == ["Client"]
    assert len(results.misses) == 3
    assert strict.search(Query("close the socket", mode="lexical")).misses == ()


def test_the_floor_judges_the_best_of_the_last_order(tmp_path: Path):
    shown: list[tuple[Asked, list[str], float]] = []

    def look(asked: Asked, candidates: Sequence[Candidate], nearest: float) -> float:
        shown.append((asked, [each.chunk.symbol for each in candidates], nearest))
        return 1.0

    results = searcher(tmp_path, floors=(look, look)).search(Query("bread zzyzx", top_k=8))
    ((asked, symbols, nearest),) = shown
    assert (asked.unknown, asked.chunks) == ({"zzyzx"}, 8)
    assert asked.words["zzyzx"] > asked.words["bread"] > 0
    assert symbols == [hit.chunk.symbol for hit in results.hits]
    assert nearest == max(p.score for hit in results.hits for p in hit.places if p.stage == "dense")
