"""MusicGens with random weights in the real layout: for tests, and to measure speed at sizes that are not at hand.

The sizes are those of facebook/musicgen-small, -medium, -large and -stereo-small; ``tiny`` and its kin do in seconds.
"""

from __future__ import annotations

import hashlib
import math
import string
from collections.abc import Mapping
from typing import Any

import torch
from transformers import (
    EncodecConfig,
    MusicgenConfig,
    MusicgenDecoderConfig,
    MusicgenForConditionalGeneration,
    PreTrainedConfig,
    T5Config,
    T5Tokenizer,
)

from engine.model.checkpoint import Checkpoint
from engine.model.shapes import DecoderShape, TextShape
from engine.model.spectral import SpectralCodec, SpectralCodecConfig
from engine.model.tokenizer import PromptTokenizer

T5_BASE = {"vocab_size": 32128, "d_model": 768, "d_kv": 64, "d_ff": 3072, "num_layers": 12, "num_heads": 12}
T5_TINY = {"vocab_size": 128, "d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
ENCODEC_32KHZ: dict[str, Any] = {
    "upsampling_ratios": [8, 5, 4, 4],
    "target_bandwidths": [2.2],
    "num_filters": 64,
    "sampling_rate": 32_000,
    "codebook_size": 2048,
    "use_causal_conv": False,
    "use_conv_shortcut": False,
}
# 50 frames a second × 6 bits × 4 codebooks
ENCODEC_TINY = ENCODEC_32KHZ | {"target_bandwidths": [1.2], "num_filters": 4, "hidden_size": 16, "codebook_size": 64}
SPECTRAL_TINY: dict[str, Any] = {
    "hidden_size": 32,
    "latent_size": 16,
    "encoder_layers": 1,
    "decoder_layers": 2,
    "codebook_size": 64,
    "codebook_dim": 8,
}
DECODER_TINY = {"num_hidden_layers": 3, "hidden_size": 64, "num_attention_heads": 4, "ffn_dim": 128}
DECODER_SMALL = {"num_hidden_layers": 24, "hidden_size": 1024, "num_attention_heads": 16, "ffn_dim": 4096}
DECODER_MEDIUM = {"num_hidden_layers": 48, "hidden_size": 1536, "num_attention_heads": 24, "ffn_dim": 6144}
DECODER_LARGE = {"num_hidden_layers": 48, "hidden_size": 2048, "num_attention_heads": 32, "ffn_dim": 8192}
STEREO = {"num_codebooks": 8, "audio_channels": 2}

RMS = 0.1

# name → decoder, text encoder, audio encoder, trained window in frames
CONFIGS: Mapping[str, tuple[dict[str, Any], dict[str, Any], PreTrainedConfig, int]] = {
    "tiny": (DECODER_TINY, T5_TINY, EncodecConfig(**ENCODEC_TINY), 128),
    "tiny-stereo": (DECODER_TINY | STEREO, T5_TINY, EncodecConfig(**ENCODEC_TINY), 128),
    "tiny-spectral": (DECODER_TINY, T5_TINY, SpectralCodecConfig(**SPECTRAL_TINY), 128),
    "small": (DECODER_SMALL, T5_BASE, EncodecConfig(**ENCODEC_32KHZ), 1500),
    "small-stereo": (DECODER_SMALL | STEREO, T5_BASE, EncodecConfig(**ENCODEC_32KHZ), 1500),
    "medium": (DECODER_MEDIUM, T5_BASE, EncodecConfig(**ENCODEC_32KHZ), 1500),
    "large": (DECODER_LARGE, T5_BASE, EncodecConfig(**ENCODEC_32KHZ), 1500),
}


def build_random(config_name: str, seed: int = 0) -> MusicgenForConditionalGeneration:
    """A float32 model in evaluation mode, on the CPU, that draws its weights from ``seed``.

    The decoder's matrices are widened until attention and scores are far from uniform: at the default initialisation
    every score is about the same, and a wrong decoder would pass for a right one.

    Raises:
        KeyError: ``config_name`` is not in :data:`CONFIGS`.
    """
    decoder, text_encoder, audio_encoder, window_frames = CONFIGS[config_name]
    vocabulary = audio_encoder.codebook_size
    config = MusicgenConfig(
        text_encoder=T5Config(**text_encoder).to_dict(),
        audio_encoder=audio_encoder.to_dict(),
        decoder=MusicgenDecoderConfig(
            **decoder, vocab_size=vocabulary, pad_token_id=vocabulary, bos_token_id=vocabulary
        ).to_dict(),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = MusicgenForConditionalGeneration(config).eval()
        _widen(model)
        voice(model.audio_encoder)
    generation = model.generation_config
    generation.decoder_start_token_id = generation.pad_token_id = generation.bos_token_id = vocabulary
    generation.eos_token_id = None
    generation.do_sample, generation.guidance_scale, generation.max_length = True, 3.0, window_frames
    return model


@torch.no_grad()
def _widen(model: MusicgenForConditionalGeneration) -> None:
    """Scale every decoder matrix to rows of about twice unit length, whatever the width."""
    config: Any = model.config.decoder
    factor = 2.0 / (math.sqrt(config.hidden_size) * config.initializer_factor)
    for parameter in model.decoder.parameters():
        if parameter.dim() == 2:
            parameter.mul_(factor)


@torch.no_grad()
def voice(codec: Any) -> None:
    """Make a random EnCodec or spectral codec usable: codebooks filled (they are built as zeros), latents spread over
    their entries, output at music's level. At the default initialisation every sound would get the same codes.
    """
    spectral = isinstance(codec, SpectralCodec)
    noise = torch.randn(1, 1, 50 * codec.config.hop_length)
    latent = codec.encoder(noise[:, 0])[0] if spectral else codec.encoder(noise)[0].t()  # (T, D)
    mean, spread = latent.mean(0), latent.std(0)
    if spectral:
        project = codec.encoder.project
        project.weight.div_(spread[:, None])
        codec.quantizer.codebooks.normal_()
        books = codec.config.num_quantizers
    else:
        project = codec.encoder.layers[-1].conv
        project.parametrizations.weight.original0.div_(spread[:, None, None])
        for layer in codec.quantizer.layers:
            layer.codebook.embed.normal_()
        books = len(codec.quantizer.layers)
    project.bias.sub_(mean).div_(spread)
    codes = torch.randint(codec.config.codebook_size, (1, 1, books, 25))
    gain = RMS / codec.decode(codes, [None]).audio_values.std()
    if spectral:
        codec.decoder.head.bias[: codec.decoder.bins] += gain.log()
    else:
        last = codec.decoder.layers[-1].conv
        last.parametrizations.weight.original0.mul_(gain)
        last.bias.mul_(gain)


def build_tokenizer() -> T5Tokenizer:
    """A T5 tokenizer of 40 pieces: letters, digits, the space, and T5's three special tokens."""
    letters = [(character, -4.0) for character in string.ascii_lowercase + string.digits]
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *letters]
    return T5Tokenizer(vocab=pieces, extra_ids=0)


def random_checkpoint(config_name: str, seed: int = 0) -> Checkpoint:
    """A random model ready to play, made in memory."""
    model: Any = build_random(config_name, seed)
    whole = model.config.to_dict()
    text = TextShape.of(whole)
    return Checkpoint(
        decoder=DecoderShape.of(whole),
        text=text,
        tensors=model.state_dict(),
        audio_encoder=model.audio_encoder,
        tokenizer=PromptTokenizer(build_tokenizer().backend_tokenizer, text.pad_token),
        name=f"random {config_name}",
        folder=None,
        digest=hashlib.sha256(f"random {config_name} {seed}".encode()).hexdigest(),
        licence="random weights",
        window_frames=CONFIGS[config_name][3],
        open_model=lambda: model,
    )
