"""A lane over a server that forgets: what is seen of it from outside."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eval.stress.endpoint import Served
from tests import hostile
from tests.core.models.serving import serving
from tests.eval.stress.making import order, small, told
from tests.threaded import threaded

WINDOW = 120


class Forgetful(hostile.Handler):
    """Repeats the first code of what it still reads: the last words of the conversation."""

    def be_forgetful(self, body: dict[str, Any]) -> None:
        """Answer from a window, and count the words read."""
        words = " ".join(message["content"] for message in body["messages"]).split()
        # It drops all but the last words once there are too many.
        read = words if len(words) <= WINDOW else words[-WINDOW // 2 :]
        said = "4821" if "4821." in read else "unknown"
        self.head()
        self.send(hostile.delta(f"It is {said} "))
        time.sleep(0.02)
        self.send(hostile.delta("I think.", "stop"))
        counts = {"prompt_tokens": len(read), "completion_tokens": 5}
        told = json.dumps({"choices": [], "usage": counts})
        self.send(f"data: {told}\n\ndata: [DONE]\n\n")

    def be_failing(self, body: dict[str, Any]) -> None:
        """Answer the first turn alone."""
        if len(body["messages"]) > 1:
            return self.json(500, {"error": "CUDA out of memory"})
        return self.be_forgetful(body)


@pytest.fixture(scope="module")
def server() -> Iterator[hostile.Hostile]:
    made = hostile.Hostile()
    made.RequestHandlerClass = Forgetful
    with threaded(made) as running:
        yield running


def ran(
    capsys: pytest.CaptureFixture[str], url: str, folder: Path, **changed: Any
) -> tuple[int, list[dict[str, Any]]]:
    made = order("endpoint", folder, folder, small(**changed), url=url, model="m")
    code = Served(made).run()
    return code, told(capsys.readouterr().out)


def test_what_a_server_forgets_is_seen_by_its_count_and_by_the_fact(
    server: hostile.Hostile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    needle = {"tell": "The code is 4821.", "ask": "Which code?", "value": "4821", "at": [4, 8]}
    address = server.url("forgetful")
    code, found = ran(capsys, address, tmp_path, turns=8, tokens=80, needle=needle)
    turns = [each for each in found if each["event"] == "turn"]
    assert code == 0
    assert len(turns) == 8
    assert [turn["needle"] for turn in turns if turn["needle"]] == ["recalled", "lost"]
    assert all(turn["first_token_s"] > 0 and turn["gap_s"] is not None for turn in turns)
    # On a busy machine a turn may be slow too.
    failures = [each for each in found if each["event"] == "failure" and each["kind"] != "slow"]
    (failed,) = failures
    assert failed["kind"] == "truncation"
    assert turns[failed["turn"] - 1]["prompt_tokens"] < turns[failed["turn"] - 2]["prompt_tokens"]


def test_a_server_that_fails_ends_the_lane_with_its_words(
    server: hostile.Hostile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    code, found = ran(capsys, server.url("failing"), tmp_path)
    assert code == 1
    failed = found[-1]
    assert (failed["event"], failed["kind"], failed["turn"]) == ("failure", "error", 2)
    assert failed["message"]


@pytest.mark.prove
def test_a_real_server_is_driven_turn_by_turn(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with serving(tiny_model, tmp_path) as url:
        made = order("endpoint", tmp_path, tmp_path, small(), url=url, model=str(tiny_model))
        assert Served(made).run() == 0
    turns = [each for each in told(capsys.readouterr().out) if each["event"] == "turn"]
    counts = [turn["prompt_tokens"] for turn in turns]
    assert len(turns) == 4
    assert counts == sorted(counts)
    assert all(turn["first_token_s"] > 0 for turn in turns)
