"""Pictures of every page, after the real engine has really played: the README's, and a look at what we ship."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch

from PySide6.QtCore import QEvent, QEventLoop, QSettings, QSize, QTimer
from PySide6.QtGui import QImage

from engine.breakpoints import Lane
from engine.errors import SegueError
from engine.status import State
from gui import theme
from gui.app import open_window, start_qt
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.pages import PLAY
from gui.settings import Settings
from gui.toasts import Toast

SIZES = (QSize(1280, 800), QSize(2560, 1440))
LOADING_TIMEOUT_S = 120.0
OPENING_S = 2.0


class Move(NamedTuple):
    """Knobs that are asked for after a pause; ``keep``: the last minute is kept as a take first."""

    pause_s: float
    knobs: dict[str, float]
    keep: bool = False


MOVES = (
    Move(1.0, {"electronic": 0.55}),
    Move(2.5, {"electronic": 0.95, "classical": -0.35}),
    Move(2.0, {"jazz": 0.4, "electronic": 0.6}, keep=True),
    Move(2.0, {"jazz": 0.75, "electronic": 0.3, "rock": 0.15}),
    Move(3.5, {}),
)
LANES: dict[str, Lane] = {
    "jazz": ((0.0, 0.0), (2.5, 0.2), (5.0, 0.9), (8.0, 0.0)),
    "electronic": ((0.0, 0.8), (3.0, 0.8), (5.0, 0.1), (8.0, 0.8)),
}
LANES_S = 8.0
PROMPT = "late night trio, brushed drums"
READING_S = 30.0  # until all that has been told is gone
SETTLING_S, SETTLED_SHARE = 10.0, 0.8  # of the buffer, before a picture
SHOWN_S = 8.0  # of music, so that the live view is full


class Pictures(NamedTuple):
    """The files, and how many dropouts were counted while they were taken."""

    paths: list[Path]
    dropouts: int


def take(folder: Path, model: str) -> Pictures:
    """Play, and save each page at each size and in both themes.

    Raises:
        SegueError: the model cannot be loaded.
    """
    folder.mkdir(parents=True, exist_ok=True)
    application = start_qt()
    theme.apply(application, "dark")
    with TemporaryDirectory() as scratch, _own_folders(Path(scratch)):
        store = QSettings(str(Path(scratch) / "settings.ini"), QSettings.Format.IniFormat)
        settings = Settings(model=model, takes_folder=str(Path(scratch) / "takes"), take_name="night", welcomed=True)
        window = open_window(settings, store, Notifier())
        try:
            window.resize(SIZES[0])
            window.show()
            _play(window)
            _begin_anew(window)
            paths = _save_all(window, folder)
            return Pictures(paths, window.bridge.status.underruns)
        finally:
            window.close()
            application.processEvents()


def _play(window: MainWindow) -> None:
    bridge, controls, performer = window.bridge, window.controls, window.performer
    failures: list[str] = []
    bridge.failed.connect(failures.append)
    _wait(lambda: bridge.status.state is State.IDLE or bool(failures), LOADING_TIMEOUT_S)
    if bridge.status.state is not State.IDLE:
        raise SegueError(failures[0] if failures else "the model took too long to load: choose a smaller one")
    controls.edit("prompt", prompt=PROMPT)
    performer.seed.choose(1984)
    performer.toggle_play()
    _wait(lambda: bridge.status.heard_frame > 0, 20.0)
    performer.toggle_record()
    for move in MOVES:
        if move.keep:
            performer.keep_last()
        _rest(move.pause_s)
        known = {genre: alpha for genre, alpha in move.knobs.items() if genre in controls.genres}
        controls.turn_knobs("shown", known)
    performer.toggle_record()
    _rest(1.0)
    performer.toggle_record()
    _rest(1.5)


@contextmanager
def _own_folders(scratch: Path) -> Iterator[None]:
    """No picture shows, and nothing changes, the user's own presets, packs and studies."""
    with (
        patch("gui.play.preset_store.default_folder", lambda: scratch / "presets"),
        patch("gui.lab.packs.default_folder", lambda: scratch / "presets"),
        patch("gui.study.start_view.default_shelf", lambda: scratch / "studies"),
    ):
        yield


def _begin_anew(window: MainWindow) -> None:
    """Open every page once, which takes the longest the first time; then play anew, as on a machine at rest."""
    for page in window.pages.names:
        window.pages.open(page)
        _rest(OPENING_S)
    window.pages.open(PLAY)
    _wait(lambda: not window.findChildren(Toast), READING_S)
    window.performer.toggle_play()
    _wait(lambda: window.bridge.status.state is State.IDLE, SETTLING_S)
    window.performer.toggle_play()
    _wait(lambda: window.bridge.status.state is State.PLAYING, SETTLING_S)
    _rest(SHOWN_S)


def _settle(window: MainWindow) -> None:
    """Let the music catch up with a heavy repaint."""
    full_ms = SETTLED_SHARE * window.settings.buffer_ms
    _wait(lambda: window.bridge.status.buffered_ms >= full_ms, SETTLING_S)


def _save_all(window: MainWindow, folder: Path) -> list[Path]:
    application = start_qt()
    scenes: dict[str, Callable[[], object]] = {page: partial(window.pages.open, page) for page in window.pages.names}
    saved = []
    for page, show in (scenes | {"Automation": lambda: _play_lanes(window)}).items():
        show()
        for name in theme.PALETTES:
            for size in SIZES:
                window.resize(size)
                theme.apply(application, name, theme.zoom_for(size.width(), size.height()))
                _rest(0.6)
                _settle(window)
                application.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
                image = QImage(size, QImage.Format.Format_RGB32)
                window.render(image)
                path = folder / f"{page.lower()}-{name}-{size.width()}x{size.height()}.png"
                if not image.save(str(path)):
                    raise SegueError(f"{path} cannot be written: choose another folder")
                saved.append(path)
    return saved


def _play_lanes(window: MainWindow) -> None:
    window.pages.open(PLAY)
    panel, genres = window.page.automation, window.controls.genres
    window.controls.edit("prompt", prompt="")  # nothing but the lanes shall say what is played
    panel.lanes.take_up({genre: lane for genre, lane in LANES.items() if genre in genres}, LANES_S)
    panel.desk.choose(next(iter(LANES)))
    window.page.toggle_automation()
    panel.play.click()
    _rest(LANES_S)  # what is heard by now is theirs


def _wait(condition: Callable[[], bool], timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        _rest(0.03)


def _rest(seconds: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
