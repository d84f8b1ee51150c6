"""The endpoint against a server that behaves and one that does not, and a real one."""

import threading

import pytest
from huggingface_hub import constants

from core.errors import (
    BadReply,
    ContextOverflow,
    ModelMissing,
    Overloaded,
    PlumblineError,
    Unauthorized,
    Unreachable,
)
from core.messages import Delta, Message, Params, Stop, Usage
from core.models.endpoint import Endpoint
from tests.core.models.asking import ask, free_port, settings
from tests.hostile import WORDS, Hostile

SENTENCE = "".join(WORDS)


def endpoint(server: Hostile, behaviour: str, **values: object) -> Endpoint:
    return Endpoint(settings(inference_url=server.url(behaviour), **values))


def test_answers_and_counts_what_the_server_counted(server: Hostile) -> None:
    text, usage = ask(endpoint(server, "good"), "hi", max_tokens=9, seed=4, stop=("x",))
    assert text == SENTENCE
    assert (usage.tokens_in, usage.tokens_out, usage.finish) == (5, 3, "stop")
    assert usage.first_token_s is not None and 0 < usage.first_token_s <= usage.total_s
    asked = server.asked[0]
    assert asked["model"] == "m" and asked["messages"] == [{"role": "user", "content": "hi"}]
    assert (asked["max_tokens"], asked["seed"], asked["stop"]) == (9, 4, ["x"])


