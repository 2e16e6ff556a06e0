"""From the words of a prompt to what the decoder attends to."""

from __future__ import annotations

import torch

from engine.model.cache import TextMemory
from engine.model.decoder import Decoder
from engine.model.t5 import T5Encoder
from engine.model.tokenizer import PromptTokenizer


class TextConditioner:
    """The checkpoint's tokenizer and T5 encoder. Runs once per prompt."""

    def __init__(self, encoder: T5Encoder, tokenizer: PromptTokenizer, decoder: Decoder) -> None:
        self._encoder, self.tokenizer, self._decoder = encoder, tokenizer, decoder

    @torch.inference_mode()
    def read(self, prompts: list[str]) -> TextMemory | None:
        """The memory of B prompts, or None if all are empty: no text is the null condition, not an empty sentence."""
        if not any(prompt.strip() for prompt in prompts):
            return None
        ids, mask = (x.to(self._encoder.device) for x in self.tokenizer(prompts))
        states = self._encoder(ids, mask)
        for row, prompt in enumerate(prompts):
            if not prompt.strip():
                mask[row] = 0
        return self._decoder.read_text(states, mask)
