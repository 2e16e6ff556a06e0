"""The engine's published state: one frozen value, replaced whole, read by anybody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.control import ControlState


class State(Enum):
    """The runner's states.

    ::

        EMPTY ──LoadModel──▶ LOADING ──▶ IDLE ──Play──▶ PLAYING
          ▲                     │          ▲               │
          └───── failure ───────┘          └── Stop, failure
    """

    EMPTY = "empty"
    LOADING = "loading"
    IDLE = "idle"
    PLAYING = "playing"


@dataclass(frozen=True, slots=True)
class Status:
    """What a window shows. ``*_frame`` are numbers since the start of this performance.

    Attributes:
        state: of the runner; seed: of this performance.
        frame: frames made; heard_frame: the frame now leaving the output.
        realtime_factor: music made per second of work, smoothed.
        buffered_ms: sound that lies ready for the output.
        underruns: gaps that were heard in this performance, and are over.
        heard: shares of the genres that the model hears, in the pack's order; empty without a pack.
        peak_dbfs: of the louder channel, as it falls back; held_dbfs: the highest recent one.
        clipped: full scale was reached at the output; latches until cleared.
        momentary_lufs, short_term_lufs, integrated_lufs: of what has been heard of the music, at its own level.
        recording: a take is in the making; recorded_s: its length so far.
        control_number: of the newest state that the host has published, played or not.
        control: the state in force, lanes of automation included; None before the first start.
        automation_s: place in the lanes that are being played; None where none are.
        take: the take that is being heard instead of the music, or None; take_s: the place in it.
        output: the device that plays, "" for silence; outputs: all that the last scan found.
    """

    state: State = State.EMPTY
    seed: int = 0
    frame: int = 0
    heard_frame: int = 0
    realtime_factor: float = 0.0
    buffered_ms: float = 0.0
    underruns: int = 0
    heard: tuple[float, ...] = ()
    peak_dbfs: float = float("-inf")
    clipped: bool = False
    momentary_lufs: float = float("-inf")
    short_term_lufs: float = float("-inf")
    integrated_lufs: float = float("-inf")
    recording: bool = False
    recorded_s: float = 0.0
    output: str = ""
    outputs: tuple[str, ...] = ()
    control_number: int = 0
    held_dbfs: float = float("-inf")
    control: ControlState | None = None
    automation_s: float | None = None
    take: Path | None = None
    take_s: float = 0.0
