"""lm_eval's side of `make bench-peers`: the same folder, prompts and samples, by its own runner.

Run by the interpreter that has lm_eval: _lm_eval.py FOLDER TASK.jsonl OUT.json BATCH TOKENS.
It knows nothing of Plumbline; each line of the task has a `question` and `references`.
"""

import json
import sys
import time
from pathlib import Path

import lm_eval
import torch
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks import TaskManager

NAME = "peers"


def main(folder: str, task: str, out: str, batch: int, tokens: int) -> None:
    """Answer every sample and write what was answered, what counted and how long it took."""
    torch.set_num_threads(2)
    model = HFLM(pretrained=folder, dtype="float32", device="cpu", batch_size=batch)
    config = {
        "task": NAME,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": task}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{question}}",
        "doc_to_target": "{{references[0]}}",
        "generation_kwargs": {"until": ["<|end|>"], "max_gen_toks": tokens, "do_sample": False},
        "metric_list": [
            {
                "metric": "exact_match",
                "aggregation": "mean",
                "ignore_case": True,
                "ignore_punctuation": True,
                "regexes_to_ignore": [r"\b([Aa]n?|[Tt]he)\b"],
            }
        ],
    }
    began, spent = time.perf_counter(), time.process_time()
    told = lm_eval.simple_evaluate(
        model=model,
        tasks=[config],
        task_manager=TaskManager(include_defaults=False),
        apply_chat_template=True,
        bootstrap_iters=0,
        log_samples=True,
    )
    took = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - spent}
    rows = sorted(told["samples"][NAME], key=lambda row: row["doc_id"])
    samples = [{"answer": row["resps"][0][0], "passed": bool(row["exact_match"])} for row in rows]
    Path(out).write_text(json.dumps({**took, "samples": samples}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
