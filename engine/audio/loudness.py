"""Loudness of ITU-R BS.1770-4 and EBU R 128, in numpy alone: momentary, short-term, integrated, and true peak."""

import math
from collections import deque
from typing import NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from engine.audio.peaks import to_db

STEP_MS = 100
MOMENTARY_STEPS = 4
SHORT_TERM_STEPS = 30
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
#: the gates tell blocks apart by this much; all louder than the loudest are one
BIN_LU = 0.01
LOUDEST_LUFS = 20.0
OVERSAMPLING = 4


class Loudness(NamedTuple):
    """LUFS; −inf where nothing has been measured or nothing passes the gates."""

    momentary_lufs: float = -math.inf
    short_term_lufs: float = -math.inf
    integrated_lufs: float = -math.inf


class LoudnessMeter:
    """Streaming loudness of mono or stereo. One thread pushes; any thread may read `current` and `at`.

    Every 100 ms of K-weighted signal becomes one mean square; momentary is the mean of 4 of them, short-term of 30, and
    the integrated loudness gates the 400 ms blocks that overlap by 75 %, as the recommendation asks.
    """

    def __init__(self, rate_hz: int, channels: int) -> None:
        assert channels in (1, 2), channels
        self._step_samples = rate_hz * STEP_MS // 1000
        weighting = k_weighting(rate_hz)
        self._overlap = len(weighting) - 1
        self._fft_samples = 1 << (self._step_samples + self._overlap - 1).bit_length()
        self._response = np.fft.rfft(weighting, self._fft_samples)
        self._input = np.zeros((channels, self._overlap + self._step_samples))
        self._steps = np.zeros(SHORT_TERM_STEPS)
        self._blocks = _GatedBlocks()
        self._history: deque[tuple[int, Loudness]] = deque(maxlen=64)
        self.clear()

    def clear(self) -> None:
        """Forget everything; the next sample pushed is sample 0."""
        self._input[:] = 0.0
        self._filled = 0
        self._step_count = 0
        self._blocks.clear()
        self._history.clear()
        self.current = Loudness()

    def push(self, block: NDArray[np.float32]) -> None:
        """Append `block` (samples, channels)."""
        start = 0
        while start < len(block):
            stop = min(start + self._step_samples - self._filled, len(block))
            position = self._overlap + self._filled
            self._input[:, position : position + stop - start] = block[start:stop].T
            self._filled += stop - start
            if self._filled == self._step_samples:
                self._measure_step()
            start = stop

    def at(self, sample: int) -> Loudness:
        """The loudness as it stood when `sample` was the newest: what the ear has, not what is already in the ring."""
        return next((loudness for end, loudness in reversed(list(self._history)) if end <= sample), Loudness())

    def _measure_step(self) -> None:
        # Overlap-save: of a circular convolution the samples behind the first `overlap` are those of the linear one.
        spectrum = np.fft.rfft(self._input, self._fft_samples) * self._response
        weighted = np.fft.irfft(spectrum, self._fft_samples)[:, self._overlap : self._input.shape[1]]
        self._input[:, : self._overlap] = self._input[:, self._step_samples :].copy()
        self._filled = 0
        self._steps[self._step_count % SHORT_TERM_STEPS] = float(np.square(weighted).sum()) / self._step_samples
        self._step_count += 1
        momentary = self._mean_of_steps(MOMENTARY_STEPS)
        if momentary is not None:
            self._blocks.push(momentary)
        self.current = Loudness(
            _lufs(momentary or 0.0),
            _lufs(self._mean_of_steps(SHORT_TERM_STEPS) or 0.0),
            _lufs(self._blocks.mean()),
        )
        self._history.append((self._step_count * self._step_samples, self.current))

    def _mean_of_steps(self, count: int) -> float | None:
        if self._step_count < count:
            return None
        newest = np.arange(self._step_count - count, self._step_count) % SHORT_TERM_STEPS
        return float(self._steps[newest].mean())


