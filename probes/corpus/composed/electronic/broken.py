"""Broken beats and none: breakbeat, drum and bass, electro, synthwave, downtempo, chiptune, future bass, ambient."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.electronic import studio
from probes.corpus.composed.song import Brief, Saw, Song


def breakbeat(brief: Brief) -> Song:
    """Syncopated drums, a detuned low bass, pads."""
    song = studio.begin(brief, 118, 140, major=0.1)
    rng = song.rng
    studio.drums(song, pick(rng, (studio.POWER_KIT, studio.ELECTRONIC_KIT, studio.ROOM_KIT)), "break")
    _reese(song, pick(rng, ("long", "syncopated", "funky")))
    studio.pad(song, studio.voice(song, "synth pad", (88, 89, 91, 94, 95), 0.9), 57, 76)
    line = studio.voice(song, "synth lead", (80, 81, 84, 87), 0.7)
    (studio.arpeggio if happens(rng, 0.5) else studio.lead)(song, line, 64, 86)
    studio.effects(song, ducking=(0.2, 0.6))
    song.tags = ["breakbeat drums", "reese bass", "pads"]
    return song


def drum_and_bass(brief: Brief) -> Song:
    """Breaks at 165 to 176 bpm over a slow bass and wide pads."""
    song = studio.begin(brief, 165, 176, major=0.1)
    rng = song.rng
    studio.drums(song, pick(rng, (studio.POWER_KIT, studio.ELECTRONIC_KIT)), "break")
    _reese(song, pick(rng, ("long", "sub", "syncopated")))
    studio.pad(song, studio.voice(song, "synth pad", (89, 91, 94, 95, 50), 0.9), 57, 76)
    if happens(rng, 0.7):
        studio.plucks(song, studio.voice(song, "electric piano", (4, 5, 88, 98), 0.7), 62, 84, density=0.22)
    studio.effects(song, ducking=(0.1, 0.5), wet=(0.12, 0.24), sweep=0.4)
    song.tags = ["fast breakbeat drums", "reese bass", "pads"]
    return song


def electro(brief: Brief) -> Song:
    """An 808, syncopated bass, square lead."""
    song = studio.begin(brief, 112, 132, major=0.1)
    rng = song.rng
    studio.drums(song, studio.KIT_808, "electro")
    bass = studio.saw_bass(song, "synth bass", resonance=(1.5, 4)) if happens(rng, 0.6) else studio.gm_bass(song)
    studio.bass(song, bass, pick(rng, ("funky", "syncopated", "sixteenths")))
    gate = "".join(pick(rng, "x...") for _ in range(16))
    studio.pad(song, studio.voice(song, "synth brass", (62, 63, 50), 0.8), 57, 76, velocity=80, gate=gate)
    studio.lead(song, studio.voice(song, "square lead", (80,), 0.75), 64, 86)
    studio.effects(song, ducking=(0.1, 0.5))
    song.tags = ["808 drums", "synth bass", "square lead"]
    return song


def synthwave(brief: Brief) -> Song:
    """Retro drum machine, octave bass, analogue pads, a saw lead."""
    song = studio.begin(brief, 100, 122, major=0.25)
    rng = song.rng
    studio.drums(song, pick(rng, (studio.POWER_KIT, studio.ELECTRONIC_KIT)), pick(rng, ("four", "electro")))
    bass = studio.saw_bass(song, resonance=(1, 1.4)) if happens(rng, 0.6) else studio.gm_bass(song)
    studio.bass(song, bass, pick(rng, ("octaves", "sixteenths")))
    studio.pad(song, studio.voice(song, "analog pad", (50, 51, 90, 62), 0.8), 57, 76)
    if happens(rng, 0.5):
        studio.lead(
            song, song.track("saw lead", Saw(2, 0.1, rng.uniform(1200, 3000), 1500, 1.0, 0.4), gain=0.33), 69, 88
        )
    else:
        studio.lead(song, studio.voice(song, "synth lead", (81,), 0.8), 69, 88)
    if happens(rng, 0.6):
        studio.arpeggio(song, studio.voice(song, "synth arpeggio", (80, 81, 88), 0.55), 60, 88)
    studio.effects(song, ducking=(0.2, 0.6), wet=(0.14, 0.26), sweep=0.3)
    song.tags = ["retro drum machine", "saw bass", "analog pads", "synth lead"]
    return song


def ambient(brief: Brief) -> Song:
    """Pads, bells, a sub bass; drums low in the mix or none."""
    song = studio.begin(brief, 76, 116, major=0.4)
    rng = song.rng
    studio.pad(song, studio.voice(song, "warm pad", (88, 89, 91, 92, 94, 95)), 55, 76, velocity=76)
    soft = Saw(4, 0.15, rng.uniform(500, 1400), 0, 0.8, 1.0, attack_s=0.5)
    studio.pad(song, song.track("soft saw pad", soft, gain=0.3), 52, 72, velocity=60)
    bells = studio.voice(song, "bell arpeggio", (88, 98, 80, 112, 14), 0.75)
    studio.arpeggio(song, bells, 64, 88, step=pick(rng, (0.25, 0.5)))
    studio.bass(song, song.track("sub bass", Saw(1, 0, 160, 100, 1.0, 0.5), bus="bass", gain=0.45), "long")
    if happens(rng, 0.65):
        studio.drums(song, studio.KIT_808, pick(rng, ("electro", "half")), kick_gain=0.7)
    studio.effects(song, reverb_s=(2.0, 3.0), wet=(0.25, 0.4), ducking=(0.1, 0.4), glue=(0.1, 0.25))
    song.tags = ["pads", "bell arpeggio", "sub bass"]
    return song


def downtempo(brief: Brief) -> Song:
    """Slow swung beats under electric piano and a soft lead."""
    song = studio.begin(brief, 76, 98, major=0.3)
    rng = song.rng
    song.swing = pick(rng, (0.5, 0.56, 0.6))
    song.progression(
        pick(
            rng,
            ("i9|iv9|bVImaj7|v7", "i9|bVImaj7|i9|bVImaj7", "i7|bVII|bVImaj7|bVII")
            if song.is_minor
            else ("Imaj7|vi7|IVmaj7|V9sus", "Imaj9|IVmaj9|Imaj9|IVmaj9"),
        )
    )
    studio.drums(
        song,
        pick(rng, (studio.KIT_808, studio.ROOM_KIT, studio.ELECTRONIC_KIT)),
        pick(rng, ("half", "break")),
        kick_gain=0.9,
    )
    studio.bass(
        song,
        studio.saw_bass(song, "sub bass", voices=1, resonance=(0.8, 1.2)),
        pick(rng, ("sub", "syncopated", "long")),
    )
    studio.pad(
        song,
        studio.voice(song, "electric piano", (4, 5), 0.9),
        55,
        74,
        velocity=74,
        gate=pick(rng, ("x.....x.........", "x..x......x.....", "x.........x.....")),
    )
    studio.pad(song, studio.voice(song, "synth pad", (89, 91, 95), 0.7), 55, 74)
    studio.lead(song, studio.voice(song, "soft lead", (80, 82, 78), 0.7), 64, 84, velocity=78)
    studio.effects(song, ducking=(0.1, 0.5), wet=(0.16, 0.3), sweep=0.4)
    song.tags = ["slow beats", "electric piano", "sub bass", "synth pad"]
    return song


def chiptune(brief: Brief) -> Song:
    """Square waves of an old game: fast arpeggios, a hook, a triangle-like bass."""
    song = studio.begin(brief, 126, 160, major=0.5)
    rng = song.rng
    studio.drums(song, studio.KIT_808, pick(rng, ("four", "electro", "break")), kick_gain=0.8)
    studio.bass(song, studio.voice(song, "square bass", (80,)), pick(rng, ("octaves", "sixteenths", "syncopated")))
    studio.arpeggio(song, studio.voice(song, "square arpeggio", (80,), 0.6), 67, 96, step=pick(rng, (0.25, 0.125)))
    studio.lead(song, studio.voice(song, "chip lead", (80, 81), 0.9), 69, 93)
    studio.effects(song, reverb_s=(0.3, 0.7), wet=(0.02, 0.08), ducking=(0.0, 0.2), sweep=0.1)
    song.tags = ["square wave lead", "fast arpeggios", "8-bit drums"]
    return song


def future_bass(brief: Brief) -> Song:
    """Swelling detuned chords that duck hard, trap drums with rolling hats."""
    song = studio.begin(brief, 130, 156, major=0.5)
    rng = song.rng
    song.progression(
        pick(
            rng,
            ("i9|bVImaj7|bIIImaj7|bVII", "bVImaj7|bVII|i7|v7")
            if song.is_minor
            else ("IVmaj7|V|vi7|iii7", "IVmaj9|iii7|vi7|V", "Imaj9|V|vi7|IVmaj7"),
        )
    )
    studio.drums(song, studio.KIT_808, "trap", rolling_hats=True)
    patch = Saw(6, 0.2, rng.uniform(800, 2000), rng.uniform(1500, 5000), 0.9, 0.5, attack_s=rng.uniform(0.005, 0.08))
    gate = pick(rng, (None, "x..x..x...x..x..", "x.x...x.x.x...x."))
    studio.pad(song, song.track("supersaw chords", patch, gain=0.45), 57, 79, velocity=80, gate=gate)
    studio.bass(
        song, song.track("sub bass", Saw(1, 0, 180, 200, 1.0, 0.4), bus="bass", gain=0.5), pick(rng, ("sub", "long"))
    )
    studio.lead(song, studio.voice(song, "pluck lead", (80, 84, 98, 88), 0.75), 69, 90)
    studio.effects(song, ducking=(0.6, 0.9), sweep=0.7)
    song.tags = ["trap drums", "supersaw chords", "sub bass", "pluck lead"]
    return song


def _reese(song: Song, rhythm: str) -> None:
    """A bass of slowly beating saws."""
    rng = song.rng
    patch = Saw(3, 0.25, rng.uniform(150, 500), rng.uniform(0, 700), rng.uniform(1, 2.5), 0.3)
    studio.bass(song, song.track("reese bass", patch, bus="bass", gain=0.6), rhythm)
