from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import CorpusError
from probes.corpus.composed import soundfont
from probes.corpus.composed.filters import SAMPLE_RATE_HZ
from probes.corpus.composed.fluid import Fluid
from probes.corpus.composed.realise import Part, Sounding
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.song import DrumKit, Program, Saw, Track
from probes.corpus.composed.soundfont import SOUNDFONT_VARIABLE, SoundfontSynth, find_soundfont


@pytest.fixture(scope="module")
def synth(renderer: Renderer) -> SoundfontSynth:
    return renderer._soundfont


def part(program: int, *notes: tuple[float, float, int], bends: tuple[tuple[float, float], ...] = ()) -> Part:
    return Part(Track("t", Program(program)), tuple(Sounding(a, b, p, 100) for a, b, p in notes), bends)


def frequency_hz(sound: np.ndarray) -> float:
    """The strongest frequency, interpolated."""
    spectrum = np.log(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) + 1e-12)
    k = int(spectrum.argmax())
    left, middle, right = spectrum[k - 1 : k + 2]
    return float((k + 0.5 * (left - right) / (left - 2 * middle + right)) * SAMPLE_RATE_HZ / len(sound))


@pytest.mark.parametrize("pitch", [45, 57, 69, 81])
def test_notes_sound_at_their_pitch(synth: SoundfontSynth, pitch: int) -> None:
    sound = synth.render([part(0, (0.1, 1.0, pitch))], 1.0)
    heard = frequency_hz(sound[8_000:24_000])
    assert abs(1200 * np.log2(heard / (440 * 2 ** ((pitch - 69) / 12)))) < 5


def test_a_note_starts_on_its_sample_to_a_block(synth: SoundfontSynth) -> None:
    sound = synth.render([part(0, (0.5, 0.9, 69))], 1.0)
    assert np.abs(sound[:16_000]).max() == 0
    assert 16_000 <= int(np.argmax(np.abs(sound) > 0)) < 16_000 + 3 * 64


def test_bends_move_the_pitch_by_semitones(synth: SoundfontSynth) -> None:
    sound = synth.render([part(0, (0.0, 1.0, 69), bends=((0.4, -2.0),))], 1.0)
    assert frequency_hz(sound[16_000:]) == pytest.approx(440 * 2 ** (-2 / 12), rel=0.003)


def test_programs_are_brought_to_one_loudness(synth: SoundfontSynth) -> None:
    levels = [np.sqrt(np.square(synth.render([part(program, (0.0, 1.0, 60))], 1.0)).mean()) for program in (0, 1)]
    assert levels[0] == pytest.approx(levels[1], rel=0.15)


def test_the_order_of_rendering_does_not_matter(synth: SoundfontSynth) -> None:
    drums = Part(Track("d", DrumKit(24)), tuple(Sounding(i / 8, i / 8 + 0.1, 35 + i, 90) for i in range(16)), ())
    jobs = [[part(0, (0.0, 9.0, 50), (0.0, 9.0, 62))], [part(1, (0.0, 0.3, 64), (0.5, 9.0, 71)), drums], [drums]]
    forwards = [synth.render(job, 1.0).tobytes() for job in jobs]
    backwards = [synth.render(job, 1.0).tobytes() for job in reversed(jobs)][::-1]
    assert forwards == backwards
    assert len(set(forwards)) == 3


def test_parts_that_no_channel_plays_are_our_bug(synth: SoundfontSynth) -> None:
    with pytest.raises(ValueError, match="no channel"):
        synth.render([part(0, (0, 1, 60))] * 16, 0.1)
    with pytest.raises(ValueError, match="not played by a soundfont"):
        synth.render([Part(Track("s", Saw(1, 0, 100, 0, 1, 1)), (), ())], 0.1)


def test_the_named_soundfont_is_found(monkeypatch: pytest.MonkeyPatch, tiny_soundfont: Path) -> None:
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(tiny_soundfont))
    assert find_soundfont() == tiny_soundfont


def test_a_named_soundfont_that_is_gone_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(tmp_path / "gone.sf2"))
    with pytest.raises(CorpusError, match=r"SEGUE_SOUNDFONT names .*gone\.sf2"):
        find_soundfont()


def test_a_missing_soundfont_names_the_package_and_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(SOUNDFONT_VARIABLE, raising=False)
    monkeypatch.setattr(soundfont, "soundfont_folders", lambda: [tmp_path / "mine", tmp_path / "system"])
    with pytest.raises(CorpusError, match="fluidr3mono-gm-soundfont") as raised:
        find_soundfont()
    assert str(tmp_path / "mine") in str(raised.value)
    assert "\n" not in str(raised.value)
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / soundfont.SOUNDFONT_NAME).touch()
    assert find_soundfont() == tmp_path / "system" / soundfont.SOUNDFONT_NAME


def test_missing_pyfluidsynth_names_the_extra(monkeypatch: pytest.MonkeyPatch, tiny_soundfont: Path) -> None:
    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    with pytest.raises(CorpusError, match=r"install compose"):
        Fluid(tiny_soundfont, SAMPLE_RATE_HZ)


def test_a_missing_library_names_the_packages(
    monkeypatch: pytest.MonkeyPatch, tiny_soundfont: Path, tmp_path: Path
) -> None:
    (tmp_path / "fluidsynth.py").write_text(
        'raise ImportError("Couldn\'t find the FluidSynth library.")', encoding="utf-8"
    )
    monkeypatch.delitem(sys.modules, "fluidsynth", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CorpusError, match=r"libfluidsynth3.*brew install fluid-synth.*choco install") as raised:
        Fluid(tiny_soundfont, SAMPLE_RATE_HZ)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_soundfont_is_refused(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "noise.sf2"
    path.write_bytes(b"not a soundfont" * 100)
    for bad in (path, tmp_path / "absent.sf2"):
        with pytest.raises(CorpusError, match="cannot be read as a soundfont"):
            SoundfontSynth(bad)
