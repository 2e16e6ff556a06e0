"""The streamed EnCodec against the module's own decode of everything at once."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
import torch
from torch import Tensor
from transformers import EncodecConfig, EncodecModel

from engine.errors import AudioFileError, CheckpointError
from engine.model.channels import join_channels, split_channels
from engine.model.codec import Codec, open_codec
from engine.model.random_checkpoint import ENCODEC_TINY, build_random, voice

FRAMES = 16
VARIANTS = {
    "centred": {},
    "causal": {"use_causal_conv": True},
    "causal-untrimmed": {"use_causal_conv": True, "trim_right_ratio": 0.4},
    "zeros": {"pad_mode": "constant"},
    "replicate": {"pad_mode": "replicate", "use_causal_conv": True},
    "shortcut": {"use_conv_shortcut": True},
    "dilated": {"num_residual_layers": 3, "dilation_growth_rate": 3},
    "odd": {"upsampling_ratios": [5, 3, 2], "kernel_size": 5, "last_kernel_size": 9, "num_lstm_layers": 1},
}


def make(**overrides: object) -> EncodecModel:
    torch.manual_seed(3)
    config = EncodecConfig(**(ENCODEC_TINY | overrides))
    config.target_bandwidths = [4 * config.codebook_nbits * config.frame_rate / 1000]
    model = EncodecModel(config).eval()
    voice(model)
    # A random LSTM forgets within a few frames, and would hide lost state: make it remember.
    for name, parameter in model.decoder.named_parameters():
        if "lstm.bias_ih" in name:
            parameter.data[len(parameter) // 4 : len(parameter) // 2] += 4.0
    return model


@cache
def variant_of(name: str) -> EncodecModel:
    return make(**VARIANTS[name])


def draw(codec: Codec, frames: int = FRAMES) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.randint(codec.codebook_size, (codec.codebooks, frames), generator=generator)


def stream(codec: Codec, codes: Tensor, chunks: list[int]) -> Tensor:
    bounds = [0]
    while bounds[-1] < codes.shape[1]:
        bounds.append(bounds[-1] + chunks[(len(bounds) - 1) % len(chunks)])
    return torch.cat([codec.decode(codes[:, a:b]) for a, b in pairwise(bounds)] + [codec.flush()], dim=1)


@pytest.mark.parametrize("chunks", [[1], [5], [1, 7], [0, 3], [FRAMES]], ids=str)
@pytest.mark.parametrize(("variant", "channels"), [("centred", 1), *((variant, 2) for variant in VARIANTS)])
def test_any_chunking_equals_the_full_decode(variant: str, channels: int, chunks: list[int]) -> None:
    codec = open_codec(variant_of(variant), channels)
    codes = draw(codec)
    expected = codec.full_decode(codes)
    assert expected.std() > 0.01
    torch.testing.assert_close(stream(codec, codes, chunks), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("frames", range(1, 9))
@pytest.mark.parametrize("variant", ["centred", "causal", "zeros"])
def test_streams_shorter_than_the_padding(variant: str, frames: int) -> None:
    codec = open_codec(variant_of(variant))
    codes = draw(codec, frames)
    torch.testing.assert_close(stream(codec, codes, [1]), codec.full_decode(codes), rtol=0, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_lookahead_is_what_is_held_back(variant: str) -> None:
    codec = open_codec(variant_of(variant))
    emitted = 0
    for frame in range(FRAMES):
        emitted += codec.decode(draw(codec)[:, frame : frame + 1]).shape[1]
    assert FRAMES * codec.hop_samples - emitted == codec.lookahead_samples


def test_lookahead_of_musicgens_codec() -> None:
    assert open_codec(make()).lookahead_samples == 2402
    assert open_codec(make(use_causal_conv=True)).lookahead_samples == 0


def test_samples_never_depend_on_codes_to_come() -> None:
    codec = open_codec(make())
    codes = draw(codec)
    early = codec.decode(codes[:, :12])
    codec.reset()
    other = codes.clone()
    other[:, 12:] = (other[:, 12:] + 1) % codec.codebook_size
    torch.testing.assert_close(codec.full_decode(other)[:, : early.shape[1]], early, rtol=0, atol=1e-5)


@pytest.mark.parametrize("end", ["reset", "flush"])
def test_a_new_stream_remembers_nothing(end: str) -> None:
    codec = open_codec(make(), channels=2)
    codes = draw(codec)
    codec.decode(codes.flip(1))
    getattr(codec, end)()
    torch.testing.assert_close(stream(codec, codes, [4]), codec.full_decode(codes), rtol=0, atol=1e-5)


def test_inference_mode_may_come_and_go() -> None:
    codec = open_codec(make())
    codes = draw(codec)
    with torch.inference_mode():
        parts = [codec.decode(codes[:, :9])]
    parts += [codec.decode(codes[:, 9:11])]
    with torch.inference_mode():
        parts += [codec.decode(codes[:, 11:])]
    parts += [codec.flush()]
    torch.testing.assert_close(torch.cat(parts, dim=1), codec.full_decode(codes), rtol=0, atol=1e-5)
    assert not codec.encode(torch.zeros(1, 100)).is_inference()  # codes may go into a training


def test_flush_of_nothing_is_nothing() -> None:
    assert open_codec(make(), channels=2).flush().shape == (2, 0)


def test_state_keeps_its_address_under_way() -> None:
    codec = open_codec(make())
    codes = draw(codec)

    def addresses() -> list[int]:
        held = [
            vars(stage) | {f"inner{i}": c for i, c in enumerate(getattr(stage, "convs", []))} for stage in codec._stages
        ]
        tensors = [x for stage in held for x in stage.values()]
        tensors += [x for inner in tensors if hasattr(inner, "span") for x in vars(inner).values()]
        return [x.data_ptr() for x in tensors if isinstance(x, Tensor)]

    codec.decode(codes[:, :8])
    before = addresses()
    codec.decode(codes[:, 8:12])
    codec.decode(codes[:, 12:16])
    assert addresses() == before
    assert len(before) > 30


def test_stereo_is_two_mono_streams_with_interleaved_codebooks() -> None:
    pair, single = open_codec(make(), channels=2), open_codec(make())
    codes = draw(pair)
    both = pair.full_decode(codes)
    torch.testing.assert_close(both[0], single.full_decode(codes[0::2])[0], rtol=0, atol=1e-6)
    torch.testing.assert_close(both[1], single.full_decode(codes[1::2])[0], rtol=0, atol=1e-6)
    assert torch.equal(join_channels(split_channels(codes, 2)), codes)


@pytest.mark.parametrize("channels", [1, 2])
def test_encode_follows_musicgens_layout(channels: int) -> None:
    model = build_random("tiny-stereo" if channels == 2 else "tiny")
    codec = open_codec(model.audio_encoder, channels)
    samples = 0.3 * torch.randn(channels, 9_000, generator=torch.Generator().manual_seed(1))
    prepared = model._prepare_audio_encoder_kwargs_for_generation(samples[None], {})
    assert torch.equal(codec.encode(samples), prepared["decoder_input_ids"])
    assert codec.encode(samples).shape == (codec.codebooks, -(-9_000 // codec.hop_samples))
    if channels == 2:
        assert not torch.equal(codec.encode(samples), codec.encode(samples.flip(0)))


def test_prompts_that_cannot_be_encoded() -> None:
    codec = open_codec(make())
    assert codec.encode(torch.zeros(1, 1)).shape == (codec.codebooks, 1)
    with pytest.raises(AudioFileError, match="empty"):
        codec.encode(torch.zeros(1, 0))
    with pytest.raises(AudioFileError, match=r"1 channel\(s\)"):
        codec.encode(torch.zeros(8, 100))


@pytest.mark.parametrize(
    "overrides",
    [
        {"norm_type": "time_group_norm"},
        {"normalize": True},
        {"chunk_length_s": 1.0, "overlap": 0.01},
        {"audio_channels": 2},
        {"pad_mode": "circular"},
    ],
    ids=lambda x: next(iter(x)),
)
def test_codecs_that_cannot_be_streamed_are_refused(overrides: dict[str, object]) -> None:
    with pytest.raises(CheckpointError):
        open_codec(EncodecModel(EncodecConfig(**(ENCODEC_TINY | overrides))))


def test_half_precision_weights_are_widened() -> None:
    codec = open_codec(make().half())
    assert codec.decode(draw(codec)).dtype == torch.float32
