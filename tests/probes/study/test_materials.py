"""Clips of one loudness, made once, gone on with after a stop, and a folder that never holds half a study."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from engine.audio.loudness import true_peak_dbtp
from engine.control import Law
from engine.errors import PackError, StudyError
from engine.instrument import Instrument
from engine.progress import silent
from engine.steering.blend import Blend, Offset
from engine.steering.pack import PackDefaults, ProbePack
from engine.study.begun import UNFINISHED, words_of
from engine.study.plan import Arm, Study
from probes.study.design import Source, Transition, Version, lay_out
from probes.study.levels import HIGHEST_PEAK_DBTP, TARGET_LUFS, match
from probes.study.materials import Request, make_study, random_twin

RATE_HZ = 24_000
REQUEST = Request((Transition("a", "b"),), sources=2, seed=3, seconds=2.0)


def unit(seed: int, width: int = 64) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(width)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@pytest.fixture(scope="module")
def pack(tiny_instrument: Instrument) -> ProbePack:
    directions = np.stack([[unit(10 * layer + genre) for genre in range(2)] for layer in range(3)])
    return ProbePack(
        tiny_instrument.identity,
        ("a", "b"),
        directions,
        np.zeros_like(directions),
        np.zeros((3, 2), np.float32),
        np.ones(3, np.float32),
        np.ones(2, np.float32),
        PackDefaults(((1, 1.0),), Law.PRESERVE, 0.8),
        1,
        "made up",
    )


@pytest.fixture(scope="module")
def study(tiny_instrument: Instrument, pack: ProbePack, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Never written to."""
    return make_study(tmp_path_factory.mktemp("study") / "one", REQUEST, tiny_instrument, pack, silent)


def lufs(sound: np.ndarray) -> float:
    return float(pyloudnorm.Meter(RATE_HZ).integrated_loudness(sound.astype(np.float64)))


# Levels


def test_what_is_compared_is_equally_loud() -> None:
    rng = np.random.default_rng(0)
    time_s = np.arange(2 * RATE_HZ) / RATE_HZ
    clips = [
        (0.5 * np.sin(2 * np.pi * 220 * time_s)).astype(np.float32),
        (0.01 * rng.standard_normal(len(time_s))).astype(np.float32),
        (0.3 * np.sin(2 * np.pi * 3000 * time_s) * (time_s % 0.5 < 0.25)).astype(np.float32),
    ]
    levelled = match(clips, RATE_HZ)
    assert [lufs(clip) for clip in levelled] == pytest.approx([TARGET_LUFS] * 3, abs=0.1)
    assert all(abs(clip[0]) < 1e-3 and abs(clip[-1]) < 1e-3 for clip in levelled), "no click"


def test_a_peak_lowers_all_that_it_is_compared_with() -> None:
    clicks = np.zeros(2 * RATE_HZ, np.float32)
    clicks[RATE_HZ // 4 :: RATE_HZ // 2] = 1.0
    tone = (0.1 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE_HZ) / RATE_HZ)).astype(np.float32)
    levelled = match([clicks, tone], RATE_HZ)
    assert true_peak_dbtp(levelled[0][:, None], RATE_HZ) == pytest.approx(HIGHEST_PEAK_DBTP, abs=0.05)
    assert lufs(levelled[0]) == pytest.approx(lufs(levelled[1]), abs=0.1)
    assert lufs(levelled[1]) < TARGET_LUFS - 1


def test_silence_stays_silent() -> None:
    tone = (0.1 * np.sin(np.arange(2 * RATE_HZ) / 10)).astype(np.float32)
    silence, levelled = match([np.zeros(2 * RATE_HZ, np.float32), tone], RATE_HZ)
    assert not silence.any()
    assert lufs(levelled) == pytest.approx(TARGET_LUFS, abs=0.1)


# Steering


def test_a_random_twin_pushes_as_far_elsewhere() -> None:
    steered = Blend(Law.UNIT, {1: Offset(0.7 * unit(1), 0.7), 2: Offset(0.2 * unit(2), 0.2)})
    twin = random_twin(steered, seed=5)
    assert twin.law is Law.UNIT
    for layer, offset in steered.offsets.items():
        other = twin.offsets[layer]
        assert other.total == offset.total
        assert np.linalg.norm(other.vector) == pytest.approx(np.linalg.norm(offset.vector))
        assert abs(float(other.vector @ offset.vector)) < 0.5 * float(np.linalg.norm(offset.vector)) ** 2
    np.testing.assert_array_equal(random_twin(steered, 5).offsets[1].vector, twin.offsets[1].vector)


# A study


