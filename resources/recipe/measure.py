"""Measure Pocket: ``python -m resources.recipe.measure --model DIR --corpus DIR -o OUT``.

Writes ``OUT/measure.json`` and a sheet of spectrograms per genre, and prints the figures beside what Pocket is meant to reach.
Everything is heard on songs, or on whole sub-styles, that nothing was trained on.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import MusicgenConfig, MusicgenForConditionalGeneration

from engine.errors import CorpusError
from engine.instrument import Instrument
from engine.model.precision import Precision
from engine.model.spectral import SpectralCodec
from resources.recipe.baselines import bigram_nats, unigram_nats
from resources.recipe.classifier import GenreClassifier
from resources.recipe.command import run
from resources.recipe.decoder import load_weights
from resources.recipe.held_out import Clip, choose, decode, encode, read
from resources.recipe.language_model import CODEBOOK_SIZE, CODEBOOKS, LanguageModel, Sizes
from resources.recipe.measure_codec import codebook_use, codec_figures
from resources.recipe.measure_decoder import (
    Player,
    continuation_figures,
    endurance_figures,
    held_out_prompts,
    nats,
    text_figures,
)
from resources.recipe.sheet import draw_sheet
from resources.recipe.targets import MEASURES_NAME, table
from resources.recipe.tokenizer import open_tokenizer
from resources.recipe.waveforms import read_manifest

CLIP_S = 10.0
PROMPT_S = 5.0
ENDURANCE_S = 60.0
SHEET_COLUMNS = 2


@dataclass(frozen=True)
class Sample:
    """How much is heard.

    Attributes:
        train: clips of each genre that the judge and the baselines learn from.
        held_out: held-out clips of each genre, and as many of each held-out sub-style.
        generated: generations from text for each genre.
        runs: long plays.
        batch: generations in lockstep.
    """

    train: int = 150
    held_out: int = 15
    generated: int = 40
    runs: int = 40
    batch: int = 40


def tell(line: str) -> None:
    """Progress."""
    print(line, flush=True)


class Report:
    """Figures as they come in, each group written at once: a measurement that is stopped leaves what it had."""

    def __init__(self, out: Path) -> None:
        out.mkdir(parents=True, exist_ok=True)
        self._path = out / MEASURES_NAME
        self.measures: dict[str, Any] = {}

    def add(self, group: str, figures: Mapping[str, object]) -> None:
        """Keep a group of figures."""
        self.measures[group] = figures
        tell(f"{group}: {json.dumps(figures)}")
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.measures, indent=1), encoding="utf-8")
        os.replace(part, self._path)


@dataclass(frozen=True)
class Heard:
    """The clips of a measurement: to learn from, and of songs and of whole sub-styles that nothing has seen."""

    train: list[Clip]
    songs: list[Clip]
    styles: list[Clip]

    @classmethod
    def read(cls, corpus: Path, codec: SpectralCodec, sample: Sample) -> Heard:
        """Choose and read them.

        Raises:
            CorpusError: there are none to learn from, or none are held out.
        """
        rows = read_manifest(corpus)
        sides = ((("train",), sample.train), (("valid", "test"), sample.held_out), (("style",), sample.held_out))
        clips = [read(corpus, choose(rows, splits, count), codec, CLIP_S, tell) for splits, count in sides]
        if not clips[0] or not clips[1]:
            raise CorpusError(f"{corpus} has too few clips to hold some out: compose more")
        return cls(*clips)

    @property
    def held_out(self) -> dict[str, list[Clip]]:
        """The sides that there are, by name."""
        return {name: clips for name, clips in (("songs", self.songs), ("styles", self.styles)) if clips}


def train_judge(clips: Sequence[Clip], rate_hz: int) -> GenreClassifier:
    """A judge that has heard music before and after the codec."""
    pairs = [clip.features(rate_hz) for clip in clips]
    genres = [clip.genre for clip in clips]
    return GenreClassifier([p[0] for p in pairs] + [p[1] for p in pairs], genres * 2)


def genre_figures(judge: GenreClassifier, clips: Sequence[Clip], rate_hz: int) -> dict[str, float]:
    """The judge's accuracy before and after the codec."""
    originals, passthroughs = zip(*(clip.features(rate_hz) for clip in clips), strict=True)
    genres = [clip.genre for clip in clips]
    before, after = judge.accuracy(originals, genres), judge.accuracy(passthroughs, genres)
    return {"originals": before, "passthrough": after, "ratio": after / max(before, 1e-9)}