@pytest.mark.parametrize("ending", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_may_be_given_with_or_without_v1(server: Hostile, ending: str) -> None:
    assert ask(endpoint(server, f"good{ending}"), "hi")[0] == SENTENCE


def test_tokens_that_were_not_counted_are_unknown_and_not_zero(server: Hostile) -> None:
    usage = ask(endpoint(server, "zero"), "hi")[1]
    assert (usage.tokens_in, usage.tokens_out) == (None, None)


def test_a_server_that_cannot_count_is_asked_without(server: Hostile) -> None:
    model = endpoint(server, "fussy")
    text, usage = ask(model, "hi")
    assert (text, usage.tokens_out) == (SENTENCE, None)
    ask(model, "hi")
    assert server.tries["fussy"] == 3, "the option is not tried again"


def test_works_although_the_hub_is_switched_off(
    server: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert constants.is_offline_mode()
    assert ask(endpoint(server, "good"), "hi")[0] == SENTENCE


def test_sends_its_own_key_and_never_a_hub_token(
    server: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_private")
    ask(endpoint(server, "good"), "hi")
    ask(endpoint(server, "good", inference_key="secret"), "hi")
    assert "authorization" not in server.headers_seen[0]
    assert server.headers_seen[1]["authorization"] == "Bearer secret"


def test_lone_surrogates_and_nul_are_cleaned(server: Hostile) -> None:
    ask(endpoint(server, "good"), "a\ud800b\0c\ud83d\ude00")
    assert server.asked[0]["messages"][0]["content"] == "a\ufffdbc\U0001f600"


REFUSALS = [
    ("locked", Unauthorized, "did not accept the key"),
    ("missing", ModelMissing, "model 'm' not found"),
    ("overloaded", Overloaded, "too much to do"),
    ("broken", BadReply, "status 500: CUDA error"),
    ("web", BadReply, "middle of the answer"),
    ("garbage", BadReply, "not the chat protocol"),
    ("shapeless", BadReply, "not the chat protocol"),
    ("numbers", BadReply, "not text"),
    ("sorry", BadReply, "out of blocks"),
    ("half", BadReply, "middle of the answer"),
    ("reset", BadReply, "before the answer was complete"),
    ("wide", BadReply, "1,000,000 bytes"),
]


@pytest.mark.parametrize(("behaviour", "kind", "words"), REFUSALS)
def test_every_failure_has_its_error(
    server: Hostile, behaviour: str, kind: type[PlumblineError], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        ask(endpoint(server, behaviour, model_name="m"), "hi")
    assert type(caught.value) is kind
    assert "127.0.0.1" in caught.value.message or behaviour == "wide"


@pytest.mark.parametrize("behaviour", ["half", "reset", "garbage", "sorry"])
def test_what_was_written_before_a_failure_is_kept_and_not_asked_again(
    server: Hostile, behaviour: str
) -> None:
    seen = []
    with pytest.raises(BadReply):
        seen.extend(endpoint(server, behaviour).stream([Message("user", "hi")], Params(), Stop()))
    # extend() keeps nothing when the stream fails, so read it again piece by piece
    with pytest.raises(BadReply):
        for part in endpoint(server, behaviour).stream([Message("user", "hi")], Params(), Stop()):
            seen.append(part)
    assert seen[-1:] == [Delta(WORDS[0])]
    assert server.tries[behaviour] == 2, "one try per call: text had been shown"


def test_retries_before_the_first_token(server: Hostile) -> None:
    for behaviour in ("flaky", "crowded"):
        assert ask(endpoint(server, behaviour), "hi")[0] == SENTENCE
        assert server.tries[behaviour] == 3


def test_once_it_is_asked_once(server: Hostile) -> None:
    model = endpoint(server, "crowded")
    server.tries["crowded"] = 0
    with pytest.raises(Overloaded):
        ask(model.once(), "hi")
    assert server.tries["crowded"] == 1
    assert ask(model, "hi")[0] == SENTENCE


def test_says_when_to_come_back_and_does_not_wait_that_long(server: Hostile) -> None:
    for behaviour, least, most in (("overloaded", 77, 77), ("dated", 50, 60)):
        with pytest.raises(Overloaded) as caught:
            ask(endpoint(server, behaviour), "hi")
        assert caught.value.retry_after is not None
        assert least <= caught.value.retry_after <= most
        assert server.tries[behaviour] == 1


def test_nothing_answers() -> None:
    model = Endpoint(settings(inference_url=f"http://127.0.0.1:{free_port()}", model_name="m"))
    with pytest.raises(Unreachable, match="No inference server answers"):
        ask(model, "hi")


@pytest.mark.parametrize("behaviour", ["silent", "mute", "chatter"])
def test_a_server_that_sends_nothing_of_an_answer_is_given_up(
    server: Hostile, behaviour: str
) -> None:
    with pytest.raises(BadReply, match=r"sent nothing of the answer for 0\.3 s"):
        ask(endpoint(server, behaviour, read_timeout=0.3), "hi")
    assert server.tries[behaviour] == 1


def test_an_answer_without_end_is_cut_off(server: Hostile) -> None:
    text, usage = ask(endpoint(server, "endless"), "hi", max_tokens=20)
    assert usage.finish == "length" and 20 < len(text.split()) < 60
    assert usage.tokens_out is None and "cut off" in usage.notices[0]
    assert server.left.wait(10), "the connection was closed"


@pytest.mark.parametrize("behaviour", ["slow", "endless"])
def test_stop_ends_the_answer_within_one_token(server: Hostile, behaviour: str) -> None:
    stop, parts = Stop(), []
    for part in endpoint(server, behaviour).stream([Message("user", "hi")], Params(), stop):
        parts.append(part)
        if len(parts) == 3:
            stop.set()
    assert len(parts) <= 5 and isinstance(parts[-1], Usage)
    assert parts[-1].finish == "stopped"
    assert server.left.wait(10), "the server sees that nobody listens"


@pytest.mark.parametrize("behaviour", ["silent", "mute"])
def test_stop_ends_the_wait_for_a_first_token(server: Hostile, behaviour: str) -> None:
    stop = Stop()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    text, usage = ask(endpoint(server, behaviour, read_timeout=60), "hi", stop)
    assert (text, usage.finish) == ("", "stopped")
    assert server.left.wait(10)
    timer.join()


def test_a_reader_that_leaves_closes_the_connection(server: Hostile) -> None:
    stream = endpoint(server, "slow").stream([Message("user", "hi")], Params(), Stop())
    next(stream)
    stream.close()  # pyright: ignore
    assert server.left.wait(10)


def test_drops_the_oldest_turns_or_refuses(server: Hostile) -> None:
    chat = [
        Message("system", "be brief"),
        Message("user", "old " * 30),
        Message("assistant", "older " * 30),
        Message("user", "new"),
    ]
    text, usage = ask(endpoint(server, "narrow", overflow="drop"), chat)
    assert text == SENTENCE and "2 oldest messages were left out" in usage.notices[0]
    assert [turn["role"] for turn in server.asked[-1]["messages"]] == ["system", "user"]
    with pytest.raises(ContextOverflow, match="maximum context length is 200"):
        ask(endpoint(server, "narrow", overflow="drop"), chat, overflow="refuse")
    with pytest.raises(ContextOverflow, match="have them summarised"):
        ask(endpoint(server, "narrow"), chat)
    with pytest.raises(ContextOverflow):
        ask(endpoint(server, "narrow"), "long " * 100)


def test_a_million_tokens_are_clipped_to_the_servers_context(server: Hostile) -> None:
    usage = ask(probed(server, "short"), "hi", max_tokens=1_000_000)[1]
    assert "64 tokens instead of 1,000,000" in usage.notices[0]
    assert server.asked[0]["max_tokens"] == 64


def probed(server: Hostile, behaviour: str, **values: object) -> Endpoint:
    model = endpoint(server, behaviour, **values)
    model.probe()
    return model


def test_a_batch_is_answered_in_order_and_a_failure_stays_in_its_place(server: Hostile) -> None:
    prompts = [[Message("user", "hi")], [Message("user", "long " * 100)], [Message("user", "yo")]]
    done = endpoint(server, "narrow", concurrency=2).generate_batch(prompts, Params())
    assert [completion.text for completion in done] == [SENTENCE, "", SENTENCE]
    assert done[1].error and "maximum context" in done[1].error
    assert done[1].usage.finish == "error" and done[0].usage.tokens_out == 3


def test_tgi_is_spoken_to_natively(server: Hostile) -> None:
    model = probed(server, "tgi")
    assert (model.card().name, model.card().server) == ("tgi-model", "TGI")
    assert model.card().context_length == 512
    text, usage = ask(model, "hi", max_tokens=7, temperature=0.5, stop=("z",))
    assert text == SENTENCE
    assert (usage.tokens_in, usage.tokens_out, usage.finish) == (9, 3, "length")
    asked = server.asked[-1]
    assert asked["inputs"] == "<user>hi"
    assert asked["parameters"]["max_new_tokens"] == 7 and asked["parameters"]["do_sample"]


@pytest.mark.slow
class TestTransformersServe:
    """A real `transformers serve` on the tiny model."""

    def model(self, serve: str, name: object, **values: object) -> Endpoint:
        return Endpoint(settings(inference_url=serve, model_name=str(name), **values))

    def test_says_the_same_as_the_model_in_process(self, serve, tiny_model, local) -> None:
        text, usage = ask(self.model(serve, tiny_model), "def f():", max_tokens=24)
        here, counted = ask(local, "def f():", max_tokens=24)
        assert text.rstrip("\ufffd") == here.rstrip("\ufffd")
        assert (usage.tokens_in, usage.tokens_out) == (counted.tokens_in, counted.tokens_out)
        assert usage.finish == "length"

    def test_stops(self, serve, tiny_model) -> None:
        stop, parts = Stop(), []
        model = self.model(serve, tiny_model)
        for part in model.stream([Message("user", "hi")], Params(max_tokens=900), stop):
            parts.append(part)
            stop.set()
        assert len(parts) <= 3 and parts[-1].finish == "stopped"

    def test_another_name_is_refused_in_words(self, serve, tiny_model) -> None:
        with pytest.raises(ModelMissing, match="nothing-like-it"):
            ask(self.model(serve, "nothing-like-it"), "hi")

    def test_without_a_name_the_hint_says_what_to_set(self, serve) -> None:
        with pytest.raises(ModelMissing) as caught:
            self.model(serve, "").probe()
        assert "MODEL_NAME" in caught.value.hint

    def test_a_batch(self, serve, tiny_model) -> None:
        prompts = [[Message("user", "hi " * n)] for n in range(1, 4)]
        done = self.model(serve, tiny_model).generate_batch(prompts, Params(max_tokens=3))
        assert [completion.usage.tokens_out for completion in done] == [3, 3, 3]
