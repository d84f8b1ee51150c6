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
