"""A stress run as its worker does it: lane after lane, each in a process of its own.

It starts them with a clean allocator environment, stamps and keeps what they tell, looks at their
memory from outside, and says how a lane went that could not say so itself. A lane that is done is
not done again when a run is gone on with.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO, Any

import psutil

from core import process
from core.errors import StateError, Stopped
from core.jobs import journal
from core.jobs.order import PAUSE
from core.jobs.work import Work
from core.settings import load
from core.telemetry.sampler import Sampler
from eval.stress import plan, summary
from eval.stress.plan import ENDPOINT, Asked
from eval.stress.scenario import Scenario
from eval.stress.state import ENDING, folded
from eval.stress.telling import Told, lines
from eval.stress.where import find

ROOT = Path(__file__).resolve().parents[2]
LANE = "eval.stress.lane"
SAMPLE_S = 1.0
MOST_SAMPLES = 300
END_S = 10.0
LIBRARIES = ("torch", "transformers")


def run(work: Work) -> None:
    """Do one attempt at a run: every lane that is not done yet."""
    course = Course(work)
    course.follow()
    work.report(1.0, course.sentence())


class Course:
    """One attempt, on its way."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._asked: Asked = plan.parse(work.args["asked"])
        self._scenario = Scenario.model_validate(work.args["scenario"])
        self._records = [*earlier(work.folder)]
        self._began = next(
            (told["began"] for told in self._records if told["event"] == "setup"), time.time()
        )
        self._turns = 0

    def follow(self) -> None:
        """Run the lanes one after the other."""
        if not self._records:
            self._emit({"event": "setup", "began": self._began, "machine": machine()})
        over = {told["lane"] for told in self._records if told["event"] == "lane_end"}
        for number, name in enumerate(self._asked.lanes):
            if name not in over:
                self._lane(name, number)

    def sentence(self) -> str:
        """Return what came out, in plain words."""
        fold = folded(self._asked.lanes, self._records)
        return summary.sentence(fold.lanes, self._scenario)

    def _lane(self, name: str, number: int) -> None:
        place = self._work.folder / f"kv-{name}"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        try:
            told = self._child(name, number, place, resume=False)
            done = any(each["event"] == "lane_end" for each in told)
            if done and name == "flash":
                self._child(name, number, place, resume=True)
            if not done:
                self._emit({"event": "lane_end", "lane": name, "state": "failed"})
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def _child(self, name: str, number: int, place: Path, resume: bool) -> list[Told]:
        order = self._work.folder / f"{name}.json"
        order.write_text(json.dumps(self._order(name, place, resume)), encoding="utf-8")
        output = self._work.folder / f"{name}.log"
        with output.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-m", LANE, str(order)],
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=clean(),
                text=True,
            )
            try:
                return self._heard(name, number, child, output, resume)
            finally:
                _end(child)

    def _heard(
        self, name: str, number: int, child: "subprocess.Popen[str]", output: Path, resume: bool
    ) -> list[Told]:
        """Keep what the lane tells until it ends, and what its memory looks like meanwhile."""
        assert child.stdout is not None
        queue = _following(child.stdout)
        heard: list[Told] = []
        asking: Told = {} if resume else {"session": 0, "turn": 0}
        sampler, begun, sampled = Sampler(child.pid), time.monotonic(), 0.0
        while True:
            if self._work.cancelled():
                raise Stopped("The run was asked to end.")
            now = time.monotonic()
            # A run of hours is looked at less often.
            if now - sampled >= max(SAMPLE_S, (now - begun) / MOST_SAMPLES):
                sampled = now
                self._sample(name, sampler)
            try:
                told = queue.get(timeout=SAMPLE_S / 2)
            except Empty:
                continue
            if told is None:
                break
            if told["event"] == "asking":
                asking = told
                continue
            heard.append(told)
            self._emit({**told, "lane": name})
            self._report(name, number, told)
        code = child.wait()
        if code and asking and not any(each.get("kind") in ENDING for each in heard):
            self._settle(name, code, asking, output)
        return heard

    def _settle(self, name: str, code: int, asking: Told, output: Path) -> None:
        """Say how a lane ended that did not say it itself."""
        last = _last_line(output)
        no_room = code == -signal.SIGKILL or "bad_alloc" in last
        self._emit(
            {
                "event": "failure",
                "lane": name,
                "kind": "memory" if no_room else "error",
                "type": signal.Signals(-code).name if code < 0 else f"exit code {code}",
                "message": last or "The process ended without a word.",
                "session": asking["session"],
                "turn": asking["turn"],
            }
        )

    def _sample(self, name: str, sampler: Sampler) -> None:
        try:
            found = sampler.read()
        except StateError:
            return
        names = ("anonymous_bytes", "file_bytes", "data_bytes", "vram_bytes", "cpu_percent")
        figures = {each: getattr(found, each) for each in names}
        self._emit({"event": "sample", "lane": name, **figures})

    def _report(self, name: str, number: int, told: Told) -> None:
        if told["event"] == "lane":
            self._turns = told["turns"]
        if told["event"] == "turn" and self._turns:
            asked = told["turn"] * self._scenario.sessions
            share = min(1.0, asked / self._turns)
            words = f"{name}: turn {told['turn']:,}, {told['prompt_tokens'] or 0:,} tokens."
            self._work.report((number + share) / len(self._asked.lanes) * 0.999, words)

    def _emit(self, told: Told) -> None:
        told = {"at_s": round(time.time() - self._began, 3), **told}
        self._records.append(told)
        self._work.emit(told)

    def _order(self, name: str, place: Path, resume: bool) -> dict[str, Any]:
        args, asked = self._work.args, self._asked
        order = {
            "lane": name,
            "resume": resume,
            "scenario": self._scenario.model_dump(mode="json"),
            "budget_bytes": args["budget_bytes"],
            "slow_s": args["slow_s"],
            "settings": args["settings"],
            "secrets": args["secrets"],
            "limit": asked.limit,
            "pause": str(self._work.folder.parent / PAUSE),
            "data_dir": str(place),
            "url": asked.url,
            "model": asked.model_name,
        }
        if name == ENDPOINT:
            return order
        folder, bundled = find(asked.model, load(args["settings"], env_file=None))
        return {**order, "folder": str(folder), "bundled": bundled}


def clean() -> dict[str, str]:
    """Return an environment in which the allocator works as the system ships it."""
    kept = process.clean_environment()
    return {name: value for name, value in kept.items() if not name.startswith("MALLOC_")}


def machine() -> dict[str, Any]:
    """Return what the run is made on, without a name."""
    return {
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def earlier(folder: Path) -> list[Told]:
    """Return what earlier attempts told."""
    found: list[Told] = []
    offset = 0
    while True:
        batch = journal.read("", folder, offset)
        if batch.upto == offset:
            return found
        offset = batch.upto
        found += [record.data for record in batch.records if record.kind == "result"]


def _following(output: IO[str]) -> "SimpleQueue[Told | None]":
    """Read the lines of a lane in a thread; None follows the last."""
    queue: SimpleQueue[Told | None] = SimpleQueue()

    def read() -> None:
        for told in lines(output):
            queue.put(told)
        queue.put(None)

    threading.Thread(target=read, name="lane", daemon=True).start()
    return queue


def _end(child: "subprocess.Popen[str]") -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _last_line(output: Path) -> str:
    try:
        told = output.read_bytes()[-4_000:].decode(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return told[-1][:500] if told else ""
