"""An answer as lines for a terminal: what is said, where it stands, and how well."""

from core.assistant.draft import Draft
from core.assistant.scorer import BY_WORDS
from core.assistant.told import lines
from core.assistant.way import Way
from core.documents import Chunk, Evidence
from core.messages import Stop
from core.seams import Answer


def test_each_claim_has_its_mark_with_passages_and_score() -> None:
    chunk = Chunk(
        "disk.py", 9, 10, 'def save(path):\n    """Write a page to disk."""', "function", "save"
    )
    evidence = (Evidence(chunk),)
    text = "Hello there. `save` [1]: Write a page to disk. It takes 40 seconds."
    draft = Draft(Stop())
    draft.answer = Answer(text, evidence, marks=BY_WORDS.marks(text, evidence))
    told = lines({"text": text, **draft.details(None, Way()), "seconds": 0.1})
    assert "supported [1] (1.00): `save` [1]: Write a page to disk." in told
    (low,) = [line for line in told if line.startswith("not supported")]
    assert low.endswith("It takes 40 seconds.")
    assert not any("Hello" in line for line in told[1:])


def test_the_words_of_a_long_step_are_shown_in_parts_and_a_flood_is_cut() -> None:
    words = " ".join(f"word{n}" for n in range(60))
    told = {"text": "No.", **Draft(Stop()).details(None, Way()), "seconds": 0.1}
    shown = lines({**told, "steps": [{"kind": "check", "text": words}]}, trace=True)
    rows = shown[1 : shown.index("")]
    assert " ".join(" ".join(rows).split()) == words
    assert all(row.startswith("   ") and len(row) <= 100 for row in rows)
    flood = lines({**told, "steps": [{"kind": "observation", "text": "x\n" * 99}]}, trace=True)
    assert flood.count("   x") == 12 and "   …" in flood
