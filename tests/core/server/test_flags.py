"""The command line is the settings."""

import pytest

from core.errors import SettingsError
from core.server import flags
from core.settings import Settings


def test_every_setting_has_a_flag_with_its_help():
    text = " ".join(flags.parser().format_help().split())
    for name, field in Settings.model_fields.items():
        assert f"--{name.replace('_', '-')}" in text
        assert " ".join((field.description or "").split()[:4]) in text


def test_flags_become_settings():
    asked = flags.read(["--port", "1", "--kiosk", "--public", "0", "--data-dir", "x"])
    assert asked.settings == {"port": "1", "kiosk": "1", "public": "0", "data_dir": "x"}
    assert not asked.doctor
    assert flags.read(["--doctor"]) == flags.Asked({}, doctor=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--prot", "1"], "--prot is not a flag. Did you mean --port?"),
        (["--data_dir=x"], "--data_dir is not a flag. Did you mean --data-dir?"),
        (["--hos", "x"], "--hos is not a flag. Did you mean --host?"),
        (["what"], "what is not a flag."),
        (["--xyzzyx"], "--xyzzyx is not a flag."),
        (["--port"], "Argument --port: expected one argument."),
    ],
)
def test_what_is_no_flag_is_said(arguments: list[str], words: str):
    with pytest.raises(SettingsError) as refused:
        flags.read(arguments)
    assert refused.value.message == words


def test_every_wrong_flag_is_said_at_once():
    with pytest.raises(SettingsError) as refused:
        flags.read(["--prot", "1", "--hots", "x"])
    assert refused.value.message.count("Did you mean") == 2
