"""The main window: header with transport, the page, the takes, the readout; keys, menu, closing. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QColor, QFont, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.messages import ModelLoaded
from engine.status import Status
from engine.takes.library import Library
from engine.takes.naming import default_folder
from engine.takes.take import Take
from gui import theme
from gui.background import Background
from gui.bridge import EngineBridge
from gui.buttons import IconButton
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.notify import Kind, Notifier
from gui.play.meters import Readout
from gui.play.page import GAP_PX, PlayPage
from gui.play.performer import Performer
from gui.play.transport import Transport
from gui.settings import Settings
from gui.takes.panel import TakesPanel
from gui.toasts import Toasts
from gui.volume import VolumeFader, gain_db
from gui.welcome import Welcome

TAKES_WIDTH_PX = 292
SMALLEST = QSize(1120, 700)
TOASTS_TOP_PX = 78


class MainWindow(QMainWindow):
    """Composes the window. It owns neither engine nor settings store; closing it ends takes whole.

    Args:
        bridge, controls: the engine and what is asked of it.
        notifier: whose messages are shown.
        settings, store: the user's choices, and where they are kept.
    """

    closing = Signal()

    def __init__(
        self, bridge: EngineBridge, controls: ControlModel, notifier: Notifier, settings: Settings, store: QSettings
    ) -> None:
        super().__init__()
        self._bridge, self._controls, self._notifier = bridge, controls, notifier
        self.settings, self._store = settings, store
        self.background = Background(self)
        self.performer = Performer(bridge, controls, settings.take_name)
        folder = Path(settings.takes_folder) if settings.takes_folder else default_folder()
        self.page = PlayPage(bridge, controls, self.performer, self.background)
        self.takes = TakesPanel(Library(folder), self.background)
        self.transport = Transport(self.performer, settings.retro_s)
        self.readout = Readout()
        self.volume = VolumeFader(settings.volume_db)
        self._requested_model = settings.model
        self._awaiting_model = True
        self._frame_rate_hz = 50.0
        self._model = QPushButton("Loading …")
        self._undo = IconButton(Icon.UNDO, "Undo", "Ctrl+Z", side=32)
        self._redo = IconButton(Icon.REDO, "Redo", "Ctrl+Shift+Z", side=32)
        self._menu = IconButton(Icon.MENU, "Menu", "F10", side=36)
        self.setWindowTitle("Segue")
        self.setMinimumSize(SMALLEST)
        self.resize(1280, 800)
        self._lay_out()
        self._toasts = Toasts(self, TOASTS_TOP_PX)
        self._connect()
        self._make_actions()
        if settings.geometry:
            self.restoreGeometry(settings.geometry)
        if not settings.welcomed:
            Welcome(self).dismissed.connect(self._on_welcomed)
        bridge.prefer(settings.output, gain_db(self.volume.value()))
        bridge.load(settings.model)

    def _lay_out(self) -> None:
        header = QWidget()
        line = QHBoxLayout(header)
        line.setContentsMargins(20, 10, 14, 4)
        line.setSpacing(10)
        line.addWidget(Wordmark())
        line.addSpacing(18)
        line.addWidget(self.transport)
        line.addStretch(1)
        line.addWidget(self.volume)
        line.addSpacing(8)
        for widget in (self._undo, self._redo):
            line.addWidget(widget)
        line.addSpacing(8)
        line.addWidget(self._model)
        line.addWidget(self._menu)
        content = QHBoxLayout()
        content.setContentsMargins(14, 8, 14, 2)
        content.setSpacing(GAP_PX)
        content.addWidget(self.page, 1)
        content.addWidget(self.takes)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(header)
        layout.addLayout(content, 1)
        layout.addWidget(self.readout)
        centre.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # so that no button has the focus to begin with
        self.setCentralWidget(centre)
        centre.setFocus()
        self._fit()

    def _connect(self) -> None:
        bridge, notifier = self._bridge, self._notifier
        bridge.status_changed.connect(self._on_status)
        bridge.model_loaded.connect(self._on_model)
        bridge.take_finished.connect(self._on_take)
        bridge.noticed.connect(lambda text: notifier.tell(text))
        bridge.failed.connect(self._on_failure)
        self.page.refused.connect(notifier.fail)
        self.takes.failed.connect(notifier.fail)
        self.takes.told.connect(lambda text: notifier.tell(text, Kind.DONE))
        notifier.told.connect(self._toasts.show_message)
        self.performer.waiting_changed.connect(self.transport.clock.show_waiting)
        self._controls.history_changed.connect(self._on_history)
        self._undo.clicked.connect(self._controls.undo)
        self._redo.clicked.connect(self._controls.redo)
        self._model.clicked.connect(self._open_model_menu)
        self._menu.clicked.connect(self._open_menu)
        self.volume.moved.connect(bridge.set_volume)
        self._on_history()

    def _make_actions(self) -> None:
        performer = self.performer
        for keys, act in (
            ("Space", performer.toggle_play),
            ("R", performer.toggle_record),
            ("K", performer.keep_last),
            ("S", performer.restart_same),
            ("N", performer.restart_new),
            ("P", performer.panic),
            ("Ctrl+Z", self._controls.undo),
            ("Ctrl+Shift+Z", self._controls.redo),
            ("Ctrl+Y", self._controls.redo),
            ("F10", self._open_menu),
            ("Ctrl+Q", self.close),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setAutoRepeat(keys.startswith("Ctrl+"))
            action.triggered.connect(partial(_ignore_checked, act))
            self.addAction(action)

    # What the engine tells

    def _on_status(self, status: Status) -> None:
        self.transport.show_status(status, self._frame_rate_hz)
        self.readout.show_status(status, self._awaiting_model)

    def _on_model(self, loaded: ModelLoaded) -> None:
        self._frame_rate_hz = loaded.sample_rate_hz / loaded.hop_samples
        self._awaiting_model = False
        name = "Pocket" if loaded.name == "pocket" else loaded.name
        self._model.setText(f"{name}  ▾")
        self._model.setToolTip(f"{loaded.name}: {loaded.layers} layers, licence {loaded.licence}")
        self._remember(model=self._requested_model)

    def _on_failure(self, text: str) -> None:
        self._notifier.fail(text)
        if self._awaiting_model:
            self._awaiting_model = False
            self._model.setText("Choose a model  ▾")

    def _on_take(self, take: Take) -> None:
        self.takes.add(take)
        self._notifier.tell(f"kept {take.path.stem}, {take.seconds:.1f} s", Kind.DONE)

    def _on_history(self) -> None:
        self._undo.setEnabled(self._controls.can_undo)
        self._redo.setEnabled(self._controls.can_redo)

    # Menus

    def _open_model_menu(self) -> None:
        menu = QMenu(self)
        instrument = self._controls.instrument
        if instrument is not None:
            menu.addAction(f"{instrument.name}: licence {instrument.licence}").setEnabled(False)
            menu.addSeparator()
        menu.addAction("Pocket (built in, free for any use)", lambda: self._load("pocket"))
        menu.addAction("Open a model's folder …", self._browse_model)
        menu.exec(self._model.mapToGlobal(self._model.rect().bottomLeft()))

    def _browse_model(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A MusicGen in Hugging Face's layout")
        if folder:
            self._load(folder)

    def _load(self, model: str) -> None:
        self._requested_model = model
        self.performer.load(model)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        outputs = menu.addMenu("Output")
        for name in ("", *self._bridge.status.outputs):
            action = outputs.addAction(name or "The system's default", partial(self._choose_output, name))
            action.setCheckable(True)
            action.setChecked(name == self.settings.output)
        themes = menu.addMenu("Theme")
        for name in theme.PALETTES:
            action = themes.addAction(name.capitalize(), partial(self._choose_theme, name))
            action.setCheckable(True)
            action.setChecked(name == self.settings.theme)
        menu.addAction("Folder for takes …", self._browse_takes)
        menu.addSeparator()
        menu.addAction("Keys", self._show_keys)
        menu.addAction("About Segue", self._show_about)
        menu.addSeparator()
        menu.addAction("Quit\tCtrl+Q", self.close)
        menu.exec(self._menu.mapToGlobal(self._menu.rect().bottomLeft()))

    def _choose_output(self, name: str) -> None:
        self._bridge.select_output(name)
        self._remember(output=name)

    def _choose_theme(self, name: str) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        theme.apply(application, name, theme.zoom_for(self.width(), self.height()))
        self._remember(theme=name)

    def _browse_takes(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for takes", str(self.takes.model.library.folder))
        if folder:
            self._remember(takes_folder=folder)
            self._notifier.tell(f"from the next start on, takes go to {folder}", Kind.DONE)

    def _show_keys(self) -> None:
        QMessageBox.information(
            self,
            "Keys",
            "Space\tplay or stop\nR\trecord\nK\tkeep what was just played\nS, N\trestart with the same or a new seed\n"
            "P\tpanic: silence, knobs to zero\nCtrl+Z, Ctrl+Shift+Z\tundo, redo\n\n"
            "On a knob: drag, wheel, arrows (Shift: fine), Enter types a value, double-click resets.\n"
            "Enter presses the button that has the focus.",
        )

    def _show_about(self) -> None:
        instrument = self._controls.instrument
        model = f"\n\nModel: {instrument.name}, licence {instrument.licence}" if instrument is not None else ""
        QMessageBox.about(
            self,
            "Segue",
            "Segue bends a MusicGen towards genres while it plays.\n\nLicence: Apache 2.0. Qt by the LGPL, the typeface "
            f"Inter by the SIL Open Font License.{model}",
        )

    def _on_welcomed(self) -> None:
        self._remember(welcomed=True)

    def _remember(self, **choices: object) -> None:
        self.settings = replace(self.settings, **choices)  # type: ignore[arg-type]
        self.settings.save(self._store)

    # Size

    def _fit(self) -> None:
        """Everything grows with the window, in steps."""
        application = QApplication.instance()
        zoom = theme.zoom_for(self.width(), self.height())
        if isinstance(application, QApplication) and zoom != theme.px(1.0):
            theme.apply(application, theme.current().name, zoom)
        self.takes.setFixedWidth(round(theme.px(TAKES_WIDTH_PX)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # Coming and going

    def come_forward(self) -> None:
        """Show this window above all others."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.takes.save_notes()
        self._remember(volume_db=float(self.volume.value()), geometry=bytes(self.saveGeometry().data()))
        self.closing.emit()
        self.hide()  # the engine may need a moment to end a take whole
        self._notifier.told.disconnect(self._toasts.show_message)
        self._bridge.close()
        self.background.close()
        event.accept()


def _ignore_checked(act: Callable[[], object], _checked: bool = False) -> None:
    act()


class Wordmark(QWidget):
    """The name, with the four colours that it moves between."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Segue")

    def sizeHint(self) -> QSize:
        return QSize(round(theme.px(104)), round(theme.px(44)))

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for n, colour in enumerate(palette.genres.values()):
            height = theme.px((14, 24, 18, 10)[n])
            painter.setBrush(QColor(colour))
            bar = QRectF(theme.px(n * 6), (self.height() - height) / 2, theme.px(4), height)
            painter.drawRoundedRect(bar, theme.px(2), theme.px(2))
        painter.setFont(theme.font(20, QFont.Weight.Bold))
        painter.setPen(QColor(palette.text))
        painter.drawText(QRectF(theme.px(32), 0, theme.px(80), self.height()), Qt.AlignmentFlag.AlignVCenter, "segue")