def test_everything_is_there(study: Study, tiny_instrument: Instrument, pack: ProbePack) -> None:
    assert Study.load(study.folder) == study
    study.check_clips()
    assert sorted(path.name for path in study.folder.iterdir()) == ["clips", "study.json"]
    assert sorted(path.name for path in (study.folder / "clips").iterdir()) == sorted(study.clips)
    assert len(study.clips) == 4 + 10 * 4
    assert study.facts["pack_digest"] == pack.digest
    assert (study.model, study.licence) == (tiny_instrument.identity.name, tiny_instrument.licence)


def test_clips_of_a_trial_are_equally_loud_and_long(study: Study) -> None:
    design = lay_out(REQUEST.transitions, REQUEST.sources, REQUEST.seed)
    for booklet in study.booklets[:3]:
        for trial in booklet:
            sounds = [soundfile.read(study.clip(name)) for name in (trial.a, trial.b)]
            assert {rate for _, rate in sounds} == {RATE_HZ}
            assert {len(sound) for sound, _ in sounds} == {2 * RATE_HZ}
            one, other = (lufs(sound) for sound, _ in sounds)
            assert one == pytest.approx(other, abs=0.15)
            assert one <= TARGET_LUFS + 0.15
    assert design.booklets == study.booklets


def test_versions_differ_and_start_from_the_same_source(study: Study) -> None:
    design = lay_out(REQUEST.transitions, REQUEST.sources, REQUEST.seed)
    for item in design.items:
        sounds = [soundfile.read(study.clip(design.names[item, version]))[0] for version in Version]
        for n, sound in enumerate(sounds):
            assert not any(np.array_equal(sound, other) for other in sounds[:n])
    assert design.names[Source("b", 0)] in study.clips


def test_a_stopped_run_is_gone_on_with(
    study: Study, tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from probes.study import materials

    folder, written = tmp_path / "two", 0
    write = soundfile.write

    def stop_in_the_middle(*args: object, **words: object) -> None:
        nonlocal written
        written += 1
        if written == 11:
            raise KeyboardInterrupt
        write(*args, **words)

    monkeypatch.setattr(materials.soundfile, "write", stop_in_the_middle)
    with pytest.raises(KeyboardInterrupt):
        make_study(folder, REQUEST, tiny_instrument, pack, silent, batch=8)
    monkeypatch.setattr(materials.soundfile, "write", write)
    assert (folder / UNFINISHED).exists()
    assert words_of(folder) == ["--seed", "3", "--sources", "2", "--seconds", "2.0", "--transitions", "a:b"]
    with pytest.raises(StudyError, match="does not exist"):
        Study.load(folder)
    with pytest.raises(StudyError, match="unfinished study of other words"):
        make_study(folder, Request(REQUEST.transitions, 2, 4, 2.0), tiny_instrument, pack, silent)
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "clips").glob("*.flac")}
    again = make_study(folder, REQUEST, tiny_instrument, pack, silent, batch=8)
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "clips").iterdir()}
    untouched = [name for name, when in before.items() if after[name] == when]
    assert len(untouched) >= 4 + 4, "sources and the items that were whole"
    assert set(after) == set(study.clips), "nothing half-written is left"
    assert again.booklets == study.booklets


def test_stopped_while_the_sources_were_made(
    tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from probes.evaluate.generate import Generator

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Generator, "codes", stop)
    with pytest.raises(KeyboardInterrupt):
        make_study(tmp_path / "three", REQUEST, tiny_instrument, pack, silent)
    assert not list((tmp_path / "three").iterdir()), "an empty folder can be begun again"


def test_folders_in_use_are_left_alone(
    study: Study, tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path
) -> None:
    (tmp_path / "diary.txt").write_text("mine", encoding="utf-8")
    for folder, words in (
        (study.folder, "holds a study already"),
        (tmp_path, "is not empty"),
        (tmp_path / "diary.txt", "is no folder"),
        (tmp_path / "none" / "one", "there is no folder"),
    ):
        with pytest.raises(StudyError, match=words):
            make_study(folder, REQUEST, tiny_instrument, pack, silent)
    with pytest.raises(PackError, match="polka"):
        make_study(tmp_path / "new", Request((Transition("a", "polka"),), 2, 0), tiny_instrument, pack, silent)
    assert not (tmp_path / "new").exists()


def test_a_damaged_unfinished_study(tiny_instrument: Instrument, pack: ProbePack, tmp_path: Path) -> None:
    (tmp_path / UNFINISHED).write_bytes(b"rubbish")
    with pytest.raises(StudyError, match="begin again"):
        words_of(tmp_path)
    with pytest.raises(StudyError, match="begin again"):
        make_study(tmp_path, REQUEST, tiny_instrument, pack, silent)


def test_abx_repeats_a_file(study: Study) -> None:
    trials = [trial for trial in study.booklets[0] if trial.arm is Arm.ABX]
    assert len(trials) == 2
    assert all(trial.x in (trial.a, trial.b) for trial in trials)
