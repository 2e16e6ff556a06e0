"""From the words of a prompt to what the decoder attends to."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from engine.model.cache import TextMemory
from engine.model.decoder import Decoder

#: longer prompts are cut: MusicGen was trained on short ones, and a captured graph needs a bound
MAX_TEXT_TOKENS = 256


class TextConditioner:
    """The checkpoint's tokenizer and T5 encoder. Runs once per prompt, in float32 (T5 overflows in float16)."""

    def __init__(self, encoder: nn.Module, tokenizer: Any, decoder: Decoder) -> None:
        self._encoder = encoder.float().to(decoder.device)
        self._tokenizer = tokenizer
        self._decoder = decoder

    @torch.inference_mode()
    def read(self, prompts: list[str]) -> TextMemory | None:
        """The memory of B prompts, or None if all are empty: no text is the null condition, not an empty sentence."""
        if not any(prompt.strip() for prompt in prompts):
            return None
        device = self._decoder.device
        batch = self._tokenizer(prompts, return_tensors="pt", padding=True, truncation=True, max_length=MAX_TEXT_TOKENS)
        ids, mask = batch["input_ids"].to(device), batch["attention_mask"].to(device)
        states = self._encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        for row, prompt in enumerate(prompts):
            if not prompt.strip():
                mask[row] = 0
        return self._decoder.read_text(states, mask)
