"""The text encoder's tokenizer: prompts to padded ids."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.errors import CheckpointError

#: longer prompts are cut: MusicGen was trained on short ones, and a captured graph needs a bound
MAX_TEXT_TOKENS = 256
TOKENIZER_NAME = "tokenizer.json"


class PromptTokenizer:
    """A checkpoint's tokenizer with padding on the right and a bound on length.

    Args:
        tokenizer: owned from now on.
        pad_token: id that fills short rows.
        digest: sha256 of the file that it was read from; "" for one made in memory.
    """

    def __init__(self, tokenizer: Tokenizer, pad_token: int = 0, digest: str = "") -> None:
        tokenizer.enable_truncation(MAX_TEXT_TOKENS)
        tokenizer.no_padding()
        self._tokenizer, self._pad_token, self.digest = tokenizer, pad_token, digest

    @classmethod
    def load(cls, folder: Path, vocabulary: int, pad_token: int) -> PromptTokenizer:
        """Read ``tokenizer.json``.

        Raises:
            CheckpointError: it is missing or damaged, or knows more words than the encoder (``vocabulary``).
        """
        path = folder / TOKENIZER_NAME
        if not os.path.exists(path):
            raise CheckpointError(f"{folder} has no tokenizer ({TOKENIZER_NAME}): download it again")
        try:
            content = path.read_bytes()
            tokenizer = Tokenizer.from_buffer(content)
        except Exception as error:  # the library raises bare Exceptions
            logging.getLogger(__name__).warning("cannot load the tokenizer of %s", folder, exc_info=True)
            raise CheckpointError(f"the tokenizer in {folder} does not load: download the model again") from error
        if max(tokenizer.get_vocab().values(), default=0) >= vocabulary:
            raise CheckpointError(f"the tokenizer in {folder} knows more words than the model: download it again")
        return cls(tokenizer, pad_token, hashlib.sha256(content).hexdigest())

    def __call__(self, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Ids and mask ``(B, S)`` int64, every prompt ended as the encoder was trained to expect."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(prompts))]
        length = max(1, *map(len, rows))
        ids = torch.tensor([row + [self._pad_token] * (length - len(row)) for row in rows])
        return ids, torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])
