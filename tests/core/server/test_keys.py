"""API keys and the session that stands for one."""

import pytest

from core.server.keys import Keys, presented

SECRET = "a secret of some length"


def test_only_the_keys_themselves_fit():
    keys = Keys(("one", "zwölf"), SECRET)
    assert keys.wanted
    assert keys.fits("one")
    assert keys.fits("zwölf")
    for wrong in ("", "on", "one ", "one,zwölf", "\ud800"):
        assert not keys.fits(wrong)
    assert not Keys((), SECRET).wanted
    assert not Keys((), SECRET).fits("")


def test_a_session_ends_with_its_keys_or_its_secret():
    session = Keys(("one",), SECRET).session()
    assert Keys(("one",), SECRET).knows(session)
    assert not Keys(("one", "two"), SECRET).knows(session)
    assert not Keys(("one",), SECRET + "x").knows(session)


def test_a_session_ends_after_a_month(monkeypatch: pytest.MonkeyPatch):
    keys = Keys(("one",), SECRET)
    session = keys.session()
    signer = keys._signer
    now = signer.get_timestamp()
    monkeypatch.setattr(signer, "get_timestamp", lambda: now + 31 * 24 * 3600)
    assert not keys.knows(session)


@pytest.mark.parametrize("forged", ["", "in", "in.x.y", "out.x.y", "\ud800"])
def test_a_forged_session_is_not_known(forged: str):
    assert not Keys(("one",), SECRET).knows(forged)


def test_an_owner_token_is_no_session():
    from core.server.visitors import token

    assert not Keys(("one",), SECRET).knows(token("in", SECRET))


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"authorization": "Bearer k"}, "k"),
        ({"authorization": "bearer  k "}, "k"),
        ({"x-api-key": "k"}, "k"),
        ({"authorization": "Basic k"}, None),
        ({"authorization": "Bearer"}, None),
        ({"x-api-key": ""}, None),
        ({}, None),
    ],
)
def test_how_a_key_is_sent(headers: dict[str, str], key: str | None):
    assert presented(headers) == key
