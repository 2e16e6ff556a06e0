"""Takes on disk, and an engine that says at once that it plays what it is asked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from engine.messages import Command, PlayTake, StopTake
from engine.status import Status
from engine.takes.pcm import Measurement
from engine.takes.score import Dropout, Origin, Score
from engine.takes.take import Take, save_take

RATE_HZ = 8000
ORIGIN = Origin("Segue", "toy", "0" * 64, "CC0-1.0", "", "", "cpu", "fp32", 1, RATE_HZ, 1, 4, 160)


def make_take(
    folder: Path, number: int, heard: Mapping[str, float] | None = None, lufs: float = -14.0, dropouts: int = 0
) -> Take:
    """``jam-N``, of N seconds."""
    samples = 0.4 * np.sin(np.arange(number * RATE_HZ) * 0.2)
    path = folder / f"jam-{number}.wav"
    soundfile.write(path, samples, RATE_HZ, subtype="PCM_24")
    gaps = tuple(Dropout(n, 10) for n in range(dropouts))
    score = Score(ORIGIN, {}, (), gaps, 0, 50 * number, 0, "0" * 64)
    measurement = Measurement(len(samples), -8.0, lufs, "0" * 64)
    take = Take(path, path.stem, f"2026-01-{number:02}T12:00:00", RATE_HZ, 1, measurement, heard or {}, score=score)
    save_take(take)
    return take


class ObedientEngine:
    """In an engine's place under a real bridge."""

    def __init__(self) -> None:
        self.status = Status()
        self.sent: list[Command] = []
        self.deaf = False

    def send(self, command: Command) -> None:
        self.sent.append(command)
        if isinstance(command, PlayTake) and not self.deaf:
            self.status = replace(self.status, take=command.path, take_s=command.start_s)
        elif isinstance(command, StopTake):
            self.status = replace(self.status, take=None, take_s=0.0)

    def play_on(self, seconds: float) -> None:
        """The take that is heard goes on."""
        self.status = replace(self.status, take_s=self.status.take_s + seconds)

    def end(self) -> None:
        """The take is over."""
        self.status = replace(self.status, take=None, take_s=0.0)

    def publish(self, _control: object) -> None: ...

    def events(self) -> list[object]:
        return []

    def close(self) -> None: ...
