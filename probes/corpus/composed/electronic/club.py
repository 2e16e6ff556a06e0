"""Four to the floor: house, deep house, techno, trance, acid, hardstyle's calmer cousins."""

from __future__ import annotations

from probes.corpus.composed.chance import happens, pick
from probes.corpus.composed.electronic import studio
from probes.corpus.composed.song import Brief, Program, Saw, Song
from probes.corpus.composed.theory import nearest


def house(brief: Brief) -> Song:
    """Piano or organ stabs over an offbeat bass."""
    song = studio.begin(brief, 117, 128, major=0.3)
    rng = song.rng
    studio.drums(song, pick(rng, (studio.ELECTRONIC_KIT, studio.KIT_808, studio.POWER_KIT)), "four")
    bass = studio.saw_bass(song, "synth bass", voices=1) if happens(rng, 0.5) else studio.gm_bass(song)
    studio.bass(song, bass, pick(rng, ("offbeat", "syncopated", "funky", "octaves")))
    gate = pick(rng, ("..x..x....x..x..", "..x...x...x...x.", "x..x..x...x.....", "...x..x....x..x."))
    name, number = pick(rng, (("house piano", 2), ("synth organ", 17), ("electric piano", 5), ("synth strings", 50)))
    studio.pad(song, song.track(name, Program(number)), 57, 76, velocity=82, gate=gate)
    if happens(rng, 0.6):
        studio.pad(song, studio.voice(song, "synth pad", (88, 89, 90, 94), 0.7), 57, 74)
    if happens(rng, 0.5):
        studio.lead(song, studio.voice(song, "synth lead", (80, 81, 87), 0.7), 69, 86)
    studio.effects(song)
    song.tags = ["four-on-the-floor drums", "synth bass", name]
    return song


def deep_house(brief: Brief) -> Song:
    """Seventh chords on an electric piano, a round bass, soft pads."""
    song = studio.begin(brief, 112, 122, major=0.3)
    rng = song.rng
    minor = ("i9|iv9|i9|v7", "i9|bVImaj9|bIIImaj7|v7", "i9|i9|iv9|iv9", "i7|bVII9|bVImaj7|v7")
    song.progression(
        pick(
            rng, minor if song.is_minor else ("Imaj9|vi9|ii9|V9sus", "Imaj7|iii7|vi7|IVmaj7", "IVmaj9|iii7|IVmaj9|vi7")
        )
    )
    studio.drums(song, pick(rng, (studio.ELECTRONIC_KIT, studio.KIT_808)), "four", kick_gain=0.9)
    studio.bass(
        song,
        studio.saw_bass(song, "round bass", voices=1, resonance=(0.8, 1.4)),
        pick(rng, ("offbeat", "syncopated", "sub")),
    )
    gate = pick(rng, ("x..x......x.....", "..x..x....x.....", "x.....x...x.....", "...x..x...x....."))
    studio.pad(song, studio.voice(song, "electric piano", (4, 5)), 55, 74, velocity=78, gate=gate)
    studio.pad(song, studio.voice(song, "warm pad", (88, 89, 95), 0.8), 55, 72)
    if happens(rng, 0.5):
        studio.plucks(song, studio.voice(song, "synth bells", (98, 88, 11), 0.6), 67, 86, density=0.2)
    studio.effects(song, ducking=(0.3, 0.6), wet=(0.12, 0.24))
    song.tags = ["four-on-the-floor drums", "electric piano", "round bass", "pads"]
    return song


def techno(brief: Brief) -> Song:
    """One or two chords, rolling bass, resonant stabs, long filter moves."""
    song = studio.begin(brief, 122, 138, major=0, modes=("minor", "minor", "dorian", "phrygian"))
    rng = song.rng
    song.progression(
        pick(
            rng,
            ("i|i|i|i", "i|i|bII|i", "i|i|i|bVII")
            if song.mode == "phrygian"
            else ("i|i|i|i", "i|i|i|bVII", "i|i|iv|i"),
        )
    )
    studio.drums(song, pick(rng, (studio.ELECTRONIC_KIT, studio.KIT_808)), "four", kick_gain=1.15)
    studio.bass(
        song, studio.saw_bass(song, resonance=(1, 4), gain=0.6), pick(rng, ("rolling", "offbeat", "sixteenths"))
    )
    gate = "".join(pick(rng, "xx..x") for _ in range(16))
    stab = Saw(3, 0.12, rng.uniform(300, 900), rng.uniform(1000, 4000), rng.uniform(2, 6), 0.1)
    studio.pad(song, song.track("techno stab", stab, gain=0.4), 57, 74, velocity=80, gate=gate)
    if happens(rng, 0.6):
        studio.arpeggio(song, studio.voice(song, "synth sequence", (80, 81, 84), 0.6), 57, 84)
    studio.effects(song, sweep=0.9, ducking=(0.4, 0.7))
    song.tags = ["four-on-the-floor drums", "saw bass", "synth stabs"]
    return song


