"""The tokenizer of the bundled model. It knows how text is cut and how turns are written;
it deliberately does not know what is said in them.

Words never carry a leading space, so that a name has the same tokens in code, in a header
and in an answer: a small model copies what it sees, and can only copy what looks the same.
Spaces live in punctuation, in frequent words, or by themselves. A chunk's marker such as
[2] is one token where it is no index.
"""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NotFound

if TYPE_CHECKING:
    from tokenizers import Tokenizer

VOCABULARY = 8192
PAD, END, SYSTEM, USER, ASSISTANT, TOOL = SPECIALS = (
    "<|pad|>",
    "<|end|>",
    "<|system|>",
    "<|user|>",
    "<|assistant|>",
    "<|tool|>",
)
QUESTION = "Question:"
GLUED = (
    "the of is a an to and in for or if not be as it that this with on by are from at can "
    "will you your which what does do i was has have when should used its all any only than "
    "then so no may must were one into but return import def class raise yield assert else "
    "elif while with except async await lambda None True False self my me how where"
).split()
PATTERN = "|".join(
    (
        r"(?<![\w\])])\[\d\]",
        r" (?=\[\d\])",
        rf"(?<={QUESTION}) ",
        rf"{QUESTION}(?= )",
        r"\d",
        rf" ?(?:{'|'.join(sorted(set(GLUED), key=len, reverse=True))})(?![A-Za-z0-9_]) ?",
        r"_*[A-Z]?[a-z]+",
        r"_*[A-Z]+(?![a-z])",
        r"_+",
        r"\p{L}+",
        r" *[\r\n]+ *",
        r" ?[^\w\s]+ ?",
        r"\s+",
        r"[^\s]",
    )
)
TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}"
    "{{ '<|assistant|>' }}{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{%- else -%}"
    "{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|assistant|>' }}{%- endif -%}"
)


def train_tokenizer(texts: Iterable[str], vocabulary: int = VOCABULARY) -> "Tokenizer":
    """Learn the merges from texts."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIALS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save_tokenizer(tokenizer: "Tokenizer", folder: Path, context: int) -> None:
    """Write the tokenizer with its chat template, as transformers and MLX read it."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": context,
        "eos_token": END,
        "pad_token": PAD,
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


@lru_cache(maxsize=4)
def load_tokenizer(folder: Path) -> "Tokenizer":
    """Read the tokenizer of a folder."""
    from tokenizers import Tokenizer

    file = folder / "tokenizer.json"
    if not file.exists():
        raise NotFound(f"There is no tokenizer in {folder.name}.", "Run prepare first.")
    return Tokenizer.from_file(str(file))


def encode_all(tokenizer: "Tokenizer", texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of every text."""
    return [item.ids for item in tokenizer.encode_batch(list(texts), add_special_tokens=False)]
