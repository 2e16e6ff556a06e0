"""General MIDI instruments: FluidSynth playing the FluidR3Mono soundfont."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import platformdirs

from engine.errors import CorpusError
from probes.corpus.composed.filters import FRAME_SAMPLES, SAMPLE_RATE_HZ, Signal
from probes.corpus.composed.fluid import CHANNELS, Fluid
from probes.corpus.composed.realise import Part, Sounding, samples, separated
from probes.corpus.composed.song import DrumKit, Program, Track

SOUNDFONT_VARIABLE = "SEGUE_SOUNDFONT"
SOUNDFONT_NAME = "FluidR3Mono_GM.sf3"
_SOUNDFONT_REMEDY = (
    "Debian/Ubuntu: apt install fluidr3mono-gm-soundfont; macOS, Windows: copy the file out of that Debian package, or "
    f"out of MuseScore 2, into {{folder}}, or let {SOUNDFONT_VARIABLE} name any General MIDI soundfont"
)
_DRUM_CHANNEL, _DRUM_BANK = 9, 128
_VOLUME, _BEND_RANGE_SEMITONES = 7, 2
# A program is brought to this loudness at velocity 90, so that parts of one bus balance whatever the soundfont.
_REFERENCE_RMS = 0.02
_DRUM_GAIN = 0.3
# Sample, order within it, channel, kind (on, off, bend), pitch or wheel, velocity.
_Event: TypeAlias = tuple[int, int, int, str, int, int]
# Where each program is at home: the pitch its loudness is measured around.
_LOW_PROGRAMS = {
    16: 45,
    32: 38,
    33: 33,
    34: 33,
    35: 33,
    36: 33,
    38: 36,
    39: 36,
    42: 48,
    43: 36,
    47: 45,
    58: 40,
    70: 50,
    57: 58,
    60: 56,
}
_HIGH_PROGRAMS = {11: 70, 14: 74, 40: 75, 56: 70, 59: 70, 64: 72, 68: 74, 71: 70, 73: 78, 74: 78}
_MIDDLE = 62


def soundfont_folders() -> list[Path]:
    """Where a soundfont is looked for, the user's own folder first."""
    system = [
        Path("/usr/share/sounds/sf3"),
        Path("/usr/share/sounds/sf2"),
        Path("/usr/share/soundfonts"),
        Path("/opt/homebrew/share/soundfonts"),
    ]
    return [Path(platformdirs.user_data_dir("segue", appauthor=False)) / "soundfonts", *system]


