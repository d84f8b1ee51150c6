"""The model is shown what was found, and its words are held against it."""

from collections.abc import Sequence

from core.assistant.methods.checking import UNSUPPORTED, Missing
from core.assistant.methods.rag import NEAREST, Rag, matching
from core.documents import Chunk, Evidence
from core.messages import Delta, Message, Params, Stop
from core.seams import Answer, Step
from tests.core.assistant.says import Says

LONG = "\n".join(["def get(url):", *(f"    step_{i}()" for i in range(300)), "    return cached"])
CHUNKS = [
    Chunk("net.py", 1, 302, LONG, "function", "get", ("url",), "python"),
    Chunk("disk.py", 9, 12, 'def save(path):\n    """Write a page."""', "function", "save"),
]


def ask(says: Says, question: str, found: Sequence[Chunk] = CHUNKS) -> list[Step | Delta | Answer]:
    evidence = [Evidence(chunk, 1.0) for chunk in found]
    rag = Rag(says, lambda _q, k: evidence[:k], "the code")
    turns = [Message("user", "Hello"), Message("assistant", "Hi."), Message("user", question)]
    return list(rag.answer(turns, Params(), Stop()))


def test_the_question_comes_after_numbered_evidence_and_the_history_stays() -> None:
    says = Says("`save` [2]: Write a page.")
    step, delta, answer = ask(says, "What is done with pages?")
    assert isinstance(step, Step) and step.text == "Searched the code: 2 passages"
    assert isinstance(delta, Delta) and isinstance(answer, Answer)
    assert [m.content for m in says.asked[:2]] == ["Hello", "Hi."]
    turn = says.asked[-1].content
    assert "[1] function get(url) in net.py:1-302" in turn
    assert turn.endswith("\n\nQuestion: What is done with pages?")
    assert answer.evidence[0].chunk is CHUNKS[0]
    assert (answer.quote, answer.notices) == ("", ("slow",))


def test_long_evidence_is_cut_around_what_the_question_is_about() -> None:
    says = Says("`get` [1].")
    ask(says, "What does step_250 do in get?")
    shown = says.asked[-1].content
    assert "step_250()" in shown and "step_100()" not in shown and "…" in shown
    larger = Says("`get` [1].", "endpoint", 32_000)
    ask(larger, "What does step_250 do in get?")
    assert len(larger.asked[-1].content) > 2 * len(shown)


def test_what_is_not_supported_stands_beside_a_quote() -> None:
    *_, answer = ask(Says("`save` [2]: Delete every file of the disk."), "How is a page written?")
    assert isinstance(answer, Answer)
    assert "Write a page." in answer.quote and "[2]" in answer.quote
    assert answer.notices == ("slow", UNSUPPORTED)


def test_what_the_question_names_comes_first_and_a_small_model_is_shown_less() -> None:
    more = [Chunk(f"{n}.py", 1, 1, "save = 1", "module") for n in range(3)]
    says = Says("`save` [1]: Write a page.")
    ask(says, "What does `save` do?", [*more, CHUNKS[1]])
    assert "[1] function save() in disk.py" in says.asked[-1].content
    assert "[2]" not in says.asked[-1].content
    ask(says, "How is a page written?", [*more, CHUNKS[1]])
    assert "[3]" in says.asked[-1].content and "[4]" not in says.asked[-1].content
    larger = Says("`save` [1]: Write a page.", "local")
    ask(larger, "What does save do?", [*more, CHUNKS[1]])
    assert "[4]" in larger.asked[-1].content


def test_a_small_model_is_shown_a_class_with_what_makes_it_and_no_namesakes() -> None:
    says = Says("`Page` [1].")
    names = ("Page.save", "Page", "other.Page", "Page.__init__")
    *_, answer = ask(says, "What is Page?", [Chunk("p.py", 1, 1, "x", "m", n) for n in names])
    assert isinstance(answer, Answer)
    assert [e.chunk.symbol for e in answer.evidence] == ["Page", "Page.__init__"]
    assert answer.left_out == ("p.py:1-1", "p.py:1-1")


def test_small_talk_stands_on_no_evidence() -> None:
    *_, answer = ask(Says("Hello. Ask me about the code."), "Hello")
    assert isinstance(answer, Answer)
    assert (answer.evidence, answer.quote, answer.notices) == ((), "", ("slow",))
    *_, answer = ask(Says("Hello. Ask me about the code.", "local"), "Hello")
    assert isinstance(answer, Answer) and answer.evidence


def test_a_question_that_finds_nothing_is_plain_talk() -> None:
    says = Says("Hi.")
    step, _, answer = ask(says, "Hello", [])
    assert isinstance(step, Step) and "nothing relevant" in step.text
    assert says.asked[-1].content == "Hello"
    assert isinstance(answer, Answer) and not answer.evidence and not answer.quote


