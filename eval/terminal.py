"""How a run looks in a terminal while it goes on: a bar with the time left, nothing in a file.

It knows rich's bar. It asks nobody.
"""

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from core.records import RunProgress


class Bar:
    """One run's bar, on the error stream; nothing is drawn into a file."""

    def __init__(self, name: str) -> None:
        console = Console(file=sys.stderr)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[said]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._bars.add_task(name, total=None, said="")

    def __enter__(self) -> "Bar":
        """Begin to draw."""
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away."""
        self._bars.stop()

    def show(self, progress: RunProgress) -> None:
        """Draw how far the run is."""
        self._bars.update(
            self._task, completed=progress.done, total=progress.total or None, said=progress.said
        )
