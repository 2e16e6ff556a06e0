"""The drop zone: sound is taken with a stretch to choose, everything else is refused in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.background import Background
from gui.play.audio_prompt import AudioPromptZone

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def zone(qtbot: QtBot) -> Iterator[AudioPromptZone]:
    background = Background()
    zone = AudioPromptZone(background)
    qtbot.addWidget(zone)
    zone.resize(320, 80)
    zone.show()
    yield zone
    background.close()


@pytest.fixture
def song(tmp_path: Path) -> Path:
    samples = 0.5 * np.sin(np.arange(20 * 8000) * 0.1)
    soundfile.write(tmp_path / "song.wav", samples, 8000)
    return tmp_path / "song.wav"


def drop(zone: AudioPromptZone, url: QUrl) -> None:
    data = QMimeData()
    data.setUrls([url])
    event = QDropEvent(QPointF(50, 40), Qt.DropAction.CopyAction, data, LEFT, NONE)
    zone.dropEvent(event)  # Qt itself delivers drops only to where a drag has entered


def test_a_dropped_sound_is_taken_and_its_stretch_moves(qtbot: QtBot, zone: AudioPromptZone, song: Path) -> None:
    chosen: list[tuple[object, float, float]] = []
    zone.chosen.connect(lambda *values: chosen.append(values))
    drop(zone, QUrl.fromLocalFile(str(song)))
    qtbot.waitUntil(lambda: bool(chosen), timeout=30_000)
    assert chosen == [(song, 0.0, 5.0)]
    box = zone._wave_box()
    QTest.mouseClick(zone, LEFT, NONE, QPoint(int(box.left() + box.width() * 0.5), int(box.center().y())))
    path, start_s, seconds = chosen[-1]
    assert (path, start_s, seconds) == (song, pytest.approx(7.5, abs=0.2), 5.0)
    QTest.keyClick(zone, Qt.Key.Key_Right)
    assert chosen[-1][1] == pytest.approx(start_s + 0.5)
    QTest.keyClick(zone, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert chosen[-1][2] == pytest.approx(5.5)
    QTest.keyClick(zone, Qt.Key.Key_Delete)
    assert chosen[-1] == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("paper.pdf", b"%PDF-1.7 no sound in here", "paper.pdf is not a sound file"),
        ("cut.wav", b"RIFF\x24\x00\x00\x00WAVEfmt ", "cut.wav is not a sound file"),
        ("empty.flac", b"", "empty.flac is not a sound file"),
    ],
)
def test_what_is_not_sound_is_refused(
    qtbot: QtBot, zone: AudioPromptZone, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with qtbot.waitSignal(zone.refused, timeout=30_000) as refused:
        drop(zone, QUrl.fromLocalFile(str(tmp_path / name)))
    assert words in refused.args[0]
    assert zone.path is None


def test_of_a_file_of_two_hours_some_seconds_are_chosen(qtbot: QtBot, zone: AudioPromptZone, tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "set.wav", "w", 1000, 1, subtype="PCM_U8") as file:
        for _ in range(120):
            file.write(np.zeros(60_000))
    with qtbot.waitSignal(zone.chosen, timeout=30_000) as chosen:
        drop(zone, QUrl.fromLocalFile(str(tmp_path / "set.wav")))
    assert chosen.args == [tmp_path / "set.wav", 0.0, 5.0]
    QTest.keyClick(zone, Qt.Key.Key_Right)
    QTest.keyClick(zone, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert zone.stretch == (0.5, 5.5)


def test_folders_and_web_pages_are_refused(qtbot: QtBot, zone: AudioPromptZone, tmp_path: Path) -> None:
    for url, words in ((QUrl.fromLocalFile(str(tmp_path)), "is a folder"), (QUrl("https://a.b/c.wav"), "no file")):
        with qtbot.waitSignal(zone.refused, timeout=30_000) as refused:
            drop(zone, url)
        assert words in refused.args[0]


def test_the_newer_file_wins(qtbot: QtBot, zone: AudioPromptZone, song: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(song.read_bytes())
    zone.read(song)
    zone.read(other)
    qtbot.waitUntil(lambda: zone.path is not None, timeout=30_000)
    assert zone.path == other


@pytest.mark.parametrize("how", ["cleared", "overtaken"])
def test_a_drag_ends_when_its_sound_goes(
    qtbot: QtBot, zone: AudioPromptZone, song: Path, tmp_path: Path, how: str
) -> None:
    """The key may come, or another file arrive, while the button is held."""
    zone.read(song)
    qtbot.waitUntil(lambda: zone.path == song, timeout=30_000)
    inside = zone._stretch_box().center().toPoint()
    qtbot.mousePress(zone, Qt.MouseButton.LeftButton, pos=inside)
    if how == "cleared":
        qtbot.keyClick(zone, Qt.Key.Key_Delete)
        expected = None
    else:
        expected = tmp_path / "other.wav"
        expected.write_bytes(song.read_bytes())
        zone.read(expected)
        qtbot.waitUntil(lambda: zone.path == expected, timeout=30_000)
    stretch = zone.stretch
    qtbot.mouseMove(zone, inside + QPoint(30, 0))
    qtbot.mouseRelease(zone, Qt.MouseButton.LeftButton, pos=inside + QPoint(30, 0))
    assert (zone.path, zone.stretch) == (expected, stretch)
