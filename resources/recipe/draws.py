"""What the language model is shown: random windows of tokens, each with a phrasing of its clip's prompt or no text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import TokenizersBackend

from resources.recipe.tokens import Tokens

TEXT_DROP = 0.2
# Deep in a window the music itself tells its genre, and the text is soon ignored. Every second batch holds the same number of
# frames as many short beginnings, where text is all there is to go by.
BEGINNINGS_SHARE, BEGINNINGS_PER_WINDOW = 1 / 2, 25


@dataclass
class Batch:
    """One training pass's input; the fields are :meth:`LanguageModel.forward`'s."""

    codes: Tensor  # (B, K, W) int64
    text_ids: Tensor  # (B, S) int64
    text_mask: Tensor  # (B, S) float
    keep: Tensor  # (B,) float: 0 where the text is dropped

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(t.to(device) for t in (self.codes, self.text_ids, self.text_mask, self.keep)))


class Draws:
    """Draws batches from a corpus's tokens."""

    def __init__(self, tokens: Tokens, tokenizer: TokenizersBackend, window_frames: int) -> None:
        self._tokens, self._tokenizer = tokens, tokenizer
        self.window_frames = min(window_frames, tokens.codes.shape[-1])

    def _batch(
        self, clips: list[int], starts: list[int], prompts: list[str], keep: np.ndarray, frames: int | None = None
    ) -> Batch:
        frames = frames or self.window_frames
        codes = np.stack([self._tokens.codes[i, :, s : s + frames] for i, s in zip(clips, starts, strict=True)])
        text = self._tokenizer(prompts, padding=True, truncation=True, return_tensors="pt")
        return Batch(
            torch.from_numpy(codes.astype(np.int64)),
            text["input_ids"],
            text["attention_mask"].float(),
            torch.from_numpy(keep.astype(np.float32)),
        )

    def train(self, rng: np.random.Generator, size: int) -> Batch:
        """``size`` windows of training clips, or as many frames in short ones; the text of every fifth, by chance, is
        dropped."""
        frames = self.window_frames
        if frames >= BEGINNINGS_PER_WINDOW and rng.random() < BEGINNINGS_SHARE:
            size, frames = size * BEGINNINGS_PER_WINDOW, frames // BEGINNINGS_PER_WINDOW
        chosen = self._tokens.indices("train")
        clips = [chosen[i] for i in rng.integers(len(chosen), size=size)]
        last = self._tokens.codes.shape[-1] - frames
        prompts = [str(rng.choice(self._phrasings(i))) for i in clips]
        starts = rng.integers(last + 1, size=size).tolist()
        return self._batch(clips, starts, prompts, rng.random(size) >= TEXT_DROP, frames)

    def held_out(self, size: int, batch: int, text: bool) -> list[Batch]:
        """The same ``size`` windows of validation clips at every call, with their first phrasing or with none."""
        chosen = self._tokens.indices("valid")
        clips = [chosen[i] for i in np.linspace(0, len(chosen) - 1, min(size, len(chosen))).round().astype(int)]
        parts = [clips[i : i + batch] for i in range(0, len(clips), batch)]
        keep = 1.0 if text else 0.0
        return [
            self._batch(part, [0] * len(part), [self._phrasings(i)[0] for i in part], np.full(len(part), keep))
            for part in parts
        ]

    def unigram_nats(self, size: int) -> float:
        """Mean cross-entropy of :meth:`held_out`'s tokens under the training clips' histograms (add-one)."""
        train = self._tokens.codes[self._tokens.indices("train")]
        held_out = torch.cat([b.codes for b in self.held_out(size, size, text=True)]).numpy()
        levels, entries = train.shape[1], int(train.max()) + 1
        total = 0.0
        for level in range(levels):
            counts = np.bincount(train[:, level].ravel(), minlength=max(entries, int(held_out.max()) + 1)) + 1
            total -= float(np.log(counts / counts.sum())[held_out[:, level].ravel()].mean())
        return total / levels

    def _phrasings(self, clip: int) -> list[str]:
        phrasings = self._tokens.rows[clip]["prompts"]
        assert isinstance(phrasings, list)
        return phrasings
