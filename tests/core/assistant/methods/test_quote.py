"""Without a model, the best supported sentences are quoted and cited; nothing is made up."""

from core.assistant.methods.quote import Quote, select, sentences
from core.documents import Chunk, Evidence
from core.messages import Delta, Message, Params, Stop
from core.seams import Answer, Step

CHUNKS = [
    Chunk(
        "docs/a.md", 1, 4, "## Ports\n\nThe port is 7860. Another port is set with PORT.", "section"
    ),
    Chunk(
        "docs/b.md",
        9,
        12,
        "## Data\n\nEverything is kept in DATA_DIR.\n\n- Chats are rows.",
        "section",
    ),
]


def found(query: str, k: int) -> list[Evidence]:
    return [Evidence(chunk, 1.0, ("lexical",)) for chunk in CHUNKS[:k]]


def ask(question: str, stop: Stop | None = None) -> list[Step | Delta | Answer]:
    quote = Quote(found, lambda: "the manual")
    return list(quote.answer([Message("user", question)], Params(), stop or Stop()))


def test_the_supporting_sentence_is_quoted_with_its_number():
    *_, answer = ask("Where is everything kept?")
    assert isinstance(answer, Answer)
    assert answer.text == "> Everything is kept in DATA_DIR. [2]"
    assert answer.evidence[1].chunk.path == "docs/b.md"


def test_every_quoted_word_stands_in_the_evidence():
    *_, answer = ask("Which port is set?")
    assert isinstance(answer, Answer)
    for line in answer.text.split("\n\n"):
        text, n = line.removeprefix("> ").rstrip("]").rsplit(" [", 1)
        assert text in " ".join(CHUNKS[int(n) - 1].text.split())


def test_nothing_found_is_said_and_cites_nothing():
    *_, answer = ask("Who painted the Mona Lisa?")
    assert isinstance(answer, Answer)
    assert answer.text.startswith("I found nothing about that in the manual")
    assert answer.evidence == ()


def test_steps_come_first_and_deltas_add_up_to_the_answer():
    first, *deltas, answer = ask("Which port is set?")
    assert isinstance(first, Step) and isinstance(answer, Answer)
    assert "".join(d.text for d in deltas if isinstance(d, Delta)) == answer.text
    assert answer.usage[0].tokens_out is None


def test_stop_is_honoured():
    stop = Stop()
    stop.set()
    *_, answer = ask("Which port is set?", stop)
    assert isinstance(answer, Answer)
    assert answer.text == "" and answer.usage[0].finish == "stopped"


def test_headings_and_examples_are_not_sentences():
    assert sentences("# Head line here\n\n```sh\nmake it run\n```\nOne two three.") == [
        "One two three."
    ]


def test_code_comes_along_with_the_sentence_that_leads_to_it():
    code = "```sh\nmake it run\n```"
    chunk = Chunk("docs/c.md", 1, 5, f"To start it, say:\n\n{code}\n\nThat is all.", "section")
    quote = Quote(lambda query, k: [Evidence(chunk, 1.0)], lambda: "the manual")
    *_, answer = quote.answer([Message("user", "How do I start it?")], Params(), Stop())
    assert isinstance(answer, Answer)
    assert answer.text == f"> To start it, say: [1]\n\n{code}"


def test_a_section_of_short_code_alone_is_quoted_whole():
    assert sentences("## Start\n\n```sh\nmake it  run\n```\n") == ["```sh\nmake it  run\n```"]
    assert sentences("```\n" + "a line of code\n" * 20 + "```\n") == []


def test_one_shared_word_of_many_is_not_enough():
    assert select("port authority bus terminal opening hours", found("", 2)) == []
