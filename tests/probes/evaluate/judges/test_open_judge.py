"""A judge by its word, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import CheckpointError, CorpusError
from probes.evaluate.judges.ear import Ear
from probes.evaluate.judges.open import open_judge

POCKET = Path(__file__).parents[4] / "resources" / "pocket"


def test_pocket_brings_its_ear_and_the_ear_its_corpus() -> None:
    judge = open_judge("ear", POCKET / "probes.safetensors", ())
    assert isinstance(judge, Ear)
    assert set(judge.corpus) == set(judge.labels) == {"classical", "electronic", "jazz", "rock"}
    assert min(len(places) for places in judge.corpus.values()) >= 50
    assert judge.facts["held_out_accuracy"]["passthrough"] >= 0.95


def test_unknown_or_absent_judges_are_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CorpusError, match="no judge 'critic': choose ear, clap, or clap:MODEL"):
        open_judge("critic", POCKET / "probes.safetensors", ("jazz",))
    with pytest.raises(CorpusError, match="no ear lies beside the pack"):
        open_judge("ear", tmp_path / "pack.safetensors", ())
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(CheckpointError, match="get it with `segue download someone/clap`"):
        open_judge("clap:someone/clap", POCKET / "probes.safetensors", ("jazz",))
