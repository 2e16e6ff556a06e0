"""From the model to a sound card: ALSA's ``file`` plugin stands for one, and writes what it is given into a pipe.

Whoever reads the pipe is the card's clock. Ours is a slow one, so that a busy machine can keep up; the sound is the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile
import soxr

pytestmark = [
    pytest.mark.soundcard,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ALSA is Linux's"),
]

PACE = 0.5  # of real time
CARD_RATE_HZ, CARD_CHANNELS = 44_100, 2
BYTES_PER_S = CARD_RATE_HZ * CARD_CHANNELS * 4
REMEDY = "needs PortAudio with ALSA: sudo apt install libportaudio2 libasound2 libasound2-data"
ASOUNDRC = """
pcm.!default {{ type file  format "raw"  file "{pipe}"  slave.pcm {{ type null }} }}
ctl.!default {{ type hw  card 0 }}
"""
CODE = """
import json, sys, time
from pathlib import Path
from engine.engine import Engine
from engine.messages import LoadModel, Play, Record, Stop, StopRecording, TakeFinished, Failure
from engine.status import State

def wait(condition):
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, engine.status
        time.sleep(0.02)

taken = []
def finished():
    for event in engine.events():
        assert not isinstance(event, Failure), event
        taken.extend([event.take] if isinstance(event, TakeFinished) else [])
    return bool(taken)

engine = Engine(sys.argv[1], buffer_ms=400.0)
engine.send(LoadModel("pocket"))
wait(lambda: engine.status.state is State.IDLE)
engine.send(Play(7))
engine.send(Record("heard"))
wait(lambda: engine.status.heard_frame > 150)
engine.send(StopRecording())
wait(finished)
wait(lambda: engine.status.heard_frame > taken[0].score.end_frame + 5)
engine.send(Stop())
time.sleep(0.3)
print(json.dumps({"path": str(taken[0].path), "underruns": engine.status.underruns, "output": engine.status.output}))
engine.close()
"""


class Card:
    """Reads the pipe at its pace, for as long as it is open."""

    def __init__(self, pipe: Path) -> None:
        os.mkfifo(pipe)
        self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # before a writer comes, who would wait for us
        self._ended = threading.Event()
        self._heard = bytearray()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        began_s: float | None = None
        while not self._ended.is_set():
            try:
                piece = os.read(self._pipe, 4096)
            except BlockingIOError:
                piece = b""
            if not piece:
                time.sleep(0.005)
                continue
            self._heard += piece
            began_s = began_s or time.monotonic()
            time.sleep(max(0.0, began_s + len(self._heard) / BYTES_PER_S / PACE - time.monotonic()))

    def end(self) -> np.ndarray:
        """What has been played, ``(samples,)``, of one channel."""
        self._ended.set()
        self._thread.join(5)
        os.close(self._pipe)
        whole = len(self._heard) // (4 * CARD_CHANNELS) * 4 * CARD_CHANNELS
        sound = np.frombuffer(bytes(self._heard[:whole]), np.float32).reshape(-1, CARD_CHANNELS)
        np.testing.assert_array_equal(sound[:, 0], sound[:, 1])
        return sound[:, 0]


def run(code: str, surroundings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words], env=surroundings, capture_output=True, text=True, timeout=200
    )


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """An environment in which the one sound card is ours."""
    (tmp_path / "asoundrc").write_text(ASOUNDRC.format(pipe=tmp_path / "card"), encoding="utf-8")
    surroundings = {**os.environ, "ALSA_CONFIG_PATH": str(tmp_path / "asoundrc")}
    outputs = "from engine.audio.devices import list_outputs; print([(d.name, d.rate_hz) for d in list_outputs()[0]])"
    if f"('default', {CARD_RATE_HZ})" not in run(outputs, surroundings).stdout:
        pytest.skip(REMEDY)
    return surroundings


def test_what_is_made_comes_out_of_the_sound_card_without_a_gap(surroundings: dict[str, str], tmp_path: Path) -> None:
    card = Card(tmp_path / "card")
    done = run(CODE, surroundings, str(tmp_path))
    played = card.end()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["output"] == "default"
    assert told["underruns"] == 0
    made, rate_hz = soundfile.read(told["path"], dtype="float32")
    made = soxr.resample(made, rate_hz, CARD_RATE_HZ)
    at = int(np.argmax(scipy.signal.correlate(played, made, "valid", "fft")))
    # But for the fade at its beginning and the filters' ends, it is the same sound from the first sample to the last.
    edge = CARD_RATE_HZ // 10
    heard, made = played[at : at + len(made)][edge:-edge], made[edge:-edge]
    assert len(made) > 2 * CARD_RATE_HZ
    assert np.sqrt(np.mean(made**2)) > 1e-3, "there is something to be heard"
    assert np.abs(heard - made).max() < 1e-3
