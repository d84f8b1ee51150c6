"""inspect_ai's side of `make bench-peers`: the same samples with a model that answers at once.

Run by the interpreter that has inspect_ai: _inspect.py TASK.jsonl OUT.json AT_ONCE. Its log is
written to disk as it goes, as by default. It knows nothing of Plumbline.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import exact
from inspect_ai.solver import generate, prompt_template

ANSWER = "An answer."


def outputs() -> Iterator[ModelOutput]:
    """Yield the same answer for ever, with its count: to count, inspect_ai asks the network."""
    while True:
        answer = ModelOutput.from_content("mockllm/model", ANSWER)
        answer.usage = ModelUsage(input_tokens=8, output_tokens=2, total_tokens=10)
        yield answer


def main(task: str, out: str, at_once: int) -> None:
    """Run the samples and write the clock and processor time of all of them."""
    rows = [json.loads(line) for line in Path(task).read_text().splitlines()]
    samples = [Sample(input=row["question"], target=row["references"][0]) for row in rows]
    asked = Task(
        dataset=samples,
        solver=[prompt_template("Question: {prompt}\nAnswer:"), generate()],
        scorer=exact(),
    )
    with tempfile.TemporaryDirectory() as log:
        began, spent = time.perf_counter(), time.process_time()
        [done] = eval(
            asked,
            model=get_model("mockllm/model", custom_outputs=outputs()),
            log_dir=log,
            display="none",
            max_connections=at_once,
            max_samples=at_once,
        )
        took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - spent}
        found = {"status": done.status, "samples": len(done.samples or [])}
    Path(out).write_text(json.dumps({**took, **found}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
