"""Environment that must be set before torch or gradio is imported.

Imported first by app.py and every __main__. It sets variables and reads none of the
settings; a training worker adds `TRAINING_ENV` to its own child environment because the
allocator reads those at process start, and a stress worker must start clean of them.
"""

import os

DEFAULTS = {
    "OMP_WAIT_POLICY": "passive",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "TOKENIZERS_PARALLELISM": "false",
    "DO_NOT_TRACK": "1",
}

TRAINING_ENV = {
    "MALLOC_TOP_PAD_": "268435456",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
}


def prepare() -> None:
    """Set every default the user has not set."""
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)


def training_environment() -> dict[str, str]:
    """Return the environment for a child process that trains."""
    return {**os.environ, **TRAINING_ENV}


def clean_environment() -> dict[str, str]:
    """Return the environment for a child whose memory is to be measured."""
    return {key: value for key, value in os.environ.items() if key not in TRAINING_ENV}


prepare()
