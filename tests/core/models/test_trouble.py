"""A failed call in words: since when, and what to do."""

from datetime import UTC, datetime

from core.errors import ModelMissing, Overloaded
from core.models.trouble import Trouble

SINCE = datetime(2026, 11, 21, 4, 31, tzinfo=UTC)


def test_what_the_server_said_is_kept_with_since_when():
    missing = Trouble(ModelMissing("gpu does not serve that model.", "Check MODEL_NAME."), SINCE)
    assert missing.reason == "gpu does not serve that model (since 04:31 UTC)."
    assert (missing.is_down, missing.hint) == (True, "Check MODEL_NAME.")
    assert not Trouble(Overloaded("Busy."), SINCE).is_down