def trance(brief: Brief) -> Song:
    """Supersaws: gated chords, an arpeggio or a lead, over pads."""
    song = studio.begin(brief, 130, 140, major=0.15)
    rng = song.rng
    studio.drums(song, studio.ELECTRONIC_KIT, "four")
    studio.bass(song, studio.saw_bass(song, resonance=(1, 1.4)), pick(rng, ("rolling", "offbeat")))
    patch = Saw(6, 0.18, rng.uniform(900, 2500), rng.uniform(2000, 6000), 1.0, 0.25)
    supersaw = song.track("supersaw", patch, gain=0.42)
    role = pick(rng, ("gated chords", "arpeggio", "lead"))
    if role == "gated chords":
        studio.pad(
            song, supersaw, 60, 79, velocity=76, gate=pick(rng, ("x..x..x.x..x..x.", "x.xx.xx.x.xx.xx.", "x" * 16))
        )
    elif role == "arpeggio":
        studio.arpeggio(song, supersaw, 60, 91)
    else:
        studio.lead(song, supersaw, 67, 88)
    if role != "arpeggio":
        studio.arpeggio(song, studio.voice(song, "synth arpeggio", (80, 81, 90), 0.6), 60, 90)
    studio.pad(song, studio.voice(song, "synth pad", (50, 89, 90, 94), 0.8), 57, 76)
    studio.effects(song, wet=(0.12, 0.24))
    song.tags = ["four-on-the-floor drums", "supersaw lead", "arpeggios", "pads"]
    return song


def acid(brief: Brief) -> Song:
    """A resonant bass line that repeats for a bar while its filter moves."""
    song = studio.begin(brief, 122, 138, major=0, modes=("minor", "minor", "dorian", "phrygian"))
    rng = song.rng
    song.progression("i")
    studio.drums(song, pick(rng, (studio.ELECTRONIC_KIT, studio.KIT_808)), "four", kick_gain=1.1)
    patch = Saw(1, 0.0, rng.uniform(180, 380), rng.uniform(1200, 3500), rng.uniform(6, 12), 0.12)
    line = song.track("acid bass", patch, gain=0.6)
    length = pick(rng, (16, 16, 12))
    intervals = (0, 0, 0, 12, 3, 7, 10, -2, 5, 1 if song.mode == "phrygian" else 2)
    steps = [pick(rng, intervals) if happens(rng, 0.8) else None for _ in range(length)]
    root = nearest(40, song.tonic, 36, 47)
    for index in range(song.bars * 16):
        interval = steps[index % length]
        if interval is not None:
            line.note(index / 4, 0.24 if happens(rng, 0.75) else 0.34, root + interval, pick(rng, (70, 84, 112)))
    if happens(rng, 0.5):
        studio.pad(song, studio.voice(song, "synth pad", (89, 94, 95), 0.7), 57, 74)
    studio.effects(song, sweep=0.85, ducking=(0.1, 0.4))
    song.tags = ["four-on-the-floor drums", "acid bassline", "filter sweeps"]
    return song


def disco(brief: Brief) -> Song:
    """Octave bass, string stabs, clavinet, open hats: the electronic disco."""
    song = studio.begin(brief, 112, 124, major=0.4)
    rng = song.rng
    studio.drums(song, pick(rng, (studio.ELECTRONIC_KIT, studio.POWER_KIT)), "four")
    studio.bass(song, studio.saw_bass(song, voices=2) if happens(rng, 0.6) else studio.gm_bass(song), "octaves")
    studio.pad(
        song,
        studio.voice(song, "synth strings", (50, 51)),
        60,
        79,
        velocity=74,
        gate=pick(rng, ("x.......x..x....", "x..x....x.......", "x.....x.x...x...")),
    )
    studio.pad(
        song,
        studio.voice(song, "clavinet", (7, 5), 0.7),
        55,
        72,
        velocity=76,
        gate=pick(rng, ("..x.x.x...x.x.x.", "x.xx..x.x.xx..x.", "..xx..xx..xx..xx")),
    )
    studio.lead(song, studio.voice(song, "vocoder lead", (54, 85, 81), 0.8), 62, 81)
    studio.effects(song, ducking=(0.3, 0.7), sweep=0.7)
    song.tags = ["four-on-the-floor drums", "octave bass", "synth strings", "vocoder lead"]
    return song
