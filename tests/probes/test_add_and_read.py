"""One more knob from a folder, and what the probes hear in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from engine.audio.clip import read_clip
from engine.control import ControlState
from engine.errors import AudioFileError, CorpusError, PackError
from engine.instrument import Instrument
from engine.progress import silent
from engine.steering.blend import blend
from engine.steering.knob_map import KnobMap
from probes.add import MIN_CLIPS, add_knob, judge, widen
from probes.background import Background, beside
from probes.corpus.folder import open_folder
from probes.fit import Method, fit_diffmean, fit_mse
from probes.moments import Moments
from probes.read import read_recording
from probes.train import Training, train, with_method

RATE_HZ = 24_000


@pytest.fixture(scope="module")
def training(
    writing: Callable[..., Path], tiny_instrument: Instrument, tmp_path_factory: pytest.TempPathFactory
) -> Training:
    music = writing(tmp_path_factory.mktemp("music"), songs=15)
    return train(open_folder(music), tiny_instrument, tmp_path_factory.mktemp("cache"), silent, by_effect=False)


def test_a_folder_becomes_a_knob(training: Training, tiny_instrument: Instrument, sirens: Path) -> None:
    pack = training.pack
    added = add_knob(sirens, "my band", pack, training.background, tiny_instrument, silent)
    assert added.pack.genres == (*pack.genres, "my band")
    assert added.clips == 11
    assert added.auc > 0.9
    assert added.p_value < 0.01
    # What the pack had stays as it was.
    np.testing.assert_array_equal(added.pack.directions[:, :3], pack.directions)
    np.testing.assert_array_equal(added.pack.readout[:, :3], pack.readout)
    assert added.pack.defaults == pack.defaults
    added.pack.check_fits(tiny_instrument.identity)
    assert added.pack.provenance["added"][0]["clips"] == 11
    steered = blend(ControlState(blend=(("my band", 1.0),)), added.pack)
    layer = pack.defaults.layers[0][0]
    scaled = pack.defaults.knob_scale * added.pack.directions[layer, 3]
    np.testing.assert_allclose(steered.offsets[layer].vector, scaled, atol=1e-6)


def test_the_new_knob_is_straight_beside_those_that_are_bent(
    training: Training, tiny_instrument: Instrument, sirens: Path
) -> None:
    line = np.tile(np.array([0, 0.5, 1], np.float32), (3, 1))
    bent = replace(training.pack, knob_map=KnobMap(line, line**2))
    added = add_knob(sirens, "my band", bent, training.background, tiny_instrument, silent).pack.knob_map
    assert added is not None
    assert [added.factor(genre, 0.5) for genre in range(4)] == [0.25, 0.25, 0.25, 0.5]


def test_the_new_direction_points_at_the_new_music(
    training: Training, tiny_instrument: Instrument, sirens: Path
) -> None:
    added = add_knob(sirens, "my band", training.pack, training.background, tiny_instrument, silent)
    layer = training.pack.meter_layer
    along = added.background.means[:, layer] @ added.pack.directions[layer, 3]
    ours = added.background.targets == 3
    assert along[ours].min() > np.median(along[~ours])


def test_the_new_knob_is_read_as_well(training: Training, tiny_instrument: Instrument, sirens: Path) -> None:
    added = add_knob(sirens, "my band", training.pack, training.background, tiny_instrument, silent)
    siren = read_recording(sirens / "album 0" / "0.wav", tiny_instrument, added.pack)
    assert siren.heard.argmax() == 3
    hiss = next(clip for clip in training.recording.clips if clip.label == "hiss")
    assert read_recording(hiss.path, tiny_instrument, added.pack).heard.argmax() == 2


@pytest.mark.parametrize("method", [Method.MSE_3, Method.DIFFMEAN])
def test_the_new_knob_is_found_as_the_others_were(training: Training, method: Method) -> None:
    pack = with_method(training.pack, training.findings, method)
    background, layer = training.background, 1
    new = background.means[background.targets == 2] + 1.0
    made = widen(pack, background, new, "more").directions[layer, 3]
    seen = background.held_out == 0
    rows = np.concatenate([background.means[seen, layer], new[:, layer]])
    moments = Moments.of(rows, np.concatenate([background.targets[seen], np.full(len(new), 3)]), 4)
    probe = fit_diffmean(moments) if method is Method.DIFFMEAN else fit_mse(moments, 3.0)
    np.testing.assert_allclose(made, probe.directions[3], atol=1e-6)


def test_clips_of_one_recording_are_no_independent_witnesses(training: Training) -> None:
    background = training.background
    rng, layer = np.random.default_rng(0), 1
    songs = [name for name in "abc" for _ in range(40)]
    means = background.means[:, layer].mean(0)
    spread = background.means[:, layer].std(0)
    rows = np.repeat(means + 0.3 * spread * rng.standard_normal((3, len(means))), 40, axis=0).astype(np.float32)
    _, by_recording = judge(rows, songs, background, layer)
    _, by_clip = judge(rows, [str(number) for number in range(120)], background, layer)
    assert by_clip < 1e-6 < by_recording


def test_a_second_knob_is_told_from_the_first(
    training: Training, tiny_instrument: Instrument, sirens: Path, tmp_path: Path
) -> None:
    first = add_knob(sirens, "one", training.pack, training.background, tiny_instrument, silent)
    first.background.save(tmp_path / "x.safetensors")
    background = Background.load(tmp_path / "x.safetensors")
    second = add_knob(sirens, "two", first.pack, background, tiny_instrument, silent)
    assert second.pack.genres[-2:] == ("one", "two")
    assert [fact["name"] for fact in second.pack.provenance["added"]] == ["one", "two"]


def test_music_that_is_the_corpus_is_refused(training: Training, tiny_instrument: Instrument, tmp_path: Path) -> None:
    """A little of every genre stands apart from nothing."""
    clips = [clip for clip in training.recording.clips if clip.split == "train"]
    for number, clip in enumerate(clips[:30:2]):
        samples, rate_hz = soundfile.read(clip.path)
        soundfile.write(tmp_path / f"{number}.wav", samples[::-1], rate_hz)
    with pytest.raises(CorpusError, match="cannot tell"):
        add_knob(tmp_path, "all of it", training.pack, training.background, tiny_instrument, silent)


def test_too_few_clips_are_refused(
    training: Training, tiny_instrument: Instrument, sirens: Path, tmp_path: Path
) -> None:
    for number in range(MIN_CLIPS - 1):
        (tmp_path / f"{number}.wav").write_bytes((sirens / "album 0" / "0.wav").read_bytes())
    (tmp_path / "broken.wav").write_bytes(b"nothing")
    with pytest.raises(CorpusError, match=r"gives 9 clip.*broken\.wav"):
        add_knob(tmp_path, "few", training.pack, training.background, tiny_instrument, silent)


@pytest.mark.parametrize("name", ["", "  ", "drone", "a,b", "a=1", "x" * 41, "new\nline"])
def test_names_that_cannot_be_a_knob_are_refused(
    name: str, training: Training, tiny_instrument: Instrument, sirens: Path
) -> None:
    with pytest.raises(PackError):
        add_knob(sirens, name, training.pack, training.background, tiny_instrument, silent)


def test_a_background_of_another_model_is_refused(training: Training, tmp_path: Path) -> None:
    other = replace(training.background, model=replace(training.background.model, digest="0" * 64))
    with pytest.raises(PackError, match="keep them together"):
        other.check_fits(training.pack)
    with pytest.raises(PackError, match="missing or damaged"):
        Background.load(tmp_path / "nothing.safetensors")
    assert beside(Path("a/probes.safetensors"), "corpus") == Path("a/probes.corpus.safetensors")


def test_a_recording_is_read_over_time(training: Training, tiny_instrument: Instrument, tmp_path: Path) -> None:
    """Twelve seconds of hiss, then twelve of clicks: the reading turns."""
    paths = [
        [clip.path for clip in training.recording.clips if clip.label == label][:2] for label in ("hiss", "clicks")
    ]
    samples = np.concatenate([soundfile.read(path)[0] for pair in paths for path in pair])
    soundfile.write(tmp_path / "both.wav", samples, RATE_HZ)
    pack = training.pack
    reading = read_recording(tmp_path / "both.wav", tiny_instrument, pack)
    np.testing.assert_allclose(reading.shares.sum(1), 1)
    assert reading.times_s == sorted(reading.times_s)
    assert 20 < reading.times_s[-1] < 24
    early = reading.shares[np.array(reading.times_s) < 10].mean(0)
    late = reading.shares[np.array(reading.times_s) > 14].mean(0)
    assert early.argmax() == pack.index("hiss")
    assert late.argmax() == pack.index("clicks")
    knobs = dict(reading.knobs(pack.genres))
    assert set(knobs) <= {"hiss", "clicks"}
    assert all(0 < knob <= 1 for knob in knobs.values())


def test_a_long_recording_is_read_piece_by_piece(
    training: Training, tiny_instrument: Instrument, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours must not have to fit into memory; how far it has come is told."""
    samples = 0.1 * np.random.default_rng(0).standard_normal(25 * RATE_HZ)
    soundfile.write(tmp_path / "long.wav", samples, RATE_HZ)
    lengths: list[int] = []
    advanced: list[float] = []

    def read(*args: Any) -> NDArray[np.float32]:
        lengths.append((clip := read_clip(*args)).shape[1])
        return clip

    @contextmanager
    def progress(stage: str, total: float) -> Iterator[Callable[[float], None]]:
        assert (stage, total) == ("listening", 25.0)
        yield advanced.append

    monkeypatch.setattr("probes.read.read_clip", read)
    reading = read_recording(tmp_path / "long.wav", tiny_instrument, training.pack, progress)
    assert lengths == [10 * RATE_HZ, 10 * RATE_HZ, 5 * RATE_HZ]
    assert sum(advanced) == 25.0
    assert 20 < reading.times_s[-1] < 25


