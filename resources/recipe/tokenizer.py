"""A tokenizer of Pocket's own prompts: byte-pair pieces of lower-cased words.

Every letter, digit and sign of ASCII is a piece by itself, so that a word never met in training is read as its parts
and the unknown token is left to other scripts. Saved as transformers' plain ``TokenizersBackend``: ``T5Tokenizer``
would be rebuilt from its vocabulary alone and lose the lower-casing. Byte pairs, not Unigram: its trainer only
considers pieces that several words share, and so would split the very words that every prompt uses.
"""

from __future__ import annotations

import string
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import TokenizersBackend

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
VOCABULARY = 1000
MAX_TOKENS = 64


def train_tokenizer(prompts: Iterable[str], vocabulary: int = VOCABULARY) -> TokenizersBackend:
    """Learn at most ``vocabulary`` pieces; ids 0, 1 and 2 are padding, end and unknown, as in T5."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True),
            pre_tokenizers.Punctuation(),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[PAD, END, UNKNOWN],
        initial_alphabet=["▁", *string.ascii_lowercase, *string.digits, *string.punctuation],
        show_progress=False,
    )
    tokenizer.train_from_iterator(prompts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, tokenizer.token_to_id(END))]
    )
    return TokenizersBackend(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        model_max_length=MAX_TOKENS,
        padding_side="right",
        model_input_names=["input_ids", "attention_mask"],
    )


def open_tokenizer(folder: Path) -> TokenizersBackend:
    """Read what :meth:`save_pretrained` wrote into ``folder``; nothing is fetched."""
    tokenizer = TokenizersBackend.from_pretrained(folder, local_files_only=True)
    assert isinstance(tokenizer, TokenizersBackend)
    return tokenizer
