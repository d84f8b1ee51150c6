"""space.yaml is the one description of the deployment; everything else agrees with it."""

import re

import pytest
import yaml
from pydantic import SecretStr

from core.settings import Settings, load, names
from docs import generate
from tests import source

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}


@pytest.fixture(scope="module")
def space() -> dict:
    return yaml.safe_load((source.ROOT / "space.yaml").read_text(encoding="utf-8"))


def test_readme_opens_with_the_generated_block(space: dict):
    text = (source.ROOT / "README.md").read_text(encoding="utf-8")
    assert text.startswith(generate.front_matter(space, next(iter(space["sdks"]))))


@pytest.mark.parametrize("sdk", ["docker", "gradio"])
def test_both_variants_give_a_block_a_space_accepts(space: dict, sdk: str):
    block = yaml.safe_load(generate.readme(sdk).split("---\n")[1])
    assert block["sdk"] == sdk
    assert {block["colorFrom"], block["colorTo"]} <= COLOURS
    assert len(block["short_description"]) <= 60
    assert not set(block) & {"variables", "secrets", "sdks", "hardware"}


def test_the_docker_variant_names_the_port_the_app_listens_on(space: dict):
    port = Settings.model_fields["port"].default
    assert space["sdks"]["docker"]["app_port"] == port
    assert space["variables"]["PORT"] == str(port)


def test_the_gradio_variant_pins_the_gradio_we_pin(space: dict):
    pins = (source.ROOT / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.search(r"^gradio==(\S+)$", pins, re.MULTILINE)
    assert pinned
    assert space["sdks"]["gradio"]["sdk_version"] == pinned[1]
    assert (source.ROOT / space["sdks"]["gradio"]["app_file"]).is_file()


def test_secrets_are_the_secret_settings_and_have_no_values(space: dict):
    secret = {n.upper() for n, f in Settings.model_fields.items() if f.annotation is SecretStr}
    assert set(space["secrets"]) == secret
    assert all(isinstance(name, str) for name in space["secrets"])


def test_variables_are_settings_and_equal_the_dockerfile(
    space: dict, monkeypatch: pytest.MonkeyPatch
):
    assert set(space["variables"]) <= set(names())
    text = (source.ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name, value in space["variables"].items():
        assert re.search(rf"\b{name}={re.escape(value)}( \\)?$", text, re.MULTILINE), name
        monkeypatch.setenv(name, value)
    assert load(env_file=None).public
