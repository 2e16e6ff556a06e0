"""What is drawn while it plays is of the frame that is heard, not of the one being made."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.audio.peaks import Waveform
from engine.audio.spectrogram import Spectrogram
from engine.status import State, Status
from gui.play.heard import HeardHistory
from gui.play.meters import LevelMeter, Readout
from gui.play.views import CAPACITY_FRAMES, LiveView

RATE_HZ, HOP = 24_000, 480


@pytest.fixture
def live(qtbot: QtBot) -> LiveView:
    history = HeardHistory()
    live = LiveView(history)
    qtbot.addWidget(live)
    live.resize(700, 240)
    live.set_instrument(("jazz", "rock"), RATE_HZ, HOP)
    return live


def wave(frames: int) -> Waveform:
    """Frame n has the level (n mod 50) / 50."""
    waveform = Waveform(RATE_HZ)
    levels = np.repeat(np.arange(frames) % 50 / 50, HOP).astype(np.float32)
    levels[::2] *= -1
    waveform.push(levels[:, None])
    return waveform


def test_the_right_edge_is_the_frame_heard(live: LiveView) -> None:
    for frame in range(0, 120, 10):
        live._history.note(frame, (frame / 100, 0.0), (0.25, 0.75))
    waveform = wave(120)
    for heard in (3, 40, 71):
        live.follow(heard, waveform)
    np.testing.assert_allclose(live._columns.outline[-71:, 1], np.arange(71) % 50 / 50, atol=1e-6)
    np.testing.assert_allclose(live._columns.asked[-71:, 0], np.arange(71) // 10 / 10, atol=1e-6)
    assert not live._columns.outline[:-71].any()
    assert not live.grab().isNull()


def test_a_long_gap_shows_the_newest_span(live: LiveView) -> None:
    waveform = wave(2 * CAPACITY_FRAMES)
    live.follow(10, waveform)
    live.follow(2 * CAPACITY_FRAMES - 5, waveform)
    frames = np.arange(CAPACITY_FRAMES - 5, 2 * CAPACITY_FRAMES - 5)
    np.testing.assert_allclose(live._columns.outline[:, 1], frames % 50 / 50, atol=1e-6)


def test_a_restart_clears(live: LiveView) -> None:
    live.follow(100, wave(120))
    live.follow(0, wave(0))
    assert not live._columns.outline.any()
    live.follow(20, None)
    assert live._end == 0


def test_the_meter_tells_levels_and_clears_its_light(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.resize(116, 200)
    meter.show_status(Status(state=State.PLAYING, peak_dbfs=-3.04, clipped=True, integrated_lufs=-14.2))
    assert meter.accessibleDescription() == "peak −3.0 dBFS, clipped, integrated −14.2 LUFS"
    assert not meter.grab().isNull()
    with qtbot.waitSignal(meter.clip_cleared, timeout=500):
        QTest.mouseClick(meter, Qt.MouseButton.LeftButton)
    QTest.mouseClick(meter, Qt.MouseButton.RightButton)
    with qtbot.assertNotEmitted(meter.clip_cleared, wait=20):
        QTest.mouseClick(meter, Qt.MouseButton.RightButton)
    meter.show_status(Status())
    assert meter.accessibleDescription() == "peak – dBFS, integrated – LUFS"


def test_the_hold_is_the_engines_and_goes_out_with_it(qtbot: QtBot) -> None:
    meter = LevelMeter()
    qtbot.addWidget(meter)
    meter.show_status(Status(state=State.PLAYING, peak_dbfs=-9.0, held_dbfs=-3.0))
    assert meter._held == -3.0
    meter.show_status(Status(state=State.IDLE, held_dbfs=-3.0))
    assert meter._held == -3.0, "as long as the engine holds it"
    meter.show_status(Status(state=State.IDLE))
    assert meter._held == -float("inf")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status(), "No model"),
        (Status(state=State.IDLE), "playing in silence"),
        (Status(state=State.PLAYING, output="USB", realtime_factor=2.04, buffered_ms=119.6, underruns=3), "USB"),
        (Status(state=State.PLAYING, realtime_factor=2.04, buffered_ms=119.6, underruns=3), "Buffer 120 ms"),
        (Status(state=State.PLAYING, realtime_factor=1.04), "Speed 1.0 × real time – sound may break up"),
        (Status(state=State.PLAYING, realtime_factor=0.7), "Speed 0.7 × real time – too slow to play live"),
        (Status(state=State.PLAYING, realtime_factor=2.0, underruns=3), "Dropouts 3"),
    ],
)
def test_the_readout_says_how_it_goes(qtbot: QtBot, status: Status, words: str) -> None:
    readout = Readout()
    qtbot.addWidget(readout)
    readout.show_status(status, awaiting_model=False)
    assert words in " ".join(label.text() for label in readout.findChildren(type(readout._state)))


def test_the_readout_knows_that_it_is_loading_before_the_engine_does(qtbot: QtBot) -> None:
    readout = Readout()
    qtbot.addWidget(readout)
    readout.show_status(Status(), awaiting_model=True)
    assert readout._state.text() == "Loading the model …"


def test_the_spectrum_is_that_of_the_frames_heard(live: LiveView) -> None:
    """Half a second of a low tone, then a high one: the picture shows them where they were, low ones below."""
    spectrogram, waveform = Spectrogram(RATE_HZ, HOP), Waveform(RATE_HZ)
    for hz in (200.0, 5000.0):
        tone = 0.5 * np.sin(2 * np.pi * hz * np.arange(30 * HOP) / RATE_HZ).astype(np.float32)[:, None]
        waveform.push(tone)
        spectrogram.push(tone)
    live.follow(20, waveform, spectrogram)
    live.follow(50, waveform, spectrogram)
    loudest = live._columns.spectrum[-50:].argmax(1)
    assert (loudest[2:26] < 12).all()
    assert (loudest[34:] > 40).all()
    live.grab()
    picture = live._strip.picture.toImage()
    frame_px, wave, spectrum = live._frame_px(), int(live._strip._wave_px), int(live._strip._spectrum_px)

    def brightest(frame: int) -> int:
        x = picture.width() - (50 - frame) * frame_px
        column = [picture.pixelColor(x, wave + y).alpha() for y in range(spectrum - 4)]
        return int(np.argmax(column))

    assert brightest(15) > brightest(45)


def test_what_has_scrolled_looks_like_what_is_drawn_anew(live: LiveView) -> None:
    for frame in range(0, 300, 20):
        live._history.note(frame, (frame / 150 - 1, 0.5), (frame / 300, 1 - frame / 300))
    waveform, spectrogram = wave(300), Spectrogram(RATE_HZ, HOP)
    live.show()
    live.follow(100, waveform, spectrogram)
    live.grab()
    for heard in range(103, 300, 3):
        live.follow(heard, waveform, spectrogram)
    scrolled = live._strip.picture.toImage()
    live._draw_strip()
    anew = live._strip.picture.toImage()
    assert any(anew.pixelColor(x, y).alpha() for x in range(0, anew.width(), 7) for y in range(0, anew.height(), 7))
    assert scrolled == anew


def test_a_low_view_leaves_the_spectrum_out(live: LiveView) -> None:
    live.resize(700, 130)
    live.set_instrument(("classical", "electronic", "jazz", "rock"), RATE_HZ, HOP)
    live.follow(20, wave(50), Spectrogram(RATE_HZ, HOP))
    assert not live.grab().isNull()
    assert live._strip._spectrum_px == 0
