"""The streamed spectral codec against the module's own decode of everything at once."""

from __future__ import annotations

import pytest
import torch

from engine.errors import AudioFileError, CheckpointError
from engine.model.codec import open_codec
from engine.model.random_checkpoint import build_random


@pytest.mark.parametrize("chunk", [1, 2, 5, 20])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 2, 20])
def test_any_chunking_equals_the_full_decode(channels: int, chunk: int, frames: int) -> None:
    codec = open_codec(build_random("tiny-spectral").audio_encoder, channels)
    codes = torch.randint(codec.codebook_size, (codec.codebooks, frames), generator=torch.Generator().manual_seed(1))
    expected = codec.full_decode(codes)
    assert expected.shape == (channels, frames * codec.hop_samples)
    assert expected.std() > 0.01
    for _ in range(2):  # a flushed stream remembers nothing
        parts = [codec.decode(codes[:, i : i + chunk]) for i in range(0, frames, chunk)]
        held_back = frames * codec.hop_samples - sum(part.shape[1] for part in parts)
        assert held_back == min(codec.lookahead_samples, frames * codec.hop_samples)
        torch.testing.assert_close(torch.cat([*parts, codec.flush()], dim=1), expected, rtol=0, atol=1e-5)


def test_lookahead_is_30_ms_and_nothing_is_nothing() -> None:
    codec = open_codec(build_random("tiny-spectral").audio_encoder)
    assert codec.lookahead_samples * 1000 == 30 * codec.sample_rate_hz
    assert codec.decode(torch.zeros(codec.codebooks, 0, dtype=torch.long)).shape == (1, 0)
    assert codec.flush().shape == (1, 0)


def test_reset_drops_what_was_inside() -> None:
    codec = open_codec(build_random("tiny-spectral").audio_encoder)
    codes = torch.randint(codec.codebook_size, (codec.codebooks, 12), generator=torch.Generator().manual_seed(2))
    codec.decode(codes.flip(1))
    codec.reset()
    streamed = torch.cat([codec.decode(codes), codec.flush()], dim=1)
    torch.testing.assert_close(streamed, codec.full_decode(codes), rtol=0, atol=1e-5)


def test_encode_follows_the_modules_own() -> None:
    model = build_random("tiny-spectral").audio_encoder
    codec = open_codec(model, channels=2)
    samples = 0.3 * torch.randn(2, 5_000, generator=torch.Generator().manual_seed(1))
    codes = codec.encode(samples)
    with torch.no_grad():
        left, right = (model.encode(samples[None, None, i]).audio_codes[0, 0] for i in (0, 1))
    assert torch.equal(codes[0::2], left)
    assert torch.equal(codes[1::2], right)
    assert codec.encode(torch.zeros(2, 1)).shape == (codec.codebooks, 1)
    with pytest.raises(AudioFileError, match="empty"):
        codec.encode(torch.zeros(2, 0))


def test_an_unknown_codec_is_refused() -> None:
    model = build_random("tiny-spectral")
    with pytest.raises(CheckpointError, match="t5"):
        open_codec(model.text_encoder)
