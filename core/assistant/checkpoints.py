"""LangGraph's checkpoints in our own records, so that a run can be gone on with after a crash.

It knows LangGraph's protocol of a saver. It does not know DuckDB, nor what an agent's state is.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_id,
    get_checkpoint_metadata,
)

from core.assistant.run import State
from core.errors import NotFound
from core.store.threads import Threads, ThreadStep, Written


class Checkpoints(BaseCheckpointSaver[int]):
    """Keeps every step of every thread; runs are synchronous, so only that half is offered."""

    def __init__(self, threads: Threads) -> None:
        super().__init__()
        self._threads = threads

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Keep a run as it stands."""
        thread, space = _place(config)
        parent = get_checkpoint_id(config)
        about = get_checkpoint_metadata(config, metadata)
        step = ThreadStep(
            checkpoint["id"],
            parent,
            self.serde.dumps_typed(checkpoint),
            self.serde.dumps_typed(about),
        )
        self._threads.keep(thread, space, step)
        return _config(thread, space, checkpoint["id"])

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Keep what a task wrote before its step was finished."""
        thread, space = _place(config)
        written = [
            Written(
                task_id,
                WRITES_IDX_MAP.get(channel, place),
                channel,
                self.serde.dumps_typed(value),
                task_path,
            )
            for place, (channel, value) in enumerate(writes)
        ]
        self._threads.write(thread, space, get_checkpoint_id(config) or "", written)

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the newest step of a thread, or the one that is named."""
        thread, space = _place(config)
        found = self._threads.steps(thread, space, id=get_checkpoint_id(config) or "", limit=1)
        return self._opened(thread, space, found[0]) if found else None

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """Yield the steps of a thread, the newest first."""
        if config is None:
            return
        thread, space = _place(config)
        until = get_checkpoint_id(before) if before else ""
        id = get_checkpoint_id(config) or ""
        for step in self._threads.steps(thread, space, id, until or "", limit):
            opened = self._opened(thread, space, step)
            if all(opened.metadata.get(name) == value for name, value in (filter or {}).items()):
                yield opened

    def delete_thread(self, thread_id: str) -> None:
        """Delete a thread."""
        self._threads.delete(thread_id)

    def _opened(self, thread: str, space: str, step: ThreadStep) -> CheckpointTuple:
        writes = self._threads.writes(thread, space, step.id)
        return CheckpointTuple(
            config=_config(thread, space, step.id),
            checkpoint=self.serde.loads_typed(step.body),
            metadata=self.serde.loads_typed(step.about),
            parent_config=_config(thread, space, step.parent) if step.parent else None,
            pending_writes=[
                (each.task, each.channel, self.serde.loads_typed(each.body)) for each in writes
            ],
        )


def state_of(threads: Threads, thread: str) -> State:
    """Return a run as it stood after its last whole step."""
    found = Checkpoints(threads).get_tuple({"configurable": {"thread_id": thread}})
    if found is None:
        raise NotFound(f"There is no run {thread[:80]!r}.", "It may have been deleted.")
    values: Any = found.checkpoint["channel_values"]
    return values


def _place(config: RunnableConfig) -> tuple[str, str]:
    where = config.get("configurable", {})
    return str(where["thread_id"]), str(where.get("checkpoint_ns", ""))


def _config(thread: str, space: str, id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": thread, "checkpoint_ns": space, "checkpoint_id": id}}
