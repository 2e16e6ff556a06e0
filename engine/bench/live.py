"""What a player feels: time to the first sound, from the knob to the ear, dropouts over a long run, memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.control import ControlState
from engine.errors import SegueError
from engine.instrument import Instrument
from engine.performance import Performance, perform
from engine.recorder import TakeSettings
from engine.session import Session
from engine.steering.pack import PackDefaults, ProbePack

WINDOW_PERIOD_S = 0.033
BUFFER_MS = 120.0
TRACE_FRAMES = 40
SETTLE_S = 1.5

FIRST_SOUND = """
import sys, time
from pathlib import Path
from engine.engine import Engine
from engine.messages import Failure, LoadModel, ModelLoaded, Play
engine = Engine(takes_folder=sys.argv[2])
engine.send(LoadModel(sys.argv[1]))
loaded = False
while not loaded:
    for event in engine.events():
        loaded |= isinstance(event, ModelLoaded)
        if isinstance(event, Failure):
            sys.exit(event.text)
    time.sleep(0.005)
engine.send(Play(1))
while engine.status.heard_frame < 1:
    time.sleep(0.005)
print("sound", flush=True)
time.sleep(5)
status = Path("/proc/self/status")
if status.exists():  # what getrusage tells on Linux may be the parent's peak
    lines = status.read_text(encoding="utf-8").splitlines()
    print(next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")))
elif sys.platform == "win32":
    print("nan")
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
engine.close()
"""


def random_pack(instrument: Instrument, genres: tuple[str, ...] = ("a", "b", "c", "d")) -> ProbePack:
    """Directions that mean nothing, for models that have no pack."""
    identity, rng = instrument.identity, np.random.default_rng(0)
    shape = (identity.layers, len(genres), identity.hidden_size)
    directions = rng.normal(size=shape).astype(np.float32)
    directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
    return ProbePack(
        identity,
        genres,
        directions,
        readout=directions,
        readout_bias=np.zeros(shape[:2], np.float32),
        accuracy=np.zeros(shape[0], np.float32),
        redline=np.ones(len(genres), np.float32),
        defaults=PackDefaults(((identity.layers // 2, 1.0),)),
        meter_layer=identity.layers // 2,
        method="random",
    )


def measure_first_sound(model: str) -> tuple[float, float]:
    """Seconds from the start of a process to its first sample at the output, and its peak resident memory in MB.

    Raises:
        SegueError: the process failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", FIRST_SOUND, model, folder], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            first = child.stdout.readline()
            elapsed_s = time.perf_counter() - started
            rest = child.stdout.read()
    if first.strip() != "sound":
        raise SegueError("the engine's process made no sound: see its message above")
    return elapsed_s, float(rest)


def measure_realtime(instrument: Instrument, pack: ProbePack | None, seconds: float) -> float:
    """Seconds of music made per second, decoder, codec and meter together."""
    performance = Performance(instrument, pack)
    control = ControlState()
    try:
        performance.start(0, control)
        for _ in range(10):
            performance.advance(control)
        frames = round(seconds * instrument.frame_rate_hz)
        started = time.perf_counter()
        for _ in range(frames):
            performance.advance(control)
        performance.finish()
        return seconds / (time.perf_counter() - started)
    finally:
        performance.close()


@dataclass
class _Turn:
    """One knob move in a live run: when, the frame that it took effect at, and when each sample left for the device."""

    frame: int
    moved_at: float


def measure_knob_to_ear_ms(instrument: Instrument, pack: ProbePack, moves: int = 12) -> list[float]:
    """Milliseconds from a knob's move to the first sample that differs for it, leaving for the device; one per move.

    A live run says when each move took effect and when each sample left. Two renders of the same seed, with and without the
    move, say which sample is the first to differ.
    """
    genre = pack.genres[0]
    states = [ControlState(number=i, blend=((genre, 1.0 if i % 2 else -1.0),)) for i in range(moves + 1)]
    turns, left = _play_moves(instrument, pack, states)
    times, samples = np.array(left).T
    delays = []
    for index, turn in enumerate(turns):
        frames = turn.frame + TRACE_FRAMES
        with_move = _render(instrument, pack, _schedule(states, turns, index + 1, frames))
        without = _render(instrument, pack, _schedule(states, turns, index, frames))
        differs = np.flatnonzero((with_move != without).any(axis=1))
        if len(differs):
            reached = np.searchsorted(samples, differs[0] + 1)
            if reached < len(times):
                delays.append(1000.0 * (times[reached] - turn.moved_at))
    return delays


def _schedule(states: list[ControlState], turns: list[_Turn], count: int, frames: int) -> Iterator[ControlState]:
    """The control state of every frame when only the first ``count`` moves are made."""
    for frame in range(frames):
        yield states[sum(turn.frame <= frame for turn in turns[:count])]


def _render(instrument: Instrument, pack: ProbePack, controls: Iterator[ControlState]) -> NDArray[np.float32]:
    performance = Performance(instrument, pack)
    try:
        return np.concatenate([block.passage.samples for block in perform(performance, 1, controls)])
    finally:
        performance.close()


def _play_moves(
    instrument: Instrument, pack: ProbePack, states: list[ControlState]
) -> tuple[list[_Turn], list[tuple[float, int]]]:
    rng = np.random.default_rng(1)
    turns: list[_Turn] = []
    left: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        session = Session(instrument, pack, TakeSettings(Path(folder), retro_s=1.0), BUFFER_MS, _ignore, _ignore)
        session.open()
        session.start(1, states[0])
        state, next_at = states[0], time.perf_counter() + SETTLE_S
        moved_at: float | None = None
        pending = list(states[1:])
        while pending or moved_at is not None or time.perf_counter() < next_at:
            now = time.perf_counter()
            if pending and moved_at is None and now >= next_at:
                # The player moves at any time, also while the engine waits for room: the clock starts here.
                state, moved_at = pending.pop(0), now
                next_at = now + SETTLE_S / 2 + float(rng.uniform(0.0, 0.1))
            frame = session.frame
            if not session.turn(state):
                time.sleep(0.001)
            elif session.frame != frame and moved_at is not None:
                turns.append(_Turn(frame, moved_at))
                moved_at = None
            left.append((time.perf_counter(), session.heard_samples))
        session.close()
    return turns, left


def measure_soak(instrument: Instrument, pack: ProbePack | None, seconds: float) -> int:
    """Dropouts in ``seconds`` of live playing, beside a thread that works as a window does: a few ms every 33 ms."""
    ended = threading.Event()

    def window() -> None:
        spectrum = np.zeros((64, 1024), np.float32)
        while not ended.wait(WINDOW_PERIOD_S):
            np.abs(np.fft.rfft(spectrum, axis=1)).sum()
            sum(range(20_000))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    worker = threading.Thread(target=window, daemon=True)
    worker.start()
    try:
        return _soak(instrument, pack, seconds)
    finally:
        ended.set()
        worker.join()
        sys.setswitchinterval(interval)


def _soak(instrument: Instrument, pack: ProbePack | None, seconds: float) -> int:
    control = ControlState()
    with tempfile.TemporaryDirectory() as folder:
        session = Session(instrument, pack, TakeSettings(Path(folder)), BUFFER_MS, _ignore, _ignore)
        try:
            session.open()
            session.start(1, control)
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                if not session.turn(control):
                    time.sleep(0.002)
            return session.underruns
        finally:
            session.close()


def _ignore(_: object) -> None:
    pass
