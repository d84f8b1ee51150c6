"""Owners travel signed."""

import stat
from pathlib import Path

import pytest

from core.errors import Unwritable
from core.server import visitors
from tests import parts

SECRET = "a secret of some length"


def test_a_token_gives_its_owner_back():
    owner = visitors.new_owner()
    signed = visitors.token(owner, SECRET)
    assert visitors.owner_of_token(signed, SECRET) == owner
    assert visitors.owner_of_token(signed, SECRET + "x") is None


@pytest.mark.parametrize("forged", ["", "x", "x.", ".x", "a.b.c", "\ud800.x", "é.é", "x" * 10_000])
def test_a_forged_token_gives_nobody(forged: str):
    assert visitors.owner_of_token(forged, SECRET) is None


def test_every_visitor_is_somebody_else():
    assert len({visitors.new_owner() for _ in range(1000)}) == 1000


def test_the_header_goes_before_the_cookie():
    header = {"x-plumbline-owner": visitors.token("header", SECRET)}
    cookie = {visitors.COOKIE: visitors.token("cookie", SECRET)}
    assert visitors.owner_from(header, cookie, SECRET) == "header"
    assert visitors.owner_from({}, cookie, SECRET) == "cookie"
    assert visitors.owner_from({"x-plumbline-owner": "forged.x"}, cookie, SECRET) == "cookie"
    assert visitors.owner_from({}, {}, SECRET) is None


def test_a_key_has_one_owner_which_does_not_tell_the_key():
    assert visitors.key_owner("k") == visitors.key_owner("k") != visitors.key_owner("l")
    assert "horse" not in visitors.key_owner("horse")


def test_the_secret_is_made_once_and_read_by_its_user_alone(tmp_path: Path):
    chosen = parts.settings(tmp_path / "new")
    made = visitors.secret_for(chosen)
    assert visitors.secret_for(chosen) == made
    assert stat.S_IMODE((tmp_path / "new" / "secret").stat().st_mode) == 0o600
    assert visitors.secret_for(parts.settings(tmp_path / "other")) != made


def test_a_secret_that_others_could_read_is_closed_to_them(tmp_path: Path):
    chosen = parts.settings(tmp_path)
    visitors.secret_for(chosen)
    (tmp_path / "secret").chmod(0o644)
    visitors.secret_for(chosen)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_given_secret_is_used_and_none_is_made(tmp_path: Path):
    assert visitors.secret_for(parts.settings(tmp_path, secret_key="given")) == "given"
    assert not (tmp_path / "secret").exists()


def test_an_empty_secret_signs_nothing(tmp_path: Path):
    (tmp_path / "secret").write_text("")
    with pytest.raises(Unwritable, match="too short"):
        visitors.secret_for(parts.settings(tmp_path))


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritable, match="cannot be kept"):
        visitors.secret_for(parts.settings(tmp_path / "file"))
