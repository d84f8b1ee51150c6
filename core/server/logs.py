"""One JSON object per line on stderr, from our code and from the libraries alike.

It knows how a line looks. Prompt and answer text is never a field unless LOG_PROMPTS is set;
that is decided where the text is at hand.
"""

import logging
import sys
from typing import Any

import structlog

QUIET = ("httpx", "httpcore", "asyncio", "gradio", "matplotlib", "urllib3", "filelock", "uvicorn")


class _Lines(logging.StreamHandler):
    """Our handler, so that setting up twice does not log twice."""


def configure(level: str) -> None:
    """Set up logging for the whole process."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _Lines(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    # Some libraries set their own loggers to debug; the handler has the last word.
    handler.setLevel(level.upper())
    root = logging.getLogger()
    root.handlers = [*(h for h in root.handlers if not isinstance(h, _Lines)), handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def logger() -> Any:  # noqa: ANN401
    """Return the server's logger."""
    return structlog.stdlib.get_logger("plumbline")
