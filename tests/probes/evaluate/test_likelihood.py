"""The likelihood of tokens, held against transformers' own teacher-forced scores and against the stream that drew them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from engine.instrument import Instrument
from engine.model.oracle import load_oracle
from engine.model.precision import Precision
from probes.evaluate.likelihood import frame_nats

FRAMES = 40


def codes(instrument: Instrument, batch: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (batch, instrument.decoder.codebooks, FRAMES)
    return torch.randint(instrument.decoder.codebook_size, shape, generator=generator)


@pytest.mark.parametrize("model", ["tiny_spectral", "tiny_stereo"])
def test_it_equals_transformers_cross_entropy(model: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(model)
    instrument = Instrument.load(str(folder), precision=Precision.FP32)
    music = codes(instrument)
    ours = frame_nats(instrument.decoder, instrument.window_frames, music)
    oracle: Any = load_oracle(folder)
    books, channels = instrument.decoder.codebooks, instrument.decoder.channels
    delays = [book // channels for book in range(books)]
    start = instrument.decoder.codebook_size
    # Column by column, by hand: start tokens first, then each codebook a column later than the one before.
    columns = torch.full((len(music), books, FRAMES + delays[-1] + 1), start)
    for book, delay in enumerate(delays):
        columns[:, book, 1 + delay : 1 + delay + FRAMES] = music[:, book]
    with torch.no_grad():
        no_text = torch.zeros(len(music), 4, oracle.config.decoder.hidden_size)
        scores = oracle.decoder(
            input_ids=columns[:, :, :-1].reshape(len(music) * books, -1),
            encoder_hidden_states=no_text,
            encoder_attention_mask=torch.zeros(len(music), 4, dtype=torch.long),
        ).logits
    scores = scores.reshape(len(music), books, -1, start).log_softmax(-1)
    theirs = torch.zeros(len(music), FRAMES)
    for book, delay in enumerate(delays):
        drawn = scores[:, book, delay : delay + FRAMES]
        theirs -= drawn.gather(-1, music[:, book, :, None])[..., 0]
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=1e-4)


def test_a_batch_is_that_many_pieces(tiny_instrument: Instrument, monkeypatch: pytest.MonkeyPatch) -> None:
    decoder, window = tiny_instrument.decoder, tiny_instrument.window_frames
    music = codes(tiny_instrument)
    together = frame_nats(decoder, window, music)
    alone = torch.cat([frame_nats(decoder, window, row[None]) for row in music])
    torch.testing.assert_close(together, alone, atol=1e-4, rtol=1e-5)
    monkeypatch.setattr("probes.evaluate.likelihood.COLUMNS_AT_ONCE", 7)
    torch.testing.assert_close(frame_nats(decoder, window, music), together, atol=1e-4, rtol=1e-5)


def test_the_past_does_not_know_the_future(tiny_instrument: Instrument) -> None:
    decoder, window = tiny_instrument.decoder, tiny_instrument.window_frames
    music = codes(tiny_instrument)
    other = music.clone()
    other[:, :, 20:] = (other[:, :, 20:] + 1) % decoder.codebook_size
    ours, theirs = (frame_nats(decoder, window, x) for x in (music, other))
    before = 20 - (decoder.codebooks - 1)  # the last codebook of a frame is drawn after later frames have begun
    torch.testing.assert_close(ours[:, :before], theirs[:, :before])
    assert (ours[:, 20:] - theirs[:, 20:]).abs().max() > 0.1


def test_what_does_not_fit_is_refused(tiny_instrument: Instrument) -> None:
    music = torch.zeros(1, tiny_instrument.decoder.codebooks, tiny_instrument.window_frames, dtype=torch.long)
    with pytest.raises(ValueError, match="do not fit a window of 128 columns"):
        frame_nats(tiny_instrument.decoder, tiny_instrument.window_frames, music)
    fits = music[:, :, : tiny_instrument.window_frames - tiny_instrument.decoder.codebooks + 1]
    assert frame_nats(tiny_instrument.decoder, tiny_instrument.window_frames, fits).shape == (1, fits.shape[-1])
