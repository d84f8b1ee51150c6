"""A transformers model in this process: loads a folder and answers, one caller at a time.

It owns the weights, the lock before them and the fall back to the CPU. It reads nothing
from the network, runs no code from a model folder, and does not decide which model to load.
"""

import gc
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from core.errors import Corrupt, ModelError, OutOfMemory, PlumblineError
from core.memory.held import Held
from core.memory.kept import Memory
from core.messages import Completion, Delta, Message, ModelCard, Params, Stop, Usage
from core.models import batching, decoding, devices, likelihood
from core.models.devices import Device
from core.models.folder import Folder, inspect, short_count
from core.models.gate import Gate
from core.models.keeping import Keeper, open_keeper
from core.models.prompt import PLAIN_STOP, Prompt, Prompter
from core.models.text import LOOPED, Writer
from core.settings import Settings

UNKNOWN_CONTEXT = 2048
CPU_AFTER_OOM = "The GPU ran out of memory, so the answer was continued on the CPU, more slowly."


class Local:
    """A Generator over a model folder; `bundled` marks the one that ships with Plumbline."""

    def __init__(
        self, folder: Path, settings: Settings, bundled: bool = False, guard_loops: bool = True
    ) -> None:
        self._facts = inspect(folder)
        self._bundled = bundled
        self._guard_loops = guard_loops
        self._notices: list[str] = []
        self._gate = Gate(settings.queue_length)
        self._device = devices.probe(settings.device, settings.dtype)
        self._threads = devices.threads_for(self._facts.parameters)
        devices.use_threads(self._threads)
        self._tokenizer = _load_tokenizer(folder)
        self._model: Any = self._load(folder)
        self._settings = settings
        self._prefix = self._open_keeper()
        context = self._context(settings.context_length)
        self._prompter = Prompter(self._tokenizer, context, settings.overflow)
        self._card = self._make_card(context)
        self._ends = _end_tokens(self._model, self._tokenizer)

    def card(self) -> ModelCard:
        """Say what this model is and where it runs."""
        return replace(
            self._card,
            device=self._device.device,
            dtype=self._device.dtype,
            notices=tuple(self._notices),
        )

    @property
    def device(self) -> Device:
        """Return where the model runs, in which format, and why."""
        return self._device

    def stream(
        self, messages: Sequence[Message], params: Params, stop: Stop
    ) -> Iterator[Delta | Usage]:
        """Yield the answer as it is written, then its usage."""
        since = time.perf_counter()
        with self._gate.turn(stop) as mine:
            if not mine:
                yield Usage(None, None, "stopped", time.perf_counter() - since)
                return
            prompt = self._prompt(messages, params)
            yield from self._answer(prompt, params, stop, since)

    def generate_batch(
        self, prompts: Sequence[Sequence[Message]], params: Params, size: int = 8
    ) -> list[Completion]:
        """Answer many prompts; one that cannot be answered says so in its own place."""
        done: list[Completion | None] = [None] * len(prompts)
        rows: list[batching.Row] = []
        for index, messages in enumerate(prompts):
            try:
                rows.append(self._row(index, messages, params))
            except PlumblineError as error:
                done[index] = Completion("", Usage(None, None, "error", 0.0), error.message)
        for group in batching.groups(rows, size):
            # Between groups somebody who chats may go first.
            with self._gate.turn(patient=True):
                self._prefix.drop()
                notices = self._run_group(group)
            for row in group:
                done[row.index] = row.completion(notices)
        return [completion for completion in done if completion is not None]

    def count(self, text: str) -> int:
        """Count the tokens of a text by itself."""
        return self._prompter.count(text)

    def loglikelihood(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """Return the log-probability of each text right after a prompt, without a template."""
        if self._model is None:
            raise ModelError("The model was unloaded.", "Ask again in a moment.")
        context = self._card.context_length or UNKNOWN_CONTEXT
        rows = likelihood.pairs(self._prompter.raw, prompt, continuations, context)
        with self._gate.turn(patient=True):
            devices.use_threads(self._threads)
            return likelihood.sums(self._model, rows, next(iter(self._ends), 0))

    def memory(self, session: str | None = None) -> Memory:
        """Return what is kept of a conversation, or of all, also while an answer is written."""
        return self._prefix.memory(session)

    def forget(self, session: str) -> None:
        """Keep nothing of a conversation any more."""
        self._prefix.forget(session)

    def close(self) -> None:
        """Wait for the running answer, then give the weights back."""
        with self._gate.turn(patient=True):
            self._model = None
            self._prefix.shut()
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _prompt(self, messages: Sequence[Message], params: Params) -> Prompt:
        if self._model is None:
            raise ModelError("The model was unloaded.", "Ask again in a moment.")
        devices.use_threads(self._threads)
        return self._prompter.build(messages, params.max_tokens, params.overflow)

    def _answer(
        self, prompt: Prompt, params: Params, stop: Stop, since: float
    ) -> Iterator[Delta | Usage]:
        writer = self._writer(params)
        notices = list(prompt.notices)
        first: float | None = None
        reused: list[int] = []
        written = self._tokens(prompt, writer.tokens, params, stop, notices, reused)
        with closing(written) as tokens:
            for token in tokens:
                first = first if first is not None else time.perf_counter() - since
                piece = writer.push(token)
                if piece:
                    yield Delta(piece)
                if writer.finish is not None:
                    break
        if rest := writer.flush():
            yield Delta(rest)
        finish = writer.finish or ("stopped" if stop.is_set() else "length")
        if finish == "loop":
            notices.append(LOOPED)
        yield Usage(
            tokens_in=len(prompt.tokens),
            tokens_out=len(writer.tokens),
            finish=finish,
            total_s=time.perf_counter() - since,
            first_token_s=first,
            tokens_reused=reused[-1] if reused else None,
            notices=(*notices, *self._pressure()),
        )

    def _tokens(
        self,
        prompt: Prompt,
        written: list[int],
        params: Params,
        stop: Stop,
        notices: list[str],
        reused: list[int],
    ) -> Generator[int, None, None]:
        """Yield tokens; where the GPU has no room, go on from the same place on the CPU.

        How many tokens were there already and are not read again is added to `reused`.
        """
        pick = decoding.Picker(params)
        while True:
            so_far, left = prompt.tokens + written, prompt.max_tokens - len(written)
            held = self._prefix.open(so_far, params.session)
            reused.append(len(held.tokens))
            try:
                yield from decoding.tokens(self._model, so_far, pick, left, stop, held)
            except Corrupt:
                # Something changed what is on flash; the piece is deleted when it is looked for.
                self._prefix.abandon(held)
                continue
            except (RuntimeError, MemoryError) as error:
                # The pass that failed may have left some layers ahead of others.
                self._prefix.abandon(held)
                del held
                self._recover(error)
                notices.append(CPU_AFTER_OOM)
                continue
            except GeneratorExit:
                self._keep(held)
                raise
            self._keep(held)
            notices.extend(held.notices)
            return

    def _keep(self, held: Held) -> None:
        """Keep what was read for the next turn; where memory is short, no longer in memory."""
        self._prefix.close(held)
        if self._pressure():
            self._prefix.drop()

    def _open_keeper(self) -> Keeper:
        template = str(getattr(self._tokenizer, "chat_template", "") or "")
        kept, notice = open_keeper(self._model, self._facts, template, self._settings)
        if notice:
            self._notices.append(notice)
        return kept

    def _recover(self, error: Exception) -> None:
        """Move to the CPU after a GPU ran out of memory; anything else is raised in words."""
        if not decoding.is_out_of_memory(error):
            raise ModelError(
                f"The model failed: {error}", "Ask again, or choose another model."
            ) from error
        if self._device.device == "cpu":
            raise OutOfMemory(
                "There was not enough memory for this conversation.",
                "Start a new chat, lower CONTEXT_LENGTH, or use a smaller model.",
            ) from error
        fallback = devices.probe("cpu", "auto")
        self._model = self._model.to("cpu", _torch_dtype(fallback))
        self._device = replace(fallback, why=f"the GPU ran out of memory; {fallback.why}")
        self._notices.append("The GPU ran out of memory; the model now runs on the CPU.")
        self._prefix.shut()
        self._prefix = self._open_keeper()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _row(self, index: int, messages: Sequence[Message], params: Params) -> batching.Row:
        prompt = self._prompt(messages, params)
        return batching.Row(index, prompt, lambda: self._writer(params), params)

    def _run_group(self, group: list[batching.Row]) -> tuple[str, ...]:
        # What stands in the padding is masked out, so any token number will do.
        pad = next(iter(self._ends), 0)
        try:
            with self._prefix.group() as cache:
                batching.run(self._model, group, pad, cache)
        except (RuntimeError, MemoryError) as error:
            self._recover(error)
            for row in group:
                row.restart()
            with self._prefix.group() as cache:
                batching.run(self._model, group, pad, cache)
            return (CPU_AFTER_OOM,)
        return ()

    def _writer(self, params: Params) -> Writer:
        stops = (*params.stop, PLAIN_STOP) if self._prompter.plain else params.stop
        return Writer(self._decode, self._ends, stops, self._guard_loops)

    def _decode(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.backend_tokenizer.decode(tokens, skip_special_tokens=True)

    def _pressure(self) -> tuple[str, ...]:
        warning = devices.pressure(self._device.device)
        return (warning,) if warning else ()

    def _load(self, folder: Path) -> PreTrainedModel:
        try:
            return _load_model(folder, self._device)
        except (RuntimeError, MemoryError) as error:
            if not decoding.is_out_of_memory(error):
                raise ModelError(f"The model {folder.name} cannot be loaded: {error}") from error
            if self._device.device == "cpu":
                raise OutOfMemory(
                    f"There is not enough memory to load {folder.name}.", "Use a smaller model."
                ) from error
        fallback = devices.probe("cpu", "auto")
        self._device = replace(fallback, why=f"the GPU has no room for it; {fallback.why}")
        self._notices.append("The model did not fit on the GPU, so it runs on the CPU.")
        return _load_model(folder, self._device)

    def _context(self, wanted: int | None) -> int:
        own = self._facts.context_length or UNKNOWN_CONTEXT
        if wanted is not None and wanted > own:
            self._notices.append(
                f"CONTEXT_LENGTH={wanted} is beyond this model; it reads {own} tokens."
            )
        return min(wanted or own, own)

    def _make_card(self, context: int) -> ModelCard:
        facts = self._facts
        if self._prompter.plain:
            self._notices.append("The model has no chat template; a plain one is used.")
        return ModelCard(
            name=facts.path.name,
            kind="bundled" if self._bundled else "local",
            label=label(facts, self._bundled),
            context_length=context,
            parameters=facts.parameters,
            size_bytes=facts.size_bytes,
            files_hash=facts.files_hash,
        )


def label(facts: Folder, bundled: bool) -> str:
    """Return what a visitor reads beside the model's name."""
    size = short_count(facts.parameters)
    if bundled:
        return f"bundled {size}, answers from evidence; connect a larger model for open questions"
    return f"{facts.path.name}, {size} parameters, in this process"


def _torch_dtype(device: Device) -> torch.dtype:
    return torch.bfloat16 if device.dtype == "bf16" else torch.float32


def _load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise ModelError(f"The tokenizer of {folder.name} cannot be loaded: {error}") from error
    if getattr(tokenizer, "backend_tokenizer", None) is None:
        raise ModelError(
            f"The model {folder.name} has no tokenizer.json.", "Use a model with a fast tokenizer."
        )
    return tokenizer


def _load_model(folder: Path, device: Device) -> PreTrainedModel:
    """Load the weights, and refuse a folder that does not hold all of them."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        with devices.LOADING:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=_torch_dtype(device),
                output_loading_info=True,
            )
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        raise ModelError(f"The model {folder.name} cannot be loaded: {error}") from error
    model, report = loaded
    missing = sorted(report["missing_keys"]) + sorted(map(str, report["mismatched_keys"]))
    if missing:
        raise ModelError(
            f"The model {folder.name} lacks {len(missing)} of its weights, such as {missing[0]}.",
            "Download or copy the model again.",
        )
    return model.to(device.device).eval()


def _end_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> frozenset[int]:
    """Return every token that ends an answer."""
    configured: Any = model.generation_config.eos_token_id if model.generation_config else None
    ends = [*configured] if isinstance(configured, list) else [configured]
    ends.append(tokenizer.convert_tokens_to_ids(str(tokenizer.eos_token)))
    return frozenset(token for token in ends if isinstance(token, int))
