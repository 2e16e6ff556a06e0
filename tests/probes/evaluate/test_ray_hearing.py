"""What workers hear is what one process hears; with a cluster where Ray is installed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.control import ControlState
from engine.errors import CorpusError
from engine.instrument import Instrument
from engine.progress import silent
from engine.steering.pack import PACK_NAME, PackDefaults, ProbePack
from probes.background import beside
from probes.evaluate.features import SIZE
from probes.evaluate.generate import Generator, Piece
from probes.evaluate.hearing import Hearing
from probes.evaluate.judges.ear import Ear, train_ear
from probes.evaluate.judges.open import open_judge
from probes.evaluate.ray_hearing import HearingWorker, RayCrew, Spec
from probes.evaluate.stage import Crew, Stage

GENRES = ("a", "b")
FRAMES = 25


@pytest.fixture
def spec(tiny_spectral: Path, tiny_instrument: Instrument, tmp_path: Path) -> Spec:
    rng = np.random.default_rng(0)
    wide = rng.standard_normal((3, 2, 64))
    wide = (wide / np.linalg.norm(wide, axis=-1, keepdims=True)).astype(np.float32)
    zeros = np.zeros((3, 2), np.float32)
    some = PackDefaults(((1, 1.0),), knob_scale=0.8)
    pack = ProbePack(tiny_instrument.identity, GENRES, wide, wide, zeros, zeros[:, 0], zeros[0], some, 1, "made up")
    path = tmp_path / "pack.safetensors"
    ear = train_ear(rng.standard_normal((30, SIZE)).astype(np.float32), np.arange(30) % 2, GENRES)
    ear.save(beside(path, "ear"))
    return Spec(str(tiny_spectral), pack, "ear", Ear.load(beside(path, "ear")).identity, path, GENRES, None, 3)


def stage(spec: Spec, instrument: Instrument, folder: Path, crew: Crew | None = None) -> Stage:
    assert spec.pack_path is not None
    judge, control = open_judge(spec.judge, spec.pack_path, spec.labels, spec.template), ControlState()
    return Stage(Generator(instrument, control, spec.batch), control, spec.pack, judge, 2, folder, silent, crew)


def pieces(spec: Spec, here: Stage) -> list[Piece]:
    return [Piece(seed, here.steered(("a", seed / 4))) for seed in range(8)]


def assert_same(ours: Hearing, theirs: Hearing) -> None:
    np.testing.assert_array_equal(ours.codes, theirs.codes)
    np.testing.assert_allclose(ours.shares, theirs.shares, atol=1e-9)
    np.testing.assert_allclose(ours.nats, theirs.nats, rtol=1e-5)


def test_a_worker_hears_what_the_stage_hears(spec: Spec, tiny_instrument: Instrument, tmp_path: Path) -> None:
    here = stage(spec, tiny_instrument, tmp_path)
    group = pieces(spec, here)[:3]
    assert_same(HearingWorker(spec).play((group, FRAMES)), here.play(group, FRAMES))


def test_only_what_is_missing_is_given_away(spec: Spec, tiny_instrument: Instrument, tmp_path: Path) -> None:
    here = stage(spec, tiny_instrument, tmp_path)
    everything = pieces(spec, here)
    alone = here.hear("alone", everything[:3], FRAMES)
    given: list[int] = []

    def crew(groups: Sequence[Sequence[Piece]], frames: int) -> Any:
        for group in groups:
            given.extend(piece.seed for piece in group)
            yield here.play(group, frames)

    shared = stage(spec, tiny_instrument, tmp_path, crew).hear("shared", everything, FRAMES)
    assert given == [3, 4, 5, 6, 7]
    assert_same(shared[:3], alone)
    assert len(shared) == 8


def test_a_worker_with_another_model_or_judge_says_so(spec: Spec, tiny_instrument: Instrument, tmp_path: Path) -> None:
    """Pocket is each machine's own; an older installation may have another."""
    group = pieces(spec, stage(spec, tiny_instrument, tmp_path))[:1]
    elsewhere = replace(spec.pack, model=replace(spec.pack.model, digest="another training"))
    with pytest.raises(CorpusError, match=r"has another model than the machine that asks: give every machine the same"):
        HearingWorker(replace(spec, pack=elsewhere)).play((group, FRAMES))
    with pytest.raises(CorpusError, match="has another judge than the machine that asks"):
        HearingWorker(replace(spec, judge_identity="ear of another")).play((group, FRAMES))


def test_a_worker_of_a_models_own_pack_hears_by_the_ear_in_its_own_installation(
    spec: Spec, tiny_spectral: Path, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    assert spec.pack_path is not None
    folder = tmp_path / "installed here"
    shutil.copytree(tiny_spectral, folder)
    Ear.load(beside(spec.pack_path, "ear")).save(beside(folder / PACK_NAME, "ear"))
    here = stage(spec, tiny_instrument, tmp_path)
    group = pieces(spec, here)[:1]
    worker = HearingWorker(replace(spec, model=str(folder), pack_path=None))
    assert_same(worker.play((group, FRAMES)), here.play(group, FRAMES))


def test_workers_are_told_whole_names(spec: Spec, tiny_spectral: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hired: list[Spec] = []

    def pool(address: str, worker: type, settings: tuple[Spec], method: str) -> None:
        hired.extend(settings)

    monkeypatch.setattr("probes.evaluate.ray_hearing.RayPool", pool)
    monkeypatch.chdir(tiny_spectral.parent)
    near = replace(spec, model=tiny_spectral.name, judge=f"clap:{tiny_spectral.name}", pack_path=Path("a.safetensors"))
    RayCrew("local", near)
    RayCrew("local", replace(spec, model="pocket", judge="clap:laion/some", pack_path=None))
    RayCrew("local", replace(spec, judge="clap"))
    assert Path(hired[0].model) == tiny_spectral
    assert hired[0].judge == f"clap:{tiny_spectral}"
    assert hired[0].pack_path == tiny_spectral.parent / "a.safetensors"
    assert (hired[1].model, hired[1].judge, hired[1].pack_path) == ("pocket", "clap:laion/some", None)
    assert hired[2].judge == "clap"


def test_a_cluster_hears_what_one_process_hears(spec: Spec, tiny_instrument: Instrument, tmp_path: Path) -> None:
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        here = stage(spec, tiny_instrument, tmp_path / "one")
        there = stage(spec, tiny_instrument, tmp_path / "many", RayCrew("local", spec))
        everything = pieces(spec, here)
        assert_same(there.hear("many", everything, FRAMES), here.hear("one", everything, FRAMES))
    finally:
        ray.shutdown()