def find_soundfont() -> Path:
    """The soundfont named by ``SEGUE_SOUNDFONT``, or FluidR3Mono in the usual folders.

    Raises:
        CorpusError: there is none; the message says how to get it.
    """
    named = os.environ.get(SOUNDFONT_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise CorpusError(f"{SOUNDFONT_VARIABLE} names {named}, which is not a file")
        return Path(named)
    folders = soundfont_folders()
    for folder in folders:
        if (folder / SOUNDFONT_NAME).is_file():
            return folder / SOUNDFONT_NAME
    raise CorpusError(f"the soundfont {SOUNDFONT_NAME} is missing. {_SOUNDFONT_REMEDY.format(folder=folders[0])}")


class SoundfontSynth:
    """Renders parts on programs and drum kits, mono.

    Every rendering has a synthesiser of its own: FluidSynth's voices keep something of the notes they played before (a
    filter's resonance, a tail that a reset only releases), so what a used one renders depends on its past. A new one
    costs a millisecond; the loaded soundfont is passed on.
    """

    def __init__(self, soundfont: Path | None = None) -> None:
        """Load a soundfont (some seconds).

        Raises:
            CorpusError: FluidSynth or the soundfont is missing, or the file is not a soundfont.
        """
        self._fluid = Fluid(soundfont or find_soundfont(), SAMPLE_RATE_HZ)
        self._gains: dict[int, float] = {}

    def close(self) -> None:
        """Free the soundfont."""
        self._fluid.close()

    def render(self, parts: Sequence[Part], seconds: float) -> Signal:
        """All parts together, ``(samples,)`` from the song's start; each at its track's gain.

        Raises:
            ValueError: more than fifteen pitched parts, or a part that is not for a soundfont.
        """
        gains = [
            track_gain * self._gain(instrument)
            for track_gain, instrument in ((p.track.gain, p.track.instrument) for p in parts)
        ]
        return self._play(parts, gains, seconds)

    def _gain(self, instrument: object) -> float:
        """What brings an instrument to the reference loudness; measured at its first use."""
        if isinstance(instrument, DrumKit):
            return _DRUM_GAIN
        if not isinstance(instrument, Program):
            raise ValueError(f"{instrument} is not played by a soundfont")
        if instrument.number not in self._gains:
            centre = _LOW_PROGRAMS.get(instrument.number) or _HIGH_PROGRAMS.get(instrument.number) or _MIDDLE
            notes = tuple(
                Sounding(i * 0.5, i * 0.5 + 0.42, centre + interval, 90) for i, interval in enumerate((-5, 0, 4, 7))
            )
            tone = self._play([Part(Track("calibration", instrument), notes, ())], [1.0], 2.2)
            frames = tone[: len(tone) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
            loudness = float(np.quantile(np.sqrt(np.square(frames).mean(axis=1)), 0.8))
            self._gains[instrument.number] = _REFERENCE_RMS / max(loudness, 1e-4)
        return self._gains[instrument.number]

    def _play(self, parts: Sequence[Part], gains: Sequence[float], seconds: float) -> Signal:
        synth, bank_id = self._fluid.take()
        try:
            events = self._set_up(synth, bank_id, parts, gains)
            out = np.zeros((samples(seconds, SAMPLE_RATE_HZ), 2), dtype=np.float32)
            position = 0
            for sample, _, channel, kind, first, second in sorted(events):
                if sample >= len(out):
                    break
                if sample > position:
                    self._fluid.write(synth, out[position:sample])
                    position = sample
                if kind == "on":
                    synth.noteon(channel, first, second)
                elif kind == "off":
                    synth.noteoff(channel, first)
                else:
                    synth.pitch_bend(channel, first)
            self._fluid.write(synth, out[position:])
        finally:
            self._fluid.give_back(synth)
        return out.mean(axis=1, dtype=np.float64)

    def _set_up(self, synth: Any, bank_id: int, parts: Sequence[Part], gains: Sequence[float]) -> list[_Event]:
        """Choose programs and volumes, a channel a part; returns all events."""
        events: list[_Event] = []
        pitched = [channel for channel in range(CHANNELS) if channel != _DRUM_CHANNEL]
        for part, gain in zip(parts, gains, strict=True):
            instrument = part.track.instrument
            if isinstance(instrument, DrumKit):
                channel, bank, number = _DRUM_CHANNEL, _DRUM_BANK, instrument.number
            elif isinstance(instrument, Program) and pitched:
                channel, bank, number = pitched.pop(0), 0, instrument.number
            else:
                raise ValueError(f"no channel for {part.track.name}")
            synth.program_select(channel, bank_id, bank, number)
            # The volume controller's amplitude is the square of its value.
            synth.cc(channel, _VOLUME, int(np.clip(127 * np.sqrt(min(1.0, gain)), 1, 127)))
            events += _timeline(part, channel)
        return events


def _timeline(part: Part, channel: int) -> list[_Event]:
    """A part's events; at one sample releases come first, strikes last."""
    events: list[_Event] = []
    for note in separated(part.notes):
        events.append((samples(note.end_s, SAMPLE_RATE_HZ), 0, channel, "off", note.pitch, 0))
        events.append((samples(note.start_s, SAMPLE_RATE_HZ), 2, channel, "on", note.pitch, note.velocity))
    for time_s, semitones in part.bends:
        wheel = int(np.clip(semitones / _BEND_RANGE_SEMITONES * 8192, -8192, 8191))
        events.append((samples(time_s, SAMPLE_RATE_HZ), 1, channel, "bend", wheel, 0))
    return events