def test_the_lines_that_share_most_words_are_found() -> None:
    assert matching(CHUNKS[0], "where is step_7 called") == [8]
    assert matching(CHUNKS[1], "nothing in common") == []


def test_a_follow_up_is_searched_with_what_it_is_about() -> None:
    searched: list[str] = []

    def search(question: str, k: int) -> list[Evidence]:
        searched.append(question)
        return [Evidence(CHUNKS[1], 1.0)][:k]

    turns = [
        Message("user", "What does save_page do?"),
        Message("assistant", "It writes a page [1]."),
        Message("user", "And where is it?"),
    ]
    step, *_ = Rag(Says("`save` [1]."), search, "the code").answer(turns, Params(), Stop())
    assert searched == ["save_page: And where is it?"]
    assert isinstance(step, Step) and "for “save_page: And where is it?”" in step.text


def test_a_large_model_is_told_how_and_shown_what_fits_with_the_rest_named() -> None:
    says = Says("`get` [1].", "endpoint", 1_000)
    many = [Chunk(f"f{n}.py", 1, 302, LONG, "function", f"f{n}") for n in range(9)]
    evidence = [Evidence(chunk, 1.0) for chunk in many]
    rag = Rag(says, lambda _q, k: evidence[:k], "the code", top_k=9)
    *_, answer = rag.answer([Message("user", "What does step_7 do?")], Params(), Stop())
    assert isinstance(answer, Answer)
    assert says.asked[0].role == "system" and "[n]" in says.asked[0].content
    assert answer.prompts[0].startswith("rag@")
    assert 0 < len(answer.evidence) < 9
    assert answer.left_out == tuple(f"f{n}.py:1-302" for n in range(len(answer.evidence), 9))
    shown = says.asked[-1].content
    whole = {line.strip() for line in [*LONG.splitlines(), "…", ""]}
    heads = ("[", "Question: ")
    assert all(row.strip() in whole or row.startswith(heads) for row in shown.splitlines())


def test_an_answer_about_a_name_that_was_not_found_is_put_aside() -> None:
    says = Says("`save_all` [2]: Write a page.")
    _, delta, check, refusal, answer = ask(says, "What does `save_all` do?")
    assert isinstance(check, Step) and says.words in check.text
    assert isinstance(delta, Delta) and isinstance(refusal, Delta)
    assert isinstance(answer, Answer) and len(answer.evidence) == 2
    assert answer.text == "The retrieved context does not say: no passage holds `save_all`."
    assert "Its words are among the steps." in answer.notices[-1]


def test_what_is_done_about_missing_names_can_be_switched() -> None:
    says = Says("`save_all` [2]: Write a page.", "local")
    switches: tuple[tuple[Missing, int], ...] = (("warn", 2), ("off", 1))
    for missing, notices in switches:
        rag = Rag(says, lambda _q, _k: [Evidence(CHUNKS[1])], "the code", missing=missing)
        *_, answer = rag.answer([Message("user", "What does save_all do?")], Params(), Stop())
        assert isinstance(answer, Answer) and answer.text == says.words
        assert len(answer.notices) == notices


def test_small_talk_about_code_that_was_not_found_is_put_aside_but_not_about_ours() -> None:
    says = Says("I am too small for jokes.")
    *_, answer = ask(says, "What does save_all do?")
    assert isinstance(answer, Answer) and answer.text.startswith("The retrieved context")
    ours = Rag(says, lambda _q, _k: [], "the code", is_ours={"KV_TIER"}.__contains__)
    *_, answer = ours.answer([Message("user", "What does KV_TIER do?")], Params(), Stop())
    assert isinstance(answer, Answer) and answer.text == says.words


def test_a_large_model_asked_for_what_is_nowhere_does_not_answer_from_memory() -> None:
    says = Says("It computes a norm.", "endpoint")
    rag = Rag(says, lambda _q, _k: [], "the code")
    *_, answer = rag.answer([Message("user", "What does `norm_of` do?")], Params(), Stop())
    assert isinstance(answer, Answer) and answer.text.startswith("The retrieved context")


def test_a_refusal_that_stands_on_nothing_shows_the_nearest_passages() -> None:
    near = [Evidence(CHUNKS[1], 0.1)]

    def answered(words: str) -> Answer:
        says = Says(words)
        rag = Rag(says, lambda _q, _k: [], "the code", nearest=lambda _q, _k: near)
        *_, answer = rag.answer([Message("user", "What does save_all do?")], Params(), Stop())
        assert isinstance(answer, Answer) and says.asked[-1].content == "What does save_all do?"
        return answer

    for words in ("I am too small for jokes.", "The retrieved context does not say."):
        answer = answered(words)
        assert answer.evidence == tuple(near) and answer.notices[-1] == NEAREST
    assert answered("save_all is a name.").evidence == ()
