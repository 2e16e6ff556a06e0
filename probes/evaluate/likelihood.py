"""How likely the unsteered model finds music: teacher-forced, in generation's own layout, without text or guidance."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.cache import Span
from engine.model.decoder import Decoder
from engine.model.delay import DelayPattern

#: rows × columns of scores that are in memory at a time
COLUMNS_AT_ONCE = 1024


@torch.inference_mode()
def frame_nats(decoder: Decoder, window: int, codes: Tensor) -> Tensor:
    """Minus the log-likelihood of every frame's tokens given all that came before.

    A frame's K tokens stand in different columns of the delay pattern; theirs are summed.

    Args:
        decoder: with no hooks on.
        window: columns that the model was trained on.
        codes: ``(B, K, T)``; T and the delay's span together stay below ``window``.

    Returns:
        Nats ``(B, T)``, float32.
    """
    batch, books, frames = codes.shape
    pattern = DelayPattern(decoder.codebooks, decoder.channels, decoder.start_token)
    columns = pattern.columns(codes.to(decoder.device))
    width = columns.shape[-1] - 1  # nothing is drawn from the last column
    if width > window:
        raise ValueError(f"{frames} frames do not fit a window of {window} columns")
    cache = decoder.new_cache(batch, width)
    hidden = decoder(columns[:, :, :-1], batch, cache, Span.of(0, width, decoder.device), None)
    drawn = columns[:, :, 1:].clamp(max=decoder.codebook_size - 1)  # places of no frame are left out below
    nats = torch.zeros(columns.shape, device=decoder.device)
    for row in range(batch):
        for first in range(0, width, COLUMNS_AT_ONCE):
            part = slice(first, first + COLUMNS_AT_ONCE)
            scores = decoder.head(decoder.final_norm(hidden[row, part])).float()
            likelihoods = scores.view(-1, books, decoder.codebook_size).log_softmax(-1)
            nats[row, :, 1:][:, part] = -likelihoods.gather(-1, drawn[row, :, part].t()[..., None])[..., 0].t()
    return pattern.frames(nats).sum(1)