def decoder_figures(folder: Path, config: MusicgenConfig, heard: Heard, window_frames: int) -> dict[str, object]:
    """Nats per token of each codebook on held-out songs, beside what counting predicts."""
    tokenizer = open_tokenizer(folder)
    model = LanguageModel(Sizes.of(config), len(tokenizer))
    load_weights(model, folder)
    model.eval()
    ours, theirs = ([clip.codes for clip in clips] for clips in (heard.train, heard.songs))
    return {
        "nats": nats(model, tokenizer, heard.songs, window_frames, text=True),
        "nats_without_text": nats(model, tokenizer, heard.songs, window_frames, text=False),
        "unigram": unigram_nats(ours, theirs, CODEBOOK_SIZE),
        "bigram": bigram_nats(ours, theirs, CODEBOOK_SIZE),
    }


def measure(folder: Path, corpus: Path, out: Path, sample: Sample, scales: bool = True) -> dict[str, Any]:
    """All figures of the model in ``folder``, as they are written.

    Args:
        scales: hear scales of single notes, for which FluidSynth and the soundfont are needed.

    Raises:
        CorpusError: the corpus has too few clips, or the soundfont is missing.
        CheckpointError: the model does not load.
    """
    report = Report(out)
    instrument = Instrument.load(str(folder), torch.device("cpu"), Precision.FP32)
    model = MusicgenForConditionalGeneration.from_pretrained(folder, local_files_only=True).eval()
    codec, config = model.audio_encoder, model.config
    assert isinstance(codec, SpectralCodec)
    assert isinstance(config, MusicgenConfig)
    rate_hz = codec.config.sampling_rate
    heard = Heard.read(corpus, codec, sample)
    report.add("clips", {"train": len(heard.train)} | {name: len(clips) for name, clips in heard.held_out.items()})
    use = codebook_use([*heard.songs, *heard.styles, *heard.train], CODEBOOK_SIZE)
    kept: dict[str, object] = {name: codec_figures(clips, rate_hz) for name, clips in heard.held_out.items()}
    kept |= {"codebooks": use, "least_used_share": min(level["used_share"] for level in use)}
    if scales:
        from resources.recipe.tones import scale_figures

        kept["scales"] = scale_figures(lambda samples: decode(codec, encode(codec, samples)), rate_hz)
    report.add("codec", kept)
    judge = train_judge(heard.train, rate_hz)
    report.add("genre", {name: genre_figures(judge, clips, rate_hz) for name, clips in heard.held_out.items()})
    report.add("decoder", decoder_figures(folder, config, heard, instrument.window_frames - CODEBOOKS + 1))
    player = Player(instrument, codec, judge, sample.batch, tell)
    prompts = held_out_prompts(heard.songs, sample.generated)
    figures, generated = text_figures(player, prompts, CLIP_S)
    report.add("text", figures)
    for genre, sounds in generated.items():
        originals = [clip for clip in heard.songs if clip.genre == genre][:SHEET_COLUMNS]
        columns = [(clip.original, clip.passthrough, sound) for clip, sound in zip(originals, sounds, strict=False)]
        draw_sheet(out / f"sheet-{genre}.png", genre, columns, rate_hz)
    report.add("continuation", continuation_figures(player, heard.songs, PROMPT_S, CLIP_S - PROMPT_S))
    report.add("endurance", endurance_figures(player, prompts, sample.runs, ENDURANCE_S))
    return report.measures


def main() -> None:
    """Command line."""
    default = Sample()
    parser = argparse.ArgumentParser(prog="python -m resources.recipe.measure", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="an assembled model")
    parser.add_argument("--corpus", type=Path, required=True, help="a folder written by `segue corpus compose`")
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--train-clips", type=int, default=default.train, help="of each genre, for the judge")
    parser.add_argument("--held-out-clips", type=int, default=default.held_out, help="of each genre and sub-style")
    parser.add_argument("--per-genre", type=int, default=default.generated, help="generations from text")
    parser.add_argument("--runs", type=int, default=default.runs, help=f"plays of {ENDURANCE_S:.0f} s")
    parser.add_argument("--batch", type=int, default=default.batch, help="generations in lockstep")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sample = Sample(
        options.train_clips, options.held_out_clips, options.per_genre, options.runs, min(options.batch, 64)
    )
    measures = measure(options.model, options.corpus, options.out, sample)
    for name, value, target, verdict in table(measures):
        print(f"{name:56} {value:>12}   {target:8} {verdict}")


if __name__ == "__main__":
    run(main)
