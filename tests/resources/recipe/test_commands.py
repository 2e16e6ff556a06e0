"""Codec, tokens, decoder and assembling on a tiny budget; what comes out is a MusicGen to transformers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoProcessor, MusicgenForConditionalGeneration

from engine.model.spectral import SpectralCodec
from resources.recipe import decoder, tokens
from resources.recipe.language_model import BOS, CODEBOOKS, LanguageModel
from resources.recipe.progress import load_checkpoint
from resources.recipe.tokenizer import open_tokenizer

Command = Callable[..., None]
SHIPPED = Path(__file__).parents[3] / "resources" / "pocket"


def load(folder: Path) -> tuple[MusicgenForConditionalGeneration, object]:
    model = MusicgenForConditionalGeneration.from_pretrained(folder, local_files_only=True)
    return model.eval(), AutoProcessor.from_pretrained(folder, local_files_only=True)


def test_trainings_resume_where_they_stopped(work: Path, sines: Path, command: Command, window_frames: int) -> None:
    command(decoder.main, sines, "-o", work, "--steps", 6, "--window-frames", window_frames, "--batch", 2)
    steps = [int(line.split(",")[0]) for line in (work / "decoder.csv").read_text().splitlines()[1:]]
    assert steps == [4, 6]
    checkpoint = work / decoder.CHECKPOINT_NAME
    assert decoder.stored_sizes(checkpoint).hidden_size == 64  # the checkpoint's, not the command's default
    assert (work / "decoder.png").stat().st_size > 0


def test_loaded_weights_and_buffers_are_those_trained(work: Path, pocket: Path) -> None:
    model, _ = load(pocket)
    assert model.dtype == torch.float32
    trained = tokens.open_codec(work)
    assert isinstance(model.audio_encoder, SpectralCodec)
    for name, buffer in trained.named_buffers():
        torch.testing.assert_close(model.audio_encoder.get_buffer(name), buffer, atol=2e-3, rtol=2e-3)
    for name, weight in trained.named_parameters():
        torch.testing.assert_close(model.audio_encoder.get_parameter(name), weight, atol=1e-3, rtol=1e-3)
    positions = model.decoder.model.decoder.embed_positions.weights
    assert positions[5].square().sum() == pytest.approx(model.config.decoder.hidden_size / 2)


def test_loaded_decoder_is_causal(pocket: Path) -> None:
    model, _ = load(pocket)
    columns = torch.randint(BOS, (CODEBOOKS, 30), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        before = model.decoder(input_ids=columns).logits
        columns[:, 20] = 0
        after = model.decoder(input_ids=columns).logits
    changed = (before - after).abs().amax((0, 2)) > 1e-5
    assert changed.tolist() == [column >= 20 for column in range(30)]


def test_loaded_text_encoder_reads_as_it_was_trained(pocket: Path, work: Path) -> None:
    model, processor = load(pocket)
    trained = LanguageModel(decoder.stored_sizes(work / decoder.CHECKPOINT_NAME), len(open_tokenizer(pocket))).eval()
    load_checkpoint(work / decoder.CHECKPOINT_NAME, trained)
    text = processor(text=["a rock song", "jazz music, 121 bpm with sines"], padding=True, return_tensors="pt")
    with torch.no_grad():
        theirs = model.enc_to_dec_proj(model.text_encoder(**text).last_hidden_state) * text["attention_mask"][..., None]
        ours = trained.describe(text["input_ids"], text["attention_mask"].float())
    torch.testing.assert_close(ours, theirs, atol=5e-3, rtol=5e-3)


def test_generates_from_text(pocket: Path, window_frames: int) -> None:
    model, processor = load(pocket)
    inputs = processor(text=["jazz music, 121 bpm", "something unheard of"], padding=True, return_tensors="pt")
    audio = model.generate(**inputs)
    hop = model.config.audio_encoder.hop_length
    assert audio.shape == (2, 1, window_frames * hop)
    assert torch.isfinite(audio).all()


def test_generates_without_text(pocket: Path) -> None:
    model, _ = load(pocket)
    audio = model.generate(**model.get_unconditional_inputs(1), max_new_tokens=20)
    assert audio.shape[-1] > 0
    assert torch.isfinite(audio).all()


def test_continues_audio(pocket: Path) -> None:
    model, processor = load(pocket)
    config = model.config.audio_encoder
    prompt = 0.1 * np.sin(np.arange(config.sampling_rate // 2) / 10)
    inputs = processor(
        audio=prompt, sampling_rate=config.sampling_rate, text=["a rock song"], padding=True, return_tensors="pt"
    )
    prompt_codes = model.audio_encoder.encode(torch.from_numpy(prompt).float()[None, None]).audio_codes[0]
    heard: list[torch.Tensor] = []
    decode = model.audio_encoder.decode
    model.audio_encoder.decode = lambda codes, **kwargs: heard.append(codes) or decode(codes, **kwargs)
    audio = model.generate(**inputs, max_new_tokens=20)
    assert audio.shape[-1] > len(prompt)
    codes = heard[0][0, 0]
    # The delay leaves the whole of the prompt's first codebook; each further one is continued a step sooner
    assert torch.equal(codes[0, : prompt_codes.shape[-1]], prompt_codes[0, 0])
    assert codes.max() < BOS


def test_begins_from_an_assembled_model_or_a_checkpoint(pocket: Path, work: Path) -> None:
    vocabulary = len(open_tokenizer(pocket))
    for source, tolerance in ((pocket, 1e-3), (work / decoder.CHECKPOINT_NAME, 0.0)):
        model, trained = (
            LanguageModel(decoder.stored_sizes(work / decoder.CHECKPOINT_NAME), vocabulary) for _ in range(2)
        )
        decoder.load_weights(model, source)
        load_checkpoint(work / decoder.CHECKPOINT_NAME, trained)
        for ours, theirs in zip(model.parameters(), trained.parameters(), strict=True):
            torch.testing.assert_close(ours, theirs, atol=tolerance, rtol=tolerance)


def test_a_run_that_begins_from_another_takes_its_sizes_and_counts_its_steps(
    work: Path, pocket: Path, sines: Path, tmp_path: Path, command: Command, window_frames: int
) -> None:
    for source, before in (
        (pocket, 0),
        (work / decoder.CHECKPOINT_NAME, decoder.stored_steps(work / decoder.CHECKPOINT_NAME)),
    ):
        fresh = tmp_path / source.name
        shutil.copytree(work, fresh, ignore=shutil.ignore_patterns("decoder.*"))
        run = (decoder.main, sines, "-o", fresh, "--init", source, "--window-frames", window_frames, "--batch", 2)
        for steps in (1, 2):  # the second goes on from the first
            command(*run, "--steps", steps)
            assert decoder.stored_sizes(fresh / decoder.CHECKPOINT_NAME).hidden_size == 64
            assert decoder.stored_steps(fresh / decoder.CHECKPOINT_NAME) == before + steps


def test_layout(pocket: Path, window_frames: int) -> None:
    config = json.loads((pocket / "config.json").read_text())
    assert config["audio_encoder"]["model_type"] == "segue_spectral"
    generation = json.loads((pocket / "generation_config.json").read_text())
    assert generation["max_length"] == window_frames + CODEBOOKS - 1
    assert generation["decoder_start_token_id"] == generation["pad_token_id"] == BOS
    assert (pocket / "preprocessor_config.json").exists()
    assert (pocket / "CARD.md").read_text(encoding="utf-8").count("\n# Pocket\n") == 1


@pytest.mark.skipif(not (SHIPPED / "model.safetensors").exists(), reason="no Pocket is shipped here")
def test_shipped_model_generates() -> None:
    model, processor = load(SHIPPED)
    inputs = processor(text=["jazz with piano"], padding=True, return_tensors="pt")
    audio = model.generate(**inputs, max_new_tokens=50)
    assert torch.isfinite(audio).all()
    assert 0.001 < audio.square().mean().sqrt() < 1
    size_mb = sum(file.stat().st_size for file in SHIPPED.iterdir()) / 1e6
    assert size_mb <= 45
