"""Which process runs which file: one drives the browser from the start, the others come to help.

It knows that a process which has driven the browser can run no other tests after it, because
Playwright keeps an event loop in its thread. It does not know what a test costs.
"""

from xdist.scheduler.loadfile import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/browser/"


class Spread(LoadFileScheduling):
    """Gives whole files to processes, browser files to the first one before all others."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Put a file that this process may run at the head of the queue, and hand it over."""
        chosen = self._file_for(node)
        if chosen is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(chosen, last=False)
        super()._assign_work_unit(node)

    def _length(self, file: str) -> tuple[bool, int]:
        """Return what puts long files first: the story is one long test, others have many."""
        return file.endswith("test_story.py"), len(self.workqueue[file])

    def _file_for(self, node: WorkerController) -> str | None:
        browsers = [file for file in self.workqueue if file.startswith(BROWSER)]
        others = [file for file in self.workqueue if not file.startswith(BROWSER)]
        longest = max(browsers, key=self._length, default=None)
        if node is self.nodes[0] and len(self.nodes) > 1:
            return longest
        return others[0] if others else longest
