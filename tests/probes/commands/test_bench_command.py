"""`segue bench --probe` through its own words; without it, the engine's bench is asked."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.errors import CorpusError
from probes.commands import bench
from probes.speed import Speed


def call(*words: object) -> Mapping[str, Any]:
    parser = argparse.ArgumentParser()
    bench.configure(parser)
    parser.set_defaults(json=True)
    return bench.run(parser.parse_args([str(word) for word in words]))


@pytest.mark.parametrize("layout", ["tiny_spectral", "tiny_musicgen"])
def test_recording_is_said_to_be_how_many_times_faster(layout: str, request: pytest.FixtureRequest) -> None:
    told = call("--probe", "--model", request.getfixturevalue(layout), "--clips", 2)
    assert told["ratio_authors"] == told["hf_generate_seconds_per_clip"] / told["seconds_per_clip"]
    assert told["ratio_authors"] > 2
    assert told["ratio_hf_batched"] > 0
    assert (told["clips"], told["frames"]) == (2, 124)


def test_pocket_too_is_opened_by_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its codec is of our own making: transformers must have been told of it."""
    seen: list[Any] = []

    def measure_speed(model: Any, *_: Any) -> Speed:
        seen.append(model)
        return Speed(16, 499, 1.0, 2.0, 40.0, 2.0)

    monkeypatch.setattr("probes.speed.measure_speed", measure_speed)
    assert call("--probe")["ratio_authors"] == 40
    assert seen[0].config.audio_encoder.model_type == "segue_spectral"


def test_no_clips_cannot_be_timed(tiny_spectral: Path) -> None:
    with pytest.raises(CorpusError, match="at least 1"):
        call("--probe", "--model", tiny_spectral, "--clips", 0)


def test_without_it_playing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bench.playing.run", lambda options: {"asked": options.config})
    assert call("--config", "small") == {"asked": "small"}
