"""What a worker is told: which function, with what, as which attempt.

It knows the job's folder and its files. It runs nothing.
"""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.records import Environment

ORDER = "order.json"
ALIVE = "alive"
OUTPUT = "output.log"
PAUSE = "pause"
_TARGET = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Order:
    """A work order as it lies in the job's folder."""

    job_id: str
    target: str
    args: dict[str, Any]
    attempt: int
    environment: Environment

    def write(self, folder: Path) -> None:
        """Put the order into the folder, whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f"{ORDER}.new"
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(folder / ORDER)

    @classmethod
    def read(cls, folder: Path) -> "Order":
        """Return the order that lies in the folder."""
        return cls(**json.loads((folder / ORDER).read_text(encoding="utf-8")))


def check_target(target: str) -> None:
    """Refuse what is not `module:function`."""
    if not _TARGET.fullmatch(target):
        raise BadInput(f"{target[:200]!r} does not name a function.", "Write module:function.")
