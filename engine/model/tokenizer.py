"""The text encoder's tokenizer: prompts to padded ids."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.errors import CheckpointError

#: longer prompts are cut: MusicGen was trained on short ones, and a captured graph needs a bound
MAX_TEXT_TOKENS = 256
FAST_FILE, SENTENCEPIECE_FILE = "tokenizer.json", "spiece.model"


class PromptTokenizer:
    """A checkpoint's tokenizer with padding on the right and a bound on length.

    Args:
        tokenizer: owned from now on.
        pad_token: id that fills short rows.
    """

    def __init__(self, tokenizer: Tokenizer, pad_token: int = 0) -> None:
        tokenizer.enable_truncation(MAX_TEXT_TOKENS)
        tokenizer.no_padding()
        self._tokenizer, self._pad_token = tokenizer, pad_token

    @classmethod
    def load(cls, folder: Path, vocabulary: int, pad_token: int) -> PromptTokenizer:
        """Read ``tokenizer.json``, or where there is none convert a SentencePiece model.

        Raises:
            CheckpointError: there is neither, it is damaged, or it knows more words than the encoder (``vocabulary``).
        """
        try:
            if (folder / FAST_FILE).exists():
                tokenizer = Tokenizer.from_file(str(folder / FAST_FILE))
            elif (folder / SENTENCEPIECE_FILE).exists():
                tokenizer = _convert(folder)
            else:
                raise CheckpointError(f"{folder} has no tokenizer ({FAST_FILE}): download it again")
        except CheckpointError:
            raise
        except Exception as error:  # the library raises bare Exceptions
            logging.getLogger(__name__).warning("cannot load the tokenizer of %s", folder, exc_info=True)
            raise CheckpointError(f"the tokenizer in {folder} does not load: download the model again") from error
        if max(tokenizer.get_vocab().values(), default=0) >= vocabulary:
            raise CheckpointError(f"the tokenizer in {folder} knows more words than the model: download it again")
        return cls(tokenizer, pad_token)

    def __call__(self, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Ids and mask ``(B, S)`` int64, every prompt ended as the encoder was trained to expect."""
        rows = [encoding.ids for encoding in self._tokenizer.encode_batch(list(prompts))]
        length = max(1, *map(len, rows))
        ids = torch.tensor([row + [self._pad_token] * (length - len(row)) for row in rows])
        return ids, torch.tensor([[1] * len(row) + [0] * (length - len(row)) for row in rows])


def _convert(folder: Path) -> Tokenizer:
    from transformers import AutoTokenizer

    converted: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    return converted.backend_tokenizer
