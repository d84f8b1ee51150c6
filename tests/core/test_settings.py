"""Settings: where a value comes from, what is refused, and in which words."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from core import settings
from core.errors import SettingsError
from core.settings import Settings, load


@pytest.fixture(autouse=True)
def blank_environment(monkeypatch: pytest.MonkeyPatch):
    """Take every setting out of the environment the tests run in."""
    for name in settings.names():
        monkeypatch.delenv(name, raising=False)


def env_file(folder: Path, text: str) -> Path:
    path = folder / "settings.env"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(flags: dict[str, str], file: Path | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load(flags, env_file=file)
    assert "--help" in caught.value.hint
    return caught.value.message


def test_flags_win_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = env_file(tmp_path, "PORT=1001\nMAX_TOKENS=11\nTHEME=pascari\n")
    monkeypatch.setenv("PORT", "1002")
    monkeypatch.setenv("MAX_TOKENS", "12")
    read = load({"port": "1003"}, file)
    assert (read.port, read.max_tokens, read.theme) == (1003, 12, "pascari")


def test_every_wrong_value_is_said_at_once():
    words = complaint(
        {"port": "99999", "tier": "huge", "model": "local", "rate_limit": "many", "host": "0.0.0.0"}
    )
    for name in ("PORT=99999", "TIER=huge", "MODEL=local needs HUB_MODEL", "RATE_LIMIT", "HOST"):
        assert name in words
    assert len(words.splitlines()) == 5


def test_rules_between_settings_are_heard_beside_single_ones(tmp_path: Path):
    file = env_file(tmp_path, "MODEL=endpoint\nSTORE_MEMORY=lots\nGRACE=-1\nPROT=1\n")
    words = complaint({}, file)
    for part in ("INFERENCE_URL", "STORE_MEMORY", "GRACE", "PROT is not a setting", "mean PORT"):
        assert part in words


def test_an_unknown_name_in_the_file_is_refused_with_the_nearest(tmp_path: Path):
    words = complaint({}, env_file(tmp_path, "INFERENCE_ULR=http://x/v1\n"))
    assert words == "INFERENCE_ULR is not a setting. Did you mean INFERENCE_URL?"


def test_an_unknown_flag_far_from_any_name_gets_no_guess():
    assert complaint({"zzzz": "1"}) == "ZZZZ is not a setting."


def test_a_misspelt_variable_is_a_warning_not_a_refusal(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INFERENCE_ULR", "http://x/v1")
    assert load(env_file=None).inference_url == ""
    assert settings.lookalikes() == [
        "INFERENCE_ULR is set but is not a setting. Did you mean INFERENCE_URL?"
    ]


def test_blank_counts_as_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONTEXT_LENGTH", "")
    monkeypatch.setenv("PORT", "")
    read = load(env_file=env_file(tmp_path, "REPO_PATH=\nMAX_TOKENS=\n"))
    assert (read.context_length, read.repo_path, read.port, read.max_tokens) == (
        None,
        None,
        7860,
        512,
    )


@pytest.mark.parametrize("tier", list(settings.TIERS))
def test_a_tier_presets_what_is_not_given(tier: str):
    read = load({"tier": tier}, env_file=None)
    for name, value in settings.TIERS[tier].items():
        assert getattr(read, name) == value
    mine = load({"tier": tier, "max_tokens": "77"}, env_file=None)
    assert mine.max_tokens == 77


def test_a_tier_in_the_file_yields_to_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONCURRENCY", "3")
    read = load(env_file=env_file(tmp_path, "TIER=demo\n"))
    assert (read.concurrency, read.context_length) == (3, 32768)


@pytest.mark.parametrize(
    ("host", "extra", "allowed"),
    [
        ("127.0.0.1", {}, True),
        ("localhost", {}, True),
        ("::1", {}, True),
        ("0.0.0.0", {}, False),
        ("::", {}, False),
        ("192.168.1.5", {"api_keys": " , "}, False),
        ("0.0.0.0", {"allow_open": "1"}, True),
        ("0.0.0.0", {"api_keys": "one,two"}, True),
    ],
)
def test_the_host_rule(host: str, extra: dict[str, str], allowed: bool):
    flags = {"host": host, **extra}
    if not allowed:
        assert "ALLOW_OPEN=1" in complaint(flags)
        return
    read = load(flags, env_file=None)
    assert read.is_open == ("allow_open" in extra)


def test_keys_are_split_and_trimmed():
    assert load({"api_keys": " one , ,two,"}, env_file=None).keys == ("one", "two")


@pytest.mark.parametrize(
    "url", ["gpu:8000", "ftp://gpu/v1", "http://", "http://ann:secret@gpu/v1", "file:///etc/passwd"]
)
def test_an_address_that_is_no_server_is_refused(url: str):
    assert "INFERENCE_URL must start with" in complaint({"inference_url": url})


@pytest.mark.parametrize(
    ("vectors", "url", "words"),
    [
        ("pgvector", "", "VECTORS=pgvector needs VECTORS_URL"),
        ("pgvector", "http://db", "must start with postgresql://"),
        ("qdrant", "gpu:6333", "must start with http"),
        ("chroma", "http://", "must start with http"),
        ("faiss", "http://gpu", "VECTORS=faiss keeps files"),
    ],
)
def test_an_address_that_does_not_fit_the_vectors_is_refused(vectors: str, url: str, words: str):
    assert words in complaint({"vectors": vectors, "vectors_url": url})


@pytest.mark.parametrize(
    ("vectors", "url"),
    [
        ("chroma", ""),
        ("chroma", "http://me:hunter2@gpu:8000"),
        ("qdrant", "https://gpu"),
        ("pgvector", "postgresql:///lib?host=/run/postgres"),
    ],
)
def test_vectors_live_in_files_or_on_a_server_of_their_kind(vectors: str, url: str):
    read = load({"vectors": vectors, "vectors_url": url}, env_file=None)
    assert "hunter2" not in str(settings.shown(read)) + repr(read)


def test_secrets_are_never_shown_or_repeated(monkeypatch: pytest.MonkeyPatch):
    for name in ("API_KEYS", "INFERENCE_KEY", "SECRET_KEY"):
        monkeypatch.setenv(name, "hunter2")
    monkeypatch.setenv("VECTORS_URL", "http://me:hunter2@gpu")
    read = load(env_file=None)
    assert "hunter2" not in repr(read) + str(settings.shown(read))
    masked = {name for name, value, _ in settings.shown(read) if value == "••••"}
    assert masked == {"API_KEYS", "INFERENCE_KEY", "SECRET_KEY", "VECTORS_URL"}
    assert "hunter2" not in complaint({"port": "x", "host": "0.0.0.0", "api_keys": "\ud800"})


def test_wrong_values_are_refused_in_plain_words():
    assert complaint({"port": "abc"}) == "PORT=abc: should be a whole number."


def test_settings_are_frozen():
    read = load(env_file=None)
    with pytest.raises(ValidationError):
        read.port = 1  # pyright: ignore[reportAttributeAccessIssue]


def test_every_setting_has_a_sentence():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_the_example_sets_nothing_and_its_values_are_valid(tmp_path: Path):
    text = settings.env_example()
    assert load(env_file=env_file(tmp_path, text)) == load(env_file=None)
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ") and "=" in line]
    given = [line for line in lines if line.partition("=")[0] in settings.names()]
    assert len(given) == len(settings.names())
    assert load(env_file=env_file(tmp_path, "\n".join(given))) == load(env_file=None)


def test_the_index_follows_the_data_folder_unless_set():
    assert load({"data_dir": "d"}, env_file=None).index_dir == Path("d/index")
    assert load({"index_path": "i"}, env_file=None).index_dir == Path("i")


def test_a_missing_file_is_no_error(tmp_path: Path):
    assert load(env_file=tmp_path / "absent.env").port == 7860


def test_secret_fields_are_typed_as_secrets():
    hidden = {name for name in Settings.model_fields if "key" in name or name == "vectors_url"}
    for name in hidden:
        assert Settings.model_fields[name].annotation is SecretStr


def test_prices_are_read_by_model_and_refused_when_they_are_none():
    table = Settings(prices="org/big=2.5/10, a=b = 1.2/h ,").price_table
    assert (table["org/big"].read, table["org/big"].write, table["org/big"].hour) == (2.5, 10, None)
    assert table["a=b"].hour == 1.2
    with pytest.raises(ValueError, match="PRICES has 'big=cheap'; write MODEL=IN/OUT"):
        Settings(prices="big=cheap")
