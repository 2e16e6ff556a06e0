"""A random model on disk, for tests that load one."""

from __future__ import annotations

from pathlib import Path

from transformers import EncodecFeatureExtractor, MusicgenForConditionalGeneration, MusicgenProcessor

from engine.model.random_checkpoint import CONFIGS, build_random, build_tokenizer


def save_random(config_name: str, directory: Path, seed: int = 0) -> MusicgenForConditionalGeneration:
    """Write a random model as Hugging Face lays a MusicGen out: configuration, safetensors, tokenizer. Returns it."""
    model = build_random(config_name, seed)
    model.save_pretrained(directory)
    decoder, _, audio_encoder, _ = CONFIGS[config_name]
    features = EncodecFeatureExtractor(
        feature_size=decoder.get("audio_channels", 1),
        sampling_rate=audio_encoder.sampling_rate,
        padding_side="left",
    )
    MusicgenProcessor(features, build_tokenizer()).save_pretrained(directory)
    return model
