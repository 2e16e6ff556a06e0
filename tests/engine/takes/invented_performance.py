"""An invented performance: tokens and sound that any part of it can be checked against."""

from collections.abc import Iterator

import numpy as np

from engine.takes.passage import Passage
from engine.takes.score import AudioPrompt, Origin

RATE = 32000
HOP = 640
CODEBOOKS = 4


def make_origin(channels: int = 2) -> Origin:
    return Origin(
        software="Segue 0.1.0",
        model="pocket",
        model_sha256="a" * 64,
        model_licence="Apache-2.0",
        pack="pocket genres",
        pack_sha256="b" * 64,
        device="cpu",
        dtype="int8",
        seed=7,
        sample_rate_hz=RATE,
        channels=channels,
        codebooks=CODEBOOKS,
        hop_samples=HOP,
        audio_prompt=AudioPrompt("riff.wav", "c" * 64, 0.5, None),
    )


def make_state(jazz: float = 0.0, prompt: str = "") -> dict[str, object]:
    return {"number": int(jazz * 100), "blend": [["jazz", jazz]], "temperature": 1.0, "prompt": prompt}


class Tune:
    """Frame `f` has tokens and sound that depend on `f` alone, so parts of it can be made from anywhere."""

    def __init__(self, channels: int = 2) -> None:
        self.channels = channels

    def codes(self, start: int, stop: int) -> np.ndarray:
        frames = np.arange(start, stop)
        return (frames[None, :] * 31 + 7 * np.arange(CODEBOOKS)[:, None]) % 2048

    def samples(self, start: int, stop: int) -> np.ndarray:
        """Sound that 24 bits hold exactly."""
        return (self.pcm(start, stop) / 2**23).astype(np.float32)

    def passage(self, frame: int, frames: int = 1) -> Passage:
        start, stop = frame * HOP, (frame + frames) * HOP
        return Passage(frame, self.codes(frame, frame + frames), start, self.samples(start, stop))

    def passages(self, start: int, stop: int, frames: int = 1) -> Iterator[Passage]:
        for frame in range(start, stop, frames):
            yield self.passage(frame, min(frames, stop - frame))

    def pcm(self, start: int, stop: int) -> np.ndarray:
        index = np.arange(start, stop)[:, None] + 1000 * np.arange(self.channels)[None, :]
        return np.rint(2**23 * (0.4 * np.sin(index * 0.031) + 0.1 * np.sin(index * 1.7))).astype(np.int32)
