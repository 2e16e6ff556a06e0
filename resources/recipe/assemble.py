"""Put Pocket together: ``python -m resources.recipe.assemble WORK -o resources/pocket``.

Codec, decoder, text encoder and tokenizer of a work folder become one folder in the Hugging Face layout, which
``MusicgenForConditionalGeneration`` and ``AutoProcessor`` load once ``engine.model.spectral`` is imported. Where WORK
holds ``measure.json`` (``resources.recipe.measure``), its figures are written into the card.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from transformers import (
    EncodecFeatureExtractor,
    GenerationConfig,
    MusicgenConfig,
    MusicgenForConditionalGeneration,
    MusicgenProcessor,
)

from engine.errors import CheckpointError
from engine.model.spectral import SpectralCodecConfig
from resources.recipe.card import Making, write_card
from resources.recipe.codec import CHECKPOINT_NAME as CODEC_NAME
from resources.recipe.command import run
from resources.recipe.decoder import CHECKPOINT_NAME, TOKENIZER_NAME, stored_sizes, stored_steps
from resources.recipe.language_model import BOS, CODEBOOKS, LanguageModel
from resources.recipe.progress import checkpoint_facts, checkpoint_step, load_checkpoint
from resources.recipe.targets import MEASURES_NAME
from resources.recipe.tokenizer import open_tokenizer
from resources.recipe.tokens import open_codec

GUIDANCE = 3.0
TOP_K = 250


def generation_config(window_frames: int) -> GenerationConfig:
    """Sampling as audiocraft does it, for as many frames as were trained; the delay takes K - 1 columns more."""
    return GenerationConfig(
        # transformers counts a length that no caller gave from the first new column, so BOS is not in it
        max_length=window_frames + CODEBOOKS - 1,
        do_sample=True,
        guidance_scale=GUIDANCE,
        top_k=TOP_K,
        pad_token_id=BOS,
        bos_token_id=BOS,
        decoder_start_token_id=BOS,
    )


def assemble(work: Path, folder: Path) -> Path:
    """Write the model of ``work`` into ``folder``: half-precision weights, loaded as single precision.

    Raises:
        CheckpointError: a part has not been trained.
    """
    path = work / CHECKPOINT_NAME
    if not path.exists():
        raise CheckpointError(f"no {path}: train it with python -m resources.recipe.decoder CORPUS -o {work}")
    tokenizer, codec = open_tokenizer(work / TOKENIZER_NAME), open_codec(work)
    language_model = LanguageModel(stored_sizes(work / CHECKPOINT_NAME), len(tokenizer))
    load_checkpoint(path, language_model)
    text_encoder, decoder = language_model.text_encoder, language_model.decoder
    config = MusicgenConfig(text_encoder=text_encoder.config, audio_encoder=codec.config, decoder=decoder.config)
    model = MusicgenForConditionalGeneration(config, text_encoder, codec, decoder)
    model.enc_to_dec_proj.load_state_dict(language_model.enc_to_dec_proj.state_dict())
    model.generation_config = generation_config(int(str(checkpoint_facts(path)["window_frames"])))
    model.half().save_pretrained(folder)
    # Stored in half precision to be small, meant to run in single: half-precision latents would pick other codes.
    for part in (model.config, text_encoder.config, codec.config, decoder.config):
        part.dtype = torch.float32
    model.config.save_pretrained(folder)
    extractor = EncodecFeatureExtractor(feature_size=1, sampling_rate=codec.config.sampling_rate, padding_value=0.0)
    extractor.save_pretrained(folder)
    MusicgenProcessor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(folder)
    _write_card(work, folder, model, len(tokenizer))
    return folder


def _write_card(work: Path, folder: Path, model: MusicgenForConditionalGeneration, vocabulary: int) -> None:
    """The card, with the figures and the spectrograms that the work folder holds."""
    facts, codec = checkpoint_facts(work / CHECKPOINT_NAME), model.config.audio_encoder
    assert isinstance(codec, SpectralCodecConfig)
    making = Making(
        sizes=stored_sizes(work / CHECKPOINT_NAME),
        vocabulary=vocabulary,
        parameters=sum(p.numel() for p in model.parameters()),
        rate_hz=codec.sampling_rate,
        frame_rate=codec.frame_rate,
        window_frames=int(str(facts["window_frames"])),
        codec_steps=checkpoint_step(work / CODEC_NAME),
        decoder_steps=stored_steps(work / CHECKPOINT_NAME),
        clips=int(str(facts["clips"])),
        hours=float(str(facts["hours"])),
    )
    measures, sheets = work / MEASURES_NAME, sorted(work.glob("sheet-*.png"))
    for sheet in sheets:
        shutil.copy(sheet, folder)
    figures = json.loads(measures.read_text(encoding="utf-8")) if measures.exists() else None
    write_card(folder, making, figures, [sheet.name for sheet in sheets])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m resources.recipe.assemble", description=__doc__)
    parser.add_argument("work", type=Path, help="holds the checkpoints of the codec and of the language model")
    parser.add_argument("-o", "--folder", type=Path, required=True, help="where the model goes")
    options = parser.parse_args()
    folder = assemble(options.work, options.folder)
    size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    print(f"{folder}: {size_mb:.1f} MB")


if __name__ == "__main__":
    run(main)
