"""A line keeps exact count of the music's samples through its resampler."""

import numpy as np
import pytest

from engine.audio.devices import Render
from engine.audio.line import Line

RATE = 32000
BLOCK = 640


class Pulled:
    """A device that plays only when the test pulls."""

    active = True

    def __init__(self, render: Render, channels: int) -> None:
        self._render, self._channels = render, channels

    def pull(self, samples: int) -> np.ndarray:
        out = np.empty((samples, self._channels), np.float32)
        self._render(out)
        return out

    def close(self) -> None: ...


def open_line(device_rate_hz: int, buffer_ms: float = 200.0) -> tuple[Line, Pulled]:
    line = Line(
        name="test",
        rate_hz=RATE,
        channels=2,
        device_rate_hz=device_rate_hz,
        device_channels=2,
        gain=1.0,
        buffer_ms=buffer_ms,
        start_stream=lambda render: Pulled(render, 2),
    )
    assert isinstance(line.stream, Pulled)
    return line, line.stream


def fill(line: Line, value: float) -> int:
    written = 0
    while line.room_samples:
        assert line.write(np.full((BLOCK, 2), value, np.float32))
        written += BLOCK
    return written


@pytest.mark.parametrize("device_rate_hz", [32000, 44100, 48000, 96000])
def test_buffered_and_played_include_what_the_resampler_holds(device_rate_hz: int) -> None:
    line, stream = open_line(device_rate_hz)
    written = fill(line, 0.5)
    assert line.buffered_samples == written, "nothing has been heard"
    assert 0.2 * RATE <= written < 0.2 * RATE + BLOCK
    line.player.fade_in(1.0)
    pulled = 0
    for _ in range(40):
        stream.pull(device_rate_hz // 100)
        pulled += RATE // 100
        written += fill(line, 0.5)
        assert line.buffered_samples == pytest.approx(written - pulled, abs=2)
        assert line.played_samples == pytest.approx(pulled, abs=2)
    assert line.underruns == 0


@pytest.mark.parametrize("device_rate_hz", [32000, 44100, 48000])
def test_flush_leaves_nothing_of_the_old_sound(device_rate_hz: int) -> None:
    line, stream = open_line(device_rate_hz)
    line.player.fade_in(1.0)
    fill(line, 0.5)
    stream.pull(device_rate_hz // 50)
    line.flush()
    assert line.buffered_samples == 0
    stream.pull(device_rate_hz // 50)
    for _ in range(3):
        fill(line, 0.0)
        assert np.abs(stream.pull(device_rate_hz // 50)).max() < 1e-4


@pytest.mark.parametrize("device_rate_hz", [32000, 44100, 48000])
@pytest.mark.parametrize("device_block_ms", [5, 40, 150])
def test_the_shortest_buffer_starts_and_feeds_any_device(device_rate_hz: int, device_block_ms: int) -> None:
    line, stream = open_line(device_rate_hz, buffer_ms=80.0)
    line.player.fade_in(1.0)
    for _ in range(4000 // device_block_ms):
        stream.pull(device_rate_hz * device_block_ms // 1000)
        fill(line, 0.5)
    assert line.underruns == 0
    assert line.played_samples > 3.5 * RATE


def test_base_continues_the_count_of_the_line_before() -> None:
    line, _ = open_line(48000)
    line.base_samples = 123456
    fill(line, 0.1)
    assert line.played_samples == 123456
