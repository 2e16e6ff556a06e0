"""Exports measured with other people's meters: pyloudnorm for loudness, scipy for what lies between the samples."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from invented_performance import RATE, make_origin
from scipy.signal import resample_poly

from engine.audio.loudness import TruePeakMeter
from engine.errors import TakeError
from engine.takes.export import export_take
from engine.takes.journal import SUFFIX as JOURNAL_SUFFIX
from engine.takes.pcm import Measurement, measure_file
from engine.takes.score import Score
from engine.takes.take import Take, save_take

SECONDS = 6


def music(seconds: float = SECONDS) -> np.ndarray:
    """Two channels that are not alike, loud and soft in turn."""
    t = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(4).normal(size=(len(t), 2)) * 0.02
    tones = np.stack([np.sin(2 * np.pi * 220 * t), np.sin(2 * np.pi * 1330 * t + 1)], 1)
    return (0.12 + 0.1 * np.sin(2 * np.pi * 0.5 * t))[:, None] * tones + noise


def make_take(folder: Path, samples: np.ndarray, suffix: str = ".wav") -> Take:
    path = folder / f"jam-1{suffix}"
    soundfile.write(path, samples, RATE, subtype="PCM_24")
    measurement = measure_file(path)[0] if len(samples) else Measurement(0, -math.inf, -math.inf, "0" * 64)
    score = Score(make_origin(samples.shape[1]), {}, (), (), 0, 300, 0, "0" * 64)
    take = Take(path, "jam-1", "2026-01-01T12:00:00+00:00", RATE, samples.shape[1], measurement, score=score)
    save_take(take)
    return take


def lufs_of(path: Path) -> float:
    samples, rate_hz = soundfile.read(path)
    return float(pyloudnorm.Meter(rate_hz).integrated_loudness(samples))


def true_peak_of(path: Path) -> float:
    samples, _ = soundfile.read(path, always_2d=True)
    return 20 * math.log10(np.abs(resample_poly(samples, 16, 1, window=("kaiser", 12.0))).max())


@pytest.mark.parametrize("name", ["out.wav", "out.flac"])
def test_without_a_target_the_samples_are_the_takes_own(tmp_path: Path, name: str) -> None:
    take = make_take(tmp_path, music())
    export = export_take(take, tmp_path / name)
    assert (export.gain_db, export.limited) == (0.0, False)
    assert measure_file(tmp_path / name)[0] == take.measurement
    assert export.lufs == pytest.approx(take.lufs)


@pytest.mark.parametrize("target", [-14.0, -16.0, -23.0, -31.5])
@pytest.mark.parametrize(("name", "bits"), [("out.wav", 24), ("out.wav", 16), ("out.flac", 24)])
def test_the_target_is_met_as_pyloudnorm_measures_it(tmp_path: Path, target: float, name: str, bits: int) -> None:
    export = export_take(make_take(tmp_path, music()), tmp_path / name, bits=bits, lufs=target)
    assert not export.limited
    assert lufs_of(tmp_path / name) == pytest.approx(target, abs=0.1)
    assert export.lufs == pytest.approx(target)
    assert soundfile.info(tmp_path / name).subtype == f"PCM_{bits}"


@pytest.mark.parametrize("cap", [None, 0.0, -3.0])
def test_the_cap_limits_the_gain_and_the_result_says_so(tmp_path: Path, cap: float | None) -> None:
    samples = music()
    samples[RATE] = 0.9  # one loud moment
    export = export_take(make_take(tmp_path, samples), tmp_path / "out.wav", lufs=-5.0, peak_dbtp=cap)
    wanted = -1.0 if cap is None else cap
    assert export.limited
    assert export.true_peak_dbtp == pytest.approx(wanted)
    assert true_peak_of(tmp_path / "out.wav") == pytest.approx(wanted, abs=0.15)
    assert export.lufs < -5.5
    assert lufs_of(tmp_path / "out.wav") == pytest.approx(export.lufs, abs=0.1)


def test_a_peak_between_the_samples_is_seen(tmp_path: Path) -> None:
    """A sine of a quarter of the rate, 45° off: every sample at 0.7071 of its height."""
    t = np.arange(RATE * 2)
    fade = np.minimum(1.0, np.minimum(t, t[::-1]) / 1000)
    sine = (fade * 0.8 * np.sin(np.pi / 2 * t + np.pi / 4))[:, None]
    take = make_take(tmp_path, sine)
    assert take.peak_dbfs == pytest.approx(20 * math.log10(0.8 * math.sqrt(0.5)), abs=0.01)
    export = export_take(take, tmp_path / "out.wav", peak_dbtp=-6.0)
    assert export.gain_db == pytest.approx(-6.0 - 20 * math.log10(0.8), abs=0.05)
    assert not export.limited, "no loudness was asked for"
    assert true_peak_of(tmp_path / "out.wav") == pytest.approx(-6.0, abs=0.05)


def test_a_cap_alone_never_makes_louder_and_clean_sound_is_left_alone(tmp_path: Path) -> None:
    take = make_take(tmp_path, music())
    assert export_take(take, tmp_path / "out.wav", peak_dbtp=-1.0).gain_db == 0.0


def test_the_true_peak_does_not_depend_on_the_blocks() -> None:
    samples = np.random.default_rng(1).normal(size=(5000, 2)).astype(np.float32)
    whole, parts = TruePeakMeter(RATE, 2), TruePeakMeter(RATE, 2)
    whole.push(samples)
    for start in range(0, 5000, 700):
        parts.push(samples[start : start + 700])
    assert parts.finish() == pytest.approx(whole.finish(), abs=1e-4)


def test_a_take_that_is_being_recorded_is_not_written_over(tmp_path: Path) -> None:
    take, target = make_take(tmp_path, music()), tmp_path / "jam-2.wav"
    target.write_bytes(b"so far")
    target.with_name("jam-2" + JOURNAL_SUFFIX).touch()
    with pytest.raises(TakeError, match="is being recorded"):
        export_take(take, target, overwrite=True)
    assert target.read_bytes() == b"so far"


@pytest.mark.parametrize("name", ["OUT.WAV", "out.Flac"])
def test_a_suffix_may_be_in_large_letters(tmp_path: Path, name: str) -> None:
    take = make_take(tmp_path, music())
    export_take(take, tmp_path / name)
    assert measure_file(tmp_path / name)[0] == take.measurement


@pytest.mark.parametrize("bits", [24, 16])
@pytest.mark.parametrize("name", ["out.wav", "out.flac"])
def test_metadata_goes_along(tmp_path: Path, name: str, bits: int) -> None:
    export_take(make_take(tmp_path, music()), tmp_path / name, bits=bits, lufs=-20.0)
    with soundfile.SoundFile(tmp_path / name) as file:
        assert (file.title, file.copyright) == ("jam-1", "Apache-2.0")
        assert file.software.startswith("Segue 0.1.0"), "libsndfile adds its own name in FLAC"
        assert "seed 7; model pocket (Apache-2.0); pack pocket genres; gain " in file.comment
        assert file.frames == SECONDS * RATE


def test_sixteen_bits_are_dithered(tmp_path: Path) -> None:
    """A tone of a third of a step would be silence; dithered it is still there in the mean."""
    t = np.arange(RATE * 4)
    tone = 0.33 * 2.0**-15 * np.sin(2 * np.pi * 1000 / RATE * t)
    export_take(make_take(tmp_path, tone[:, None]), tmp_path / "out.wav", bits=16)
    samples, _ = soundfile.read(tmp_path / "out.wav")
    phasor = np.exp(-2j * np.pi * 1000 / RATE * t)
    assert 2 * abs((samples * phasor).mean()) == pytest.approx(0.33 * 2.0**-15, rel=0.1)


def test_nothing_is_overwritten_unasked_and_takes_never(tmp_path: Path) -> None:
    take = make_take(tmp_path, music())
    other = tmp_path / "song.wav"
    other.write_bytes(b"precious")
    with pytest.raises(TakeError, match="exists"):
        export_take(take, other)
    assert other.read_bytes() == b"precious"
    with pytest.raises(TakeError, match="a take of its own"):
        export_take(take, take.path, overwrite=True)
    export_take(take, other, overwrite=True)
    assert measure_file(other)[0] == take.measurement
    assert sorted(path.name for path in tmp_path.iterdir()) == ["jam-1.segue.json", "jam-1.wav", "song.wav"]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("stage", ["measuring", "writing"])
def test_stopped_halfway_nothing_stays_behind(tmp_path: Path, stage: str, overwrite: bool) -> None:
    @contextmanager
    def stopping(name: str, _total: float) -> Iterator[Callable[[float], None]]:
        def advance(_count: float) -> None:
            if name.startswith(stage):
                raise KeyboardInterrupt

        yield advance

    take = make_take(tmp_path, music())
    out = tmp_path / "song.wav"
    if overwrite:
        out.write_bytes(b"precious")
    with pytest.raises(KeyboardInterrupt):
        export_take(take, out, overwrite=overwrite, progress=stopping)
    assert out.exists() == overwrite
    assert len(list(tmp_path.iterdir())) == 2 + overwrite
    if overwrite:
        assert out.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("name", "choices", "complaint"),
    [
        ("out.ogg", {}, "neither"),
        ("out.wav", {"bits": 20}, "24 or 16"),
        ("out.wav", {"lufs": 3.0}, "−14"),
        ("out.wav", {"lufs": math.nan}, "−14"),
        ("out.wav", {"peak_dbtp": 1.0}, "0 or less"),
        ("none/out.wav", {}, "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path: Path, name: str, choices: dict[str, float], complaint: str) -> None:
    with pytest.raises(TakeError, match=complaint):
        export_take(make_take(tmp_path, music(1)), tmp_path / name, **choices)  # type: ignore[arg-type]
    assert len(list(tmp_path.iterdir())) == 2


def test_silence_has_no_loudness_but_can_be_exported(tmp_path: Path) -> None:
    take = make_take(tmp_path, np.zeros((RATE, 1)))
    with pytest.raises(TakeError, match="too quiet"):
        export_take(take, tmp_path / "out.wav", lufs=-14.0)
    assert export_take(take, tmp_path / "out.wav", peak_dbtp=-1.0).gain_db == 0.0


def test_a_take_that_is_gone_or_damaged_is_said(tmp_path: Path) -> None:
    take = make_take(tmp_path, music(1))
    take.path.write_bytes(b"RIFF")
    with pytest.raises(TakeError, match="damaged or gone"):
        export_take(take, tmp_path / "out.wav")
    take.path.unlink()
    with pytest.raises(TakeError, match="damaged or gone"):
        export_take(take, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()


def test_a_name_that_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(TakeError, match="cannot be written"):
        export_take(make_take(tmp_path, music(1)), tmp_path / ("x" * 300 + ".wav"))
