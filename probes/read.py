"""What the probes hear in a recording, second by second, and the knobs that would go there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from torch import Tensor

from engine.audio.clip import read_clip
from engine.errors import AudioFileError
from engine.instrument import Instrument
from engine.progress import Progress, silent
from engine.steering.pack import ProbePack
from probes.corpus.clip import SEGMENT_S, is_silent
from probes.moments import Doubles
from probes.record import PIECE_FRAMES
from probes.residuals import ResidualReader


@dataclass(frozen=True)
class Reading:
    """Shares of the pack's genres over time.

    Attributes:
        times_s: middle of each piece. shares: of each piece, ``(n, G)``, rows sum to 1.
        heard: mean of the shares, ``(G,)``.
    """

    times_s: list[float]
    shares: Doubles
    heard: Doubles

    def knobs(self, genres: Sequence[str]) -> tuple[tuple[str, float], ...]:
        """A knob for every genre that is heard above chance: 0 at an even share, 1 where nothing else is heard."""
        even = 1 / len(genres)
        raised = np.maximum(0, (self.heard - even) / (1 - even))
        return tuple((genre, round(float(knob), 3)) for genre, knob in zip(genres, raised, strict=True) if knob > 0.005)


def read_recording(path: Path, instrument: Instrument, pack: ProbePack, progress: Progress = silent) -> Reading:
    """Pass a recording of any length through the model, ten seconds at a time, and read the meter's layer.

    Raises:
        AudioFileError: it cannot be read, or is silent from beginning to end.
    """
    codec, reader = instrument.codec, ResidualReader(instrument.decoder, instrument.window_frames)
    readout, bias = pack.readout[pack.meter_layer], pack.readout_bias[pack.meter_layer]
    samples = read_clip(path, codec.sample_rate_hz, codec.channels, 0.0, SEGMENT_S)
    seconds = soundfile.info(path).duration
    heard = False
    times_s: list[float] = []
    logits: list[np.ndarray] = []
    with progress("listening", seconds) as advance:
        for start_s in np.arange(0.0, seconds, SEGMENT_S).tolist():
            if start_s:
                if (seconds - start_s) * instrument.frame_rate_hz < PIECE_FRAMES:
                    break  # a rest too short to tell
                samples = read_clip(path, codec.sample_rate_hz, codec.channels, start_s, SEGMENT_S)
            heard = heard or not is_silent(samples)
            codes = codec.encode(torch.from_numpy(samples))
            for begin in range(0, codes.shape[1], reader.max_frames):
                window = codes[None, :, begin : begin + reader.max_frames]
                for start, mean in _pieces(reader, window, pack.meter_layer):
                    middle = begin + start + min(PIECE_FRAMES, window.shape[2]) / 2
                    times_s.append(start_s + middle / instrument.frame_rate_hz)
                    logits.append(readout @ mean + bias)
            advance(min(SEGMENT_S, seconds - start_s))
    if not heard:
        raise AudioFileError(f"{path} is silent: there is nothing to hear in it")
    scores = np.array(logits, np.float64)
    shares = np.exp(scores - scores.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    return Reading(times_s, shares, shares.mean(0))


def _pieces(reader: ResidualReader, window: Tensor, layer: int) -> list[tuple[int, np.ndarray]]:
    """(first frame, mean residual) of the whole pieces of a window; of all of it where it is shorter than one."""
    kept: list[Tensor] = []
    reader.read(window, lambda index, _, hidden: kept.append(hidden[0].float().cpu()) if index == layer else None)
    tokens = torch.cat(kept)
    piece = min(PIECE_FRAMES, len(tokens))
    return [
        (start, tokens[start : start + piece].mean(0).numpy()) for start in range(0, len(tokens) - piece + 1, piece)
    ]
