"""A tiny real Llama on disk: random weights of a fixed seed, a real tokenizer, a chat template.

It is a model in every respect but sense: two layers, a byte-level BPE trained on a little
Python, safetensors. Tests use it wherever a model folder is needed. Write one by hand with
`python -m tests.tiny FOLDER`.
"""

import inspect
import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

CONTEXT = 1024
SPECIAL = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>")
TEMPLATE = (
    "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def build(
    folder: Path,
    hidden: int = 64,
    layers: int = 2,
    vocabulary: int = 512,
    corpus: Sequence[ModuleType] = (json, textwrap),
) -> Path:
    """Write the model and its tokenizer into the folder and return it."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(vocabulary, corpus)
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=hidden,
        intermediate_size=hidden * 3,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        eos_token_id=0,
        bos_token_id=None,
        pad_token_id=0,
        initializer_range=0.2,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = LlamaForCausalLM(config)
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    return folder


def _tokenizer(vocabulary: int, corpus: Sequence[ModuleType]):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((inspect.getsource(module) for module in corpus), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=SPECIAL[0],
        pad_token=SPECIAL[0],
        additional_special_tokens=list(SPECIAL[1:]),
        chat_template=TEMPLATE,
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]))}\n")
