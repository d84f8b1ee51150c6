"""The long versions of the kill tests: sixty killed writers, and a row of killed job owners."""

import random
import signal
import subprocess
import sys
import time

import pytest

from core.jobs.queue import Jobs
from core.store.connection import Store
from tests.core.jobs.conftest import TASKS, until
from tests.core.store import kills

pytestmark = pytest.mark.prove


def test_thirty_kills_in_one_folder(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    rows, lost = kills.survive(tmp_path, 30, seed)
    assert lost == [], f"seed {seed}"
    assert rows > 100, f"seed {seed}: the writers hardly wrote"


def test_thirty_kills_while_the_file_is_new(tmp_path):
    seed = random.SystemRandom().randrange(1_000_000)
    dice = random.Random(seed)
    for number in range(30):
        folder = tmp_path / str(number)
        said = kills.kill_once(folder, seed + number, dice.uniform(0.15, 0.6))
        assert list(kills.missing(folder, [said])) == [], f"seed {seed}, kill {number}"


def owner(folder, target):
    command = [sys.executable, "-m", "tests.core.jobs.owner", str(folder), target]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=kills.ROOT, text=True, **pipes)


def kill(child):
    child.send_signal(signal.SIGKILL)
    child.communicate()


@pytest.mark.parametrize("number", range(3))
def test_a_job_whose_owners_are_killed_one_after_the_other_is_recorded_once(tmp_path, number):
    seed = random.SystemRandom().randrange(1_000_000)
    dice = random.Random(seed)
    first = owner(tmp_path, f"{TASKS}:count_slowly")
    assert first.stdout
    job_id = first.stdout.readline().strip()
    time.sleep(dice.uniform(0.0, 0.5))
    kill(first)
    for _ in range(8):
        child = owner(tmp_path, "-")
        time.sleep(dice.uniform(0.0, 1.2))
        kill(child)
    store = Store.open(tmp_path)
    jobs = Jobs(store, tmp_path)
    jobs.start()
    until(lambda: jobs.get(job_id).is_over)
    numbers = [record.data["number"] for record in jobs.records(job_id, kind="result")]
    job = jobs.get(job_id)
    jobs.stop()
    store.close()
    assert (job.state, job.attempt) == ("completed", 1), f"seed {seed}"
    assert numbers == list(range(200)), f"seed {seed}"
