"""A song becomes sound."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from engine.errors import CorpusError
from probes.corpus.composed.filters import SAMPLE_RATE_HZ, Signal, gated_rms
from probes.corpus.composed.mixing import mix
from probes.corpus.composed.realise import Part, TempoMap, perform, samples
from probes.corpus.composed.song import DrumKit, Kick, Program, Saw, Song
from probes.corpus.composed.soundfont import SoundfontSynth
from probes.corpus.composed.voices import play_kick, play_saw

# Seeds of a performance beyond those of its tracks.
_MIX_STREAM, _VOICE_STREAM = 1_000, 2_000


class Renderer:
    """Renders songs at 32 kHz, mono; one clip's sound never depends on another's."""

    def __init__(self, soundfont: Path | None = None) -> None:
        """Load the soundfont.

        Raises:
            CorpusError: FluidSynth or the soundfont is missing.
        """
        self._soundfont = SoundfontSynth(soundfont)

    def close(self) -> None:
        """Free the soundfont."""
        self._soundfont.close()

    def render(self, song: Song, solo: str | None = None) -> npt.NDArray[np.float32]:
        """The clip, ``(seconds · 32000,)`` within ± 0.95.

        Args:
            song: what to play.
            solo: name of a pitched track to hear alone, at the same level as a full mix.

        Raises:
            CorpusError: the song has no such pitched track.
        """
        tempo = TempoMap(song)
        parts = perform(song, tempo)
        effects = song.effects
        if solo is not None:
            parts = [part for part in parts if part.track.name == solo and part.track.is_melodic]
            if not parts:
                pitched = ", ".join(track.name for track in song.tracks if track.is_melodic)
                raise CorpusError(f"{song.style} has no pitched track {solo!r}; it has {pitched}")
            effects = replace(effects, sidechain=None, sweep=None, riser=0.0)
        by_bus: dict[str, list[tuple[int, Part]]] = {}
        for part in parts:
            by_bus.setdefault(part.track.bus, []).append((song.tracks.index(part.track), part))
        buses = {bus: self._bus(song, members) for bus, members in by_bus.items()}
        return mix(song, buses, tempo, effects, np.random.default_rng((song.performance_seed, _MIX_STREAM))).astype(
            np.float32
        )

    def _bus(self, song: Song, members: list[tuple[int, Part]]) -> Signal:
        total_s = song.preroll_s + song.seconds
        total_samples = samples(total_s, SAMPLE_RATE_HZ)
        sampled = [part for _, part in members if isinstance(part.track.instrument, Program | DrumKit)]
        out: Signal = self._soundfont.render(sampled, total_s) if sampled else np.zeros(total_samples)
        sampled_rms = gated_rms(out)
        for index, part in members:
            rng = np.random.default_rng((song.performance_seed, _VOICE_STREAM + index))
            instrument = part.track.instrument
            if isinstance(instrument, Saw):
                voice = play_saw(instrument, part, total_samples, rng) * part.track.gain
                if sampled:
                    voice *= 1.1 * sampled_rms / max(gated_rms(voice), 1e-6)
                out = out + voice
            elif isinstance(instrument, Kick):
                out = out + play_kick(instrument, part, total_samples, rng) * part.track.gain
        return out


@cache
def _default_renderer() -> Renderer:
    return Renderer()


def render(song: Song, solo: str | None = None) -> npt.NDArray[np.float32]:
    """Render with the default soundfont, loaded once. See :meth:`Renderer.render`."""
    return _default_renderer().render(song, solo)
