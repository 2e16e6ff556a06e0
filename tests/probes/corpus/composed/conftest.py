"""A General MIDI soundfont of a few kilobytes, so that rendering is tested without the real one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import CorpusError
from probes.corpus.composed.render import Renderer
from probes.corpus.composed.soundfont import SOUNDFONT_VARIABLE

RATE_HZ = 32_000
CYCLE_SAMPLES = 100
ROOT_KEY = 63
# The cycle's pitch, 320 Hz, lies 49 cents above the root key.
CORRECTION_CENTS = round(100 * (12 * np.log2(RATE_HZ / CYCLE_SAMPLES / 440) + 69 - ROOT_KEY))
KITS = (0, 8, 16, 24, 25, 32, 40)


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _list(kind: bytes, *chunks: bytes) -> bytes:
    return _chunk(b"LIST", kind + b"".join(chunks))


def _generators(*pairs: tuple[int, int]) -> bytes:
    return b"".join(struct.pack("<Hh", operator, amount) for operator, amount in pairs)


def soundfont_bytes() -> bytes:
    """An SF2 file: two sines, the second an octave up, on every program and kit; resonances and long releases differ."""
    cycle = np.sin(2 * np.pi * np.arange(CYCLE_SAMPLES * 20) / CYCLE_SAMPLES) + 0.5 * np.sign(np.arange(2000) % 50 - 25)
    wave = np.concatenate([cycle * 12_000, np.zeros(46)]).astype("<i2").tobytes()
    presets, bags, generators = b"", b"", b""
    for index, (bank, number) in enumerate([*((0, n) for n in range(128)), *((128, n) for n in KITS)]):
        presets += struct.pack("<20sHHHIII", f"p{bank}-{number}".encode(), number, bank, index, 0, 0, 0)
        bags += struct.pack("<HH", index, 0)
        generators += _generators((41, index % 2))
    presets += struct.pack("<20sHHHIII", b"EOP", 0, 0, 128 + len(KITS), 0, 0, 0)
    bags += struct.pack("<HH", 128 + len(KITS), 0)
    instruments = b"".join(struct.pack("<20sH", name, bag) for name, bag in ((b"dull", 0), (b"sharp", 1), (b"EOI", 2)))
    # 8: cutoff in cents, 9: resonance in centibels, 38: release in timecents, 54: loop, 58: root key, 53: sample.
    dull = ((8, 9_000), (9, 30), (38, 1_200), (54, 1), (58, ROOT_KEY), (53, 0))
    sharp = ((8, 10_500), (9, 240), (38, 0), (54, 1), (58, ROOT_KEY), (53, 0))
    zones = struct.pack("<HHHHHH", 0, 0, len(dull), 0, len(dull) + len(sharp), 0)
    sample = struct.pack("<20sIIIIIBbHH", b"sine", 0, 2000, 100, 1900, RATE_HZ, ROOT_KEY, -CORRECTION_CENTS, 0, 1)
    end = struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    info = _list(
        b"INFO", _chunk(b"ifil", struct.pack("<HH", 2, 1)), _chunk(b"isng", b"EMU8000\0"), _chunk(b"INAM", b"tiny\0\0")
    )
    data = _list(
        b"pdta",
        _chunk(b"phdr", presets),
        _chunk(b"pbag", bags),
        _chunk(b"pmod", bytes(10)),
        _chunk(b"pgen", generators + bytes(4)),
        _chunk(b"inst", instruments),
        _chunk(b"ibag", zones),
        _chunk(b"imod", bytes(10)),
        _chunk(b"igen", _generators(*dull, *sharp) + bytes(4)),
        _chunk(b"shdr", sample + end),
    )
    return _chunk(b"RIFF", b"sfbk" + info + _list(b"sdta", _chunk(b"smpl", wave)) + data)


@pytest.fixture(scope="session")
def tiny_soundfont(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("soundfont") / "tiny.sf2"
    path.write_bytes(soundfont_bytes())
    return path


@pytest.fixture(scope="session")
def renderer(tiny_soundfont: Path) -> Iterator[Renderer]:
    try:
        renderer = Renderer(tiny_soundfont)
    except CorpusError as error:
        pytest.skip(str(error))
    yield renderer
    renderer.close()


@pytest.fixture
def soundfont_named(tiny_soundfont: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny soundfont as the user's choice; skips where FluidSynth is missing."""
    monkeypatch.setenv(SOUNDFONT_VARIABLE, str(tiny_soundfont))
    return tiny_soundfont