def test_a_short_sound_is_read_and_a_missing_one_refused(
    training: Training, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "short.wav", 0.1 * np.random.default_rng(0).standard_normal(RATE_HZ // 4), RATE_HZ)
    assert len(read_recording(tmp_path / "short.wav", tiny_instrument, training.pack).times_s) == 1
    with pytest.raises(AudioFileError):
        read_recording(tmp_path / "none.wav", tiny_instrument, training.pack)


def test_silence_is_not_heard_as_a_genre(training: Training, tiny_instrument: Instrument, tmp_path: Path) -> None:
    hiss = next(clip.path for clip in training.recording.clips if clip.label == "hiss")
    samples, _ = soundfile.read(hiss)
    soundfile.write(tmp_path / "silent.wav", np.zeros(12 * RATE_HZ), RATE_HZ)
    with pytest.raises(AudioFileError, match=r"silent\.wav is silent"):
        read_recording(tmp_path / "silent.wav", tiny_instrument, training.pack)
    soundfile.write(tmp_path / "late.wav", np.concatenate([np.zeros(12 * RATE_HZ), samples]), RATE_HZ)
    assert read_recording(tmp_path / "late.wav", tiny_instrument, training.pack).heard.sum() == pytest.approx(1)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_folder_of_silence_or_of_no_numbers_is_no_knob(
    value: float, training: Training, tiny_instrument: Instrument, tmp_path: Path
) -> None:
    for number in range(MIN_CLIPS):
        soundfile.write(tmp_path / f"{number}.wav", np.full(6 * RATE_HZ, value), RATE_HZ, subtype="FLOAT")
    with pytest.raises(CorpusError, match=r"gives 0 clip.*skipped: .*(silent|not numbers).* …"):
        add_knob(tmp_path, "nothing", training.pack, training.background, tiny_instrument, silent)
