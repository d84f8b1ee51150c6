"""Every setting, its default, its sentence of help; the only reader of the environment.

It knows names, types and rules between settings. It does not act on any of them, and it
does not look at the network or the disk.
"""

import difflib
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core import prices
from core.errors import SettingsError, refusal
from core.prices import Price

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

TIERS: dict[str, dict[str, Any]] = {
    "dev": {},
    "test": {"context_length": 8192, "concurrency": 8, "max_tokens": 1024},
    "demo": {"context_length": 32768, "concurrency": 16, "max_tokens": 2048},
}
_VECTOR_SERVERS = {
    "chroma": r"https?://[^\s/]+(/\S*)?",
    "qdrant": r"https?://[^\s/]+(/\S*)?",
    "pgvector": r"postgres(ql)?://\S+",
}


def _blank_is_unset(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OptionalPath = Annotated[Path | None, BeforeValidator(_blank_is_unset)]
OptionalInt = Annotated[int | None, BeforeValidator(_blank_is_unset)]


class Settings(BaseSettings):
    """What a user can change, from the environment, `.env` or a flag of the same name."""

    model_config = SettingsConfigDict(
        frozen=True,
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="forbid",
        hide_input_in_errors=True,
    )

    # Which model answers
    tier: Literal["dev", "test", "demo"] = Field(
        "dev", description="Preset of sizes: dev (laptop), test (16 GB GPU), demo (DGX Spark)."
    )
    model: Literal["auto", "endpoint", "local", "bundled", "quote"] = Field(
        "auto", description="What answers; auto picks the best that works and says why."
    )
    inference_url: str = Field(
        "", description="Address of an OpenAI-style server, such as http://gpu:8000/v1."
    )
    model_name: str = Field("", description="Name of the model at INFERENCE_URL.")
    inference_key: SecretStr = Field(
        SecretStr(""), description="Key sent to INFERENCE_URL, if it asks for one."
    )
    hub_model: str = Field("", description="A model folder, or a Hugging Face hub id.")
    allow_download: bool = Field(False, description="Allow HUB_MODEL to be downloaded.")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        "auto", description="Where local models run; auto picks cuda, then mps, then cpu."
    )
    dtype: Literal["auto", "bf16", "fp32"] = Field(
        "auto", description="Number format of local models; auto times both at start."
    )
    context_length: OptionalInt = Field(
        None, ge=128, le=1_048_576, description="Tokens of context to use; blank: the model's own."
    )
    overflow: Literal["refuse", "drop", "summarise"] = Field(
        "refuse",
        description="When a chat outgrows the context: refuse, or drop or summarise turns.",
    )
    max_tokens: int = Field(
        512, ge=1, le=65_536, description="Longest answer unless a request says otherwise."
    )
    concurrency: int = Field(
        2, ge=1, le=256, description="Answers generated at once; a local model still does one."
    )
    queue_length: int = Field(
        32, ge=0, le=10_000, description="Requests that may wait before new ones are turned away."
    )
    connect_timeout: float = Field(
        3.0, gt=0, le=60, description="Seconds to wait for a connection to INFERENCE_URL."
    )
    read_timeout: float = Field(
        120.0, gt=0, le=3600, description="Seconds to wait for the next piece of an answer."
    )

    kv_tier: Literal["off", "flash"] = Field(
        "off",
        description="Where local models keep what they read: the last chat in memory, or every "
        "chat within KV_RAM_MB and on flash beyond it.",
    )
    kv_ram_mb: int = Field(
        512, ge=1, le=1_000_000, description="Memory for the keys and values of chats, in MB."
    )
    kv_disk_mb: int = Field(
        4096, ge=1, le=100_000_000, description="Flash for them, in MB; the oldest chats go first."
    )

    stress_slow_s: float = Field(
        30.0, gt=0, le=86_400, description="Seconds from which on a turn of a stress run is slow."
    )

    # What it answers about
    repo_path: OptionalPath = Field(
        None, description="Folder of code to ask about; blank: the installed transformers package."
    )
    index_path: OptionalPath = Field(
        None, description="Where the search index lives; blank: DATA_DIR/index."
    )
    vectors: Literal["chroma", "faiss", "faiss-hnsw", "qdrant", "pgvector"] = Field(
        "chroma", description="What keeps the vector indexes; every one can be made again."
    )
    vectors_url: SecretStr = Field(
        SecretStr(""),
        description="Server that keeps them, for chroma, qdrant and pgvector; may hold a password.",
    )
    embedder: str = Field(
        "", description="Folder or hub id of a sentence encoder; blank: the bundled MiniLM."
    )
    reranker: str = Field(
        "",
        description="Folder or hub id of a cross-encoder, or none; blank: the bundled reranker.",
    )
    support_model: str = Field(
        "",
        description="What judges support: blank for words, meaning, or an entailment model's name.",
    )
    missing_names: Literal["refuse", "warn", "off"] = Field(
        "refuse",
        description="Where no passage holds a name that is asked about: refuse, warn, or off.",
    )
    auto_ingest: bool = Field(
        True, description="Index REPO_PATH after a start where its index is missing or out of date."
    )
    ingest_max_file_mb: int = Field(
        2,
        ge=1,
        le=1_000,
        description="Largest file an ingest reads, in MB; larger ones are skipped.",
    )
    ingest_max_total_mb: int = Field(
        1_000, ge=1, le=100_000, description="Largest source an ingest takes in, in MB, unpacked."
    )
    ingest_max_rows: int = Field(
        10_000,
        ge=1,
        le=100_000_000,
        description="Rows an ingest takes of a data set, from its start.",
    )

    wikipedia_url: str = Field(
        "https://en.wikipedia.org/w/api.php",
        description="MediaWiki that agents may look things up in, or none; off where PUBLIC.",
    )

    prices: str = Field(
        "",
        description="Dollars by model, split by commas: gpt-4o=2.5/10 (a million tokens in/out) "
        "or llama=1.2/h (an hour).",
    )

    # Where it lives and who may use it
    data_dir: Path = Field(Path("data"), description="Folder for everything Plumbline keeps.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(7860, ge=0, le=65_535, description="Port to listen on; 0 picks a free one.")
    public: bool = Field(
        False, description="Strangers can reach this: caps or disables what they must not start."
    )
    allow_open: bool = Field(
        False, description="Allow a HOST other than this machine without API_KEYS."
    )
    api_keys: SecretStr = Field(
        SecretStr(""), description="Keys that may use the API and the page, separated by commas."
    )
    secret_key: SecretStr = Field(
        SecretStr(""), description="Signs visitor cookies; blank: one is made in DATA_DIR."
    )
    rate_limit: str = Field(
        "120/minute", description="Requests per visitor to routes that run a model."
    )
    body_limit: int = Field(
        2_000_000, ge=1_000, le=1_000_000_000, description="Largest request body in bytes."
    )
    upload_limit: int = Field(
        256_000_000,
        ge=1_000,
        le=100_000_000_000,
        description="Largest data set that is uploaded, in bytes; strangers have BODY_LIMIT.",
    )
    grace: float = Field(
        10.0, ge=0, le=600, description="Seconds a stop waits for running answers to finish."
    )

    # How it looks and what it writes down
    theme: Literal["studio", "pascari"] = Field(
        "studio", description="Palette: studio for the desk, pascari for the booth."
    )
    kiosk: bool = Field(
        False, description="Booth mode: large type, starter cards, reset after 90 s idle."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="How much the log says."
    )
    log_prompts: bool = Field(False, description="Write prompt and answer text to the log.")
    store_memory: str = Field("512MB", description="Memory the record store may use.")

    @model_validator(mode="before")
    @classmethod
    def _apply_tier(cls, values: dict[str, Any]) -> dict[str, Any]:
        preset = TIERS.get(str(values.get("tier", "dev")), {})
        return {**preset, **{k: v for k, v in values.items() if v is not None}}

    @model_validator(mode="after")
    def _check_together(self) -> "Settings":
        problems = self._problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> list[str]:
        problems = []
        if self.model == "endpoint" and not self.inference_url:
            problems.append("MODEL=endpoint needs INFERENCE_URL.")
        if self.model == "local" and not self.hub_model:
            problems.append("MODEL=local needs HUB_MODEL (a folder or a hub id).")
        if self.inference_url and not re.match(r"^https?://[^\s/@]+(/\S*)?$", self.inference_url):
            problems.append(
                "INFERENCE_URL must start with http:// or https:// and name a host, without a user."
            )
        if not self.is_loopback and not self.keys and not self.allow_open:
            problems.append(
                f"HOST={self.host} is reachable from outside and API_KEYS is empty. "
                "Set API_KEYS, or ALLOW_OPEN=1 if everybody may use it."
            )
        if not re.match(r"^\d+\s*/\s*(\d+\s*)?(second|minute|hour|day)s?$", self.rate_limit):
            problems.append("RATE_LIMIT must look like 120/minute.")
        problems += [
            f"PRICES has {entry!r}; write MODEL=IN/OUT or MODEL=PRICE/h, such as gpt-4o=2.5/10."
            for entry in prices.strange(self.prices)
        ]
        problems += self._vector_problems()
        if self.wikipedia_url != "none" and not re.match(
            r"^https?://[^\s/@]+/\S*$", self.wikipedia_url
        ):
            problems.append(
                "WIKIPEDIA_URL must be none, or like https://en.wikipedia.org/w/api.php."
            )
        if not re.match(r"^\d+\s*(KB|MB|GB|KiB|MiB|GiB)$", self.store_memory):
            problems.append("STORE_MEMORY must look like 512MB.")
        return problems

    def _vector_problems(self) -> list[str]:
        url, address = self.vectors_url.get_secret_value(), _VECTOR_SERVERS.get(self.vectors)
        if not url:
            return ["VECTORS=pgvector needs VECTORS_URL."] if self.vectors == "pgvector" else []
        if not address:
            return [f"VECTORS={self.vectors} keeps files and takes no VECTORS_URL."]
        if not re.fullmatch(address, url):
            start = "postgresql://" if self.vectors == "pgvector" else "http:// or https://"
            return [f"VECTORS_URL for VECTORS={self.vectors} must start with {start}."]
        return []

    @property
    def is_loopback(self) -> bool:
        """Say whether only this machine can reach the server."""
        return self.host in LOOPBACK

    @property
    def is_open(self) -> bool:
        """Say whether others can reach the server without a key."""
        return not self.is_loopback and not self.keys

    @property
    def upload_cap(self) -> int:
        """Return how many bytes of a data set are taken from a visitor."""
        stranger = self.public or self.is_open
        return self.body_limit if stranger else max(self.body_limit, self.upload_limit)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Return the API keys as a tuple; empty means no key is asked for."""
        raw = self.api_keys.get_secret_value()
        return tuple(key.strip() for key in raw.split(",") if key.strip())

    @cached_property
    def price_table(self) -> dict[str, Price]:
        """Return what each model costs, as PRICES has it."""
        return prices.table(self.prices)

    @property
    def index_dir(self) -> Path:
        """Return the folder of the search index."""
        return self.index_path or self.data_dir / "index"


def names() -> list[str]:
    """Return every setting's name as it is written in the environment."""
    return [name.upper() for name in Settings.model_fields]


def load(flags: dict[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Read flags, then the environment, then `.env`; report everything wrong at once."""
    given: dict[str, Any] = dict(flags or {})
    try:
        return Settings(_env_file=env_file, **given)  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        lines = _sentences(error)
        wrong = {str(item["loc"][0]) for item in error.errors() if item["loc"]}
    # Rules between settings run only once every single one is valid: ask again with the
    # wrong ones at their defaults, so that the user hears everything in one go.
    fields = Settings.model_fields
    mended = {name: fields[name].get_default() for name in wrong if name in fields}
    try:
        _Lenient(_env_file=env_file, **{**given, **mended})  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        lines += [line for line in _sentences(error) if line not in lines]
    raise SettingsError("\n".join(lines), "Run `python app.py --help` to see every setting.")


class _Lenient(Settings, extra="ignore"):
    """Settings that overlook unknown names, for the second reading alone."""


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name.upper(), names(), n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _sentences(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for item in error.errors(include_url=False):
        name = str(item["loc"][0]).upper() if item["loc"] else ""
        if item["type"] == "extra_forbidden":
            lines.append(f"{name} is not a setting.{_nearest(name)}")
        elif not name or item["type"] == "value_error":
            lines += str(item["msg"]).removeprefix("Value error, ").splitlines()
        else:
            secret = Settings.model_fields[name.lower()].annotation is SecretStr
            given = "" if secret else f"={item['input']}"
            rule = refusal(item["type"], item.get("ctx", {}), item["msg"])
            lines.append(f"{name}{given}: {rule}.")
    return lines


def lookalikes() -> list[str]:
    """Return warnings for environment variables that look like a misspelt setting."""
    warnings = []
    for name in os.environ:
        if name.upper() in names() or len(name) < 5:
            continue
        near = difflib.get_close_matches(name.upper(), names(), n=1, cutoff=0.9)
        if near:
            warnings.append(f"{name} is set but is not a setting. Did you mean {near[0]}?")
    return warnings


def shown(settings: Settings) -> list[tuple[str, str, str]]:
    """Return (NAME, value with secrets masked, help) for every setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            text = "••••" if value.get_secret_value() else ""
        elif isinstance(value, bool):
            text = "1" if value else "0"
        else:
            text = "" if value is None else str(value)
        rows.append((name.upper(), text, field.description or ""))
    return rows


def handed(settings: Settings) -> dict[str, str]:
    """Return the settings a worker is handed, as flags; no secret, and not where to listen."""
    told = {name.lower(): text for name, text, _ in shown(settings) if text and "•" not in text}
    kept = {name: text for name, text in told.items() if name not in ("host", "allow_open")}
    folder = Path(settings.hub_model).expanduser()
    model = (
        {"hub_model": str(folder.resolve())} if kept.get("hub_model") and folder.is_dir() else {}
    )
    return {**kept, **model, "data_dir": str(settings.data_dir.resolve())}


def env_example() -> str:
    """Return the text of `.env.example`, generated from the settings themselves."""
    lines = ["# Every setting with its default. Copy to .env and change what you need."]
    for name, value, help_text in shown(Settings.model_construct()):
        lines += ["", f"# {help_text}", f"# {name}={value}"]
    return "\n".join(lines) + "\n"