def k_weighting(rate_hz: int) -> NDArray[np.float64]:
    """Impulse response of the K-weighting (BS.1770-4, Annex 1) at any rate, cut where it has died away.

    The recommendation gives coefficients at 48 kHz only; these are the analogue prototypes behind them (B. De Man,
    "Evaluation of implementations of the EBU R128 loudness measurement", AES 2018), warped to `rate_hz`.
    """
    shelf_k = math.tan(math.pi * 1681.9744509555319 / rate_hz)
    shelf_q = 0.7071752369554193
    high = 10.0 ** (3.99984385397 / 20.0)
    band = high**0.499666774155
    shelf_norm = 1.0 + shelf_k / shelf_q + shelf_k**2
    shelf = (
        (
            high + band * shelf_k / shelf_q + shelf_k**2,
            2.0 * (shelf_k**2 - high),
            high - band * shelf_k / shelf_q + shelf_k**2,
        ),
        (shelf_norm, 2.0 * (shelf_k**2 - 1.0), 1.0 - shelf_k / shelf_q + shelf_k**2),
    )
    pass_k = math.tan(math.pi * 38.13547087613982 / rate_hz)
    pass_q = 0.5003270373253953
    pass_norm = 1.0 + pass_k / pass_q + pass_k**2
    high_pass = (
        (pass_norm, -2.0 * pass_norm, pass_norm),  # gain as in the recommendation: b = 1, −2, 1 over a₀ = 1
        (pass_norm, 2.0 * (pass_k**2 - 1.0), 1.0 - pass_k / pass_q + pass_k**2),
    )
    # Evaluated on a circle of 1 s, where the response (time constant 4 ms) has long died away before it wraps.
    grid = 1 << (rate_hz - 1).bit_length()
    delay = np.exp(-2j * np.pi * np.arange(grid // 2 + 1) / grid)
    response = np.ones_like(delay)
    for numerator, denominator in (shelf, high_pass):
        response *= np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
    impulse = np.fft.irfft(response, grid)
    return np.asarray(impulse[: rate_hz // 8])


def integrated_lufs(samples: NDArray[np.float32], rate_hz: int) -> float:
    """Gated loudness of a whole recording `(samples, channels)`."""
    meter = LoudnessMeter(rate_hz, samples.shape[1])
    meter.push(samples)
    return meter.current.integrated_lufs


class TruePeakMeter:
    """The peak between the samples: four times oversampled (BS.1770-4, Annex 2), block by block."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        self._resampler = soxr.ResampleStream(rate_hz, OVERSAMPLING * rate_hz, channels, quality="VHQ")
        self._nothing = np.zeros((0, channels), np.float32)
        self._peak = 0.0

    def push(self, block: NDArray[np.float32]) -> None:
        """Append `block` (samples, channels)."""
        self._measure(block, self._resampler.resample_chunk(block))

    def finish(self) -> float:
        """The peak of all that was pushed, in dBTP; nothing may be pushed after it."""
        self._measure(self._resampler.resample_chunk(self._nothing, last=True))
        return to_db(self._peak)

    def _measure(self, *blocks: NDArray[np.float32]) -> None:
        for block in blocks:
            self._peak = max(self._peak, float(block.max(initial=0.0)), -float(block.min(initial=0.0)))


def true_peak_dbtp(samples: NDArray[np.float32], rate_hz: int) -> float:
    """True peak of a whole recording `(samples, channels)`."""
    meter = TruePeakMeter(rate_hz, samples.shape[1])
    meter.push(samples)
    return meter.finish()


def _lufs(mean_square: float) -> float:
    return -0.691 + 10.0 * math.log10(mean_square) if mean_square > 0.0 else -math.inf


class _GatedBlocks:
    """Mean squares of blocks, summed by loudness: an evening of music takes as long to gate as a minute of it."""

    def __init__(self) -> None:
        bins = round((LOUDEST_LUFS - ABSOLUTE_GATE_LUFS) / BIN_LU)
        self._counts = np.zeros(bins, np.int64)
        self._sums = np.zeros(bins)

    def clear(self) -> None:
        self._counts[:] = 0
        self._sums[:] = 0.0

    def push(self, mean_square: float) -> None:
        """One more block; those at −70 LUFS and below do not count."""
        lufs = _lufs(mean_square)
        if lufs > ABSOLUTE_GATE_LUFS:
            place = self._bin(lufs)
            self._counts[place] += 1
            self._sums[place] += mean_square

    def mean(self) -> float:
        """Mean of the blocks that are within 10 LU of the mean of all (BS.1770-4, equations 5 to 7); 0 for none."""
        count = int(self._counts.sum())
        if not count:
            return 0.0
        first = self._bin(_lufs(float(self._sums.sum()) / count) + RELATIVE_GATE_LU)
        return float(self._sums[first:].sum()) / int(self._counts[first:].sum())

    def _bin(self, lufs: float) -> int:
        return int(min(max((lufs - ABSOLUTE_GATE_LUFS) / BIN_LU, 0.0), len(self._counts) - 1.0))
