"""An arrangement in sections: layers fall silent for four bars and come back."""

from __future__ import annotations

from probes.corpus.composed.chance import happens
from probes.corpus.composed.song import Song, Track

SECTION_BARS = 4
_ABSENCE = {"drums": 0.08, "bass": 0.10}
_ABSENCE_OTHERS = 0.25


def _layer(track: Track) -> str:
    """Tracks that come and go together: a drum machine and its kick do."""
    return "drums" if track.bus in ("drums", "kick") else "bass" if track.bus == "bass" else track.name


def arrange(song: Song) -> None:
    """Silence some layers in some sections, at least one pitched and two layers staying."""
    rng = song.rng
    layers = sorted({_layer(track) for track in song.tracks})
    pitched = {_layer(track) for track in song.tracks if track.is_melodic}
    section_beats = SECTION_BARS * song.beats_per_bar
    absent: dict[int, set[str]] = {}
    for section in range(song.bars // SECTION_BARS + 1):
        away = {layer for layer in layers if happens(rng, _ABSENCE.get(layer, _ABSENCE_OTHERS))}
        if len(layers) - len(away) >= 2 and pitched - away:
            absent[section] = away
    for track in song.tracks:
        layer = _layer(track)
        track.notes = [note for note in track.notes if layer not in absent.get(int(note.beat // section_beats), ())]
    kicks = song.effects.kick_beats
    song.effects.kick_beats = [beat for beat in kicks if "drums" not in absent.get(int(beat // section_beats), ())]
