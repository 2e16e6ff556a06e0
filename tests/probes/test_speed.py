"""The three ways to record that are timed against each other do the same work."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import MusicgenForConditionalGeneration

from engine.instrument import Instrument
from probes.corpus.clip import Clip, Split
from probes.record import Recorder, Tally
from probes.speed import by_hidden_states, measure_speed

FRAMES = 40


def test_both_batched_ways_find_the_same(tiny_spectral: Path, tiny_instrument: Instrument) -> None:
    model = MusicgenForConditionalGeneration.from_pretrained(tiny_spectral).eval()
    codes = torch.randint(64, (4, 4, FRAMES), generator=torch.Generator().manual_seed(0))
    clips = [Clip(Path(), 0.0, 0.0, "x", "", "", Split.TRAIN)] * 4
    mine = Recorder(tiny_instrument, ["x"]).read(codes, clips, Tally(tiny_instrument.decoder, 1))
    means, lasts = by_hidden_states(model, tiny_instrument, codes)
    torch.testing.assert_close(mine.means, means, atol=1e-4, rtol=0)
    torch.testing.assert_close(mine.lasts, lasts, atol=1e-4, rtol=0)


def test_speeds_are_measured(tiny_spectral: Path, tiny_instrument: Instrument) -> None:
    model = MusicgenForConditionalGeneration.from_pretrained(tiny_spectral).eval()
    speed = measure_speed(model, tiny_instrument, torch.randint(64, (4, 4, FRAMES)), batch=2)
    assert min(speed.ours_s, speed.batched_s, speed.authors_s) > 0
    # Step by step is slower than all at once, whatever the machine.
    assert speed.ratio_authors > 2
    assert not any(layer._forward_pre_hooks for layer in model.decoder.model.decoder.layers)
