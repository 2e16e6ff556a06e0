"""Opens the window and runs until it is closed."""

from __future__ import annotations

import os
import signal

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from engine.engine import Engine
from engine.stopping import stop_signals
from gui import theme
from gui.bridge import EngineBridge
from gui.choices import takes_folder
from gui.control_model import ControlModel
from gui.instance import Instance, server_name
from gui.main_window import MainWindow
from gui.notify import Notifier
from gui.settings import Settings
from gui.sweeper import Sweeper


def run() -> int:
    """The window, from here to its closing. A second start brings the first one's window forward and returns."""
    # One readable file on every system; Qt's default would be the registry on Windows.
    store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "segue", "segue")
    settings = Settings.load(store)
    if settings.scale != 1.0:
        os.environ.setdefault("QT_SCALE_FACTOR", f"{settings.scale:g}")
    application = start_qt()
    instance = Instance(server_name())
    if not instance.is_first():
        return 0
    theme.apply(application, settings.theme)
    sweeper, notifier = Sweeper(), Notifier()
    notifier.install()
    window = open_window(settings, store, notifier)
    instance.knocked.connect(window.come_forward)
    # From then on a start opens a window of its own: this one will never show again.
    window.closing.connect(instance.close)
    window.closing.connect(application.exit)  # although a dialog may still be open
    # A Ctrl-C, a termination signal or the end of the terminal is a closing of the window. Python sees it at the bridge's
    # next tick, or in the middle of a painting: hence not at once.
    for number in (signal.SIGINT, *stop_signals()):
        signal.signal(number, lambda *_: QTimer.singleShot(0, window.close))
    window.show()
    try:
        return application.exec()
    finally:
        instance.close()
        notifier.uninstall()
        window.close()
        sweeper.close()


def start_qt() -> QApplication:
    """The one application object."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(["segue"])
    application.setApplicationName("Segue")
    application.setDesktopFileName("segue")
    return application


def open_window(settings: Settings, store: QSettings, notifier: Notifier) -> MainWindow:
    """A window with an engine of its own, which is already loading the model."""
    controls = ControlModel()
    engine = Engine(str(takes_folder(settings)), settings.buffer_ms, settings.retro_s)
    bridge = EngineBridge(engine, controls)
    window = MainWindow(bridge, controls, notifier, settings, store)
    controls.setParent(window)
    bridge.setParent(window)
    return window
