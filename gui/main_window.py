"""The main window: header, page, takes, readout; what the engine tells; settings; closing. Loads no torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QVBoxLayout, QWidget

from engine.messages import ModelLoaded, PackLoaded
from engine.model.checkpoint_files import POCKET
from engine.status import Status
from engine.takes.library import Library
from engine.takes.take import Take
from gui import theme
from gui.background import Background
from gui.bridge import EngineBridge
from gui.child import Child
from gui.choices import apply, configure, takes_folder
from gui.control_model import ControlModel
from gui.header import Header
from gui.menus import Menus
from gui.models.chooser import ModelChooser
from gui.models.speeds import Speeds
from gui.models.words import licence, title
from gui.notify import Kind, Notifier
from gui.pages import PLAY, Pages, read_ahead
from gui.play.meters import Readout
from gui.play.page import GAP_PX, PlayPage
from gui.play.performer import Performer
from gui.remote.remote import Remote
from gui.settings import MOST_FOLDERS, Settings
from gui.takes.panel import TakesPanel
from gui.toasts import Toasts
from gui.volume import gain_db
from gui.welcome import Welcome

TAKES_WIDTH_PX = 292
SMALLEST = QSize(1240, 700)  # where the screen has room for it: 1080p at 150 % has not
FRAME_PX = 32  # the title bar that the system draws
TOASTS_TOP_PX = 78
READ_AHEAD_MS = 3000  # after a model is there: the music comes first


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
        self.bridge, self.controls, self.notifier = bridge, controls, notifier
        self.settings, self._store = settings, store
        self.background = Background(self)
        self.performer = Performer(bridge, controls, settings.take_name)
        self.page = PlayPage(bridge, controls, self.performer, self.background)
        self.takes = TakesPanel(Library(takes_folder(settings)), self.background, bridge)
        self.speeds = Speeds(Path(store.fileName()).parent / "speeds.json", self.background)
        self.models = ModelChooser(self, self.background, self.speeds, settings.model_folders)
        self.pages = Pages(self)
        self.header = Header(self.performer, controls, self.pages.names, settings.retro_s, settings.volume_db)
        self.readout = Readout()
        #: what plays ("" for nothing yet), and what was asked for; not what is remembered while Pocket stands in for it
        self._model = self._requested_model = ""
        self._awaiting_model, self._standing_in = True, False
        self._requested_pack: Path | None = None
        self._frame_rate_hz = 50.0
        self.setWindowTitle("Segue")
        room = self.screen().availableSize() - QSize(0, FRAME_PX)
        self.setMinimumSize(SMALLEST.boundedTo(room))
        self.resize(1280, min(800, max(room.height(), self.minimumHeight())))
        self._lay_out()
        self._toasts = Toasts(self, TOASTS_TOP_PX)
        self.remote = Remote(self, Path(store.fileName()).parent)
        self.menus = Menus(self)
        self._connect()
        self.pages.open(PLAY)
        if settings.geometry:
            self.restoreGeometry(settings.geometry)
        if not settings.welcomed:
            Welcome(self).dismissed.connect(self._on_welcomed)
        bridge.prefer(settings.output, gain_db(self.header.volume.value()))
        configure(self)
        self.load(settings.model, Path(settings.pack) if settings.pack else None)

    def _lay_out(self) -> None:
        content = QHBoxLayout()
        content.setContentsMargins(14, 8, 14, 2)
        content.setSpacing(GAP_PX)
        content.addWidget(self.pages, 1)
        content.addWidget(self.takes)
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addLayout(content, 1)
        layout.addWidget(self.readout)
        self.setCentralWidget(centre)
        self._fit()

    def _connect(self) -> None:
        bridge, notifier, header = self.bridge, self.notifier, self.header
        bridge.status_changed.connect(self._on_status)
        bridge.model_loaded.connect(self._on_model)
        bridge.pack_loaded.connect(self._on_pack)
        bridge.take_finished.connect(self._on_take)
        bridge.noticed.connect(lambda text: notifier.tell(text))
        bridge.failed.connect(notifier.fail)
        bridge.load_failed.connect(self._on_load_failed)
        self.page.refused.connect(notifier.fail)
        self.page.told.connect(lambda text: notifier.tell(text, Kind.DONE))
        self.page.take_rendered.connect(self.takes.add)
        self.takes.moves_asked.connect(self.page.edit_take)
        self.takes.model.replaced.connect(self.page.moves.follow_take)
        self.takes.failed.connect(notifier.fail)
        self.takes.told.connect(lambda text: notifier.tell(text, Kind.DONE))
        notifier.told.connect(self._toasts.show_message)
        header.page_chosen.connect(self.pages.open)
        header.volume.moved.connect(bridge.set_volume)
        header.model.clicked.connect(self.models.open)
        self.models.chosen.connect(self.load)
        self.models.pack_chosen.connect(bridge.use_pack)
        self.models.work.downloaded.connect(lambda model: notifier.tell(f"{title(model)} is here now", Kind.DONE))
        self.models.work.child.failed.connect(notifier.fail)
        header.menu.clicked.connect(self.menus.open_main)
        self.pages.opened.connect(self._on_page)
        bridge.model_loaded.connect(lambda _loaded: QTimer.singleShot(READ_AHEAD_MS, self, self._read_ahead))

    # What the engine tells

    def _on_status(self, status: Status) -> None:
        self.header.transport.show_status(status, self._frame_rate_hz)
        self.readout.show_status(status, self._awaiting_model)
        self.speeds.follow(self._model, status)

    def _on_model(self, loaded: ModelLoaded) -> None:
        self._frame_rate_hz = loaded.sample_rate_hz / loaded.hop_samples
        # One that was asked for and cannot be read now is kept: perhaps its disk is back at the next start.
        pack = loaded.pack or self._requested_pack
        self._model, self._awaiting_model = self._requested_model, False
        self.header.show_model(title(loaded.name), f"{loaded.name}: {loaded.layers} layers, {licence(loaded.licence)}")
        if not self._standing_in:
            folders = _with(self._model, self.settings.model_folders)
            self.remember(model=self._model, pack="" if pack is None else str(pack), model_folders=folders)
        self.models.show_folders(self.settings.model_folders)
        self.models.show_use(self._model, "")
        self.models.show_pack(loaded, pack)

    def _on_pack(self, loaded: PackLoaded) -> None:
        if not self._standing_in:
            self.remember(pack="" if loaded.pack is None else str(loaded.pack))
        self.models.show_pack(loaded, loaded.pack)

    def _on_load_failed(self) -> None:
        failed, self._awaiting_model = self._requested_model, False
        if self.controls.instrument is None and failed != POCKET:
            self.notifier.tell(f"{title(POCKET)} plays in place of {title(failed)}; the next start tries that again")
            self.load(POCKET)
            self._standing_in = True
            return
        self._requested_model = self._model
        self.performer.give_up_waiting()
        self.models.show_use(self._model, "")
        if self.controls.instrument is None:
            self.header.show_model("Choose a model")

    def _on_take(self, take: Take) -> None:
        self.takes.add(take)
        self.notifier.tell(f"kept {take.path.stem}, {take.seconds:.1f} s", Kind.DONE)

    # What the player chooses

    def _on_page(self, name: str) -> None:
        self.header.show_page(name)
        self.takes.setVisible(name == PLAY)

    def _read_ahead(self) -> None:
        def fail(error: Exception) -> None:
            raise error  # for the log

        self.background.start(read_ahead, lambda _nothing: None, fail)
        if not self.settings.idle_card_told:
            self.background.start(_idle_card, self._on_idle_card, fail)

    def _on_idle_card(self, line: str | None) -> None:
        if line is not None:
            self.notifier.tell(f"{line.partition(':')[0]}: Models (Ctrl+M) says what to do")
            self.remember(idle_card_told=True)

    def load(self, model: str, pack: Path | None = None) -> None:
        """Load another model, with its own pack or another; until it is there the old one plays."""
        self._requested_model, self._requested_pack, self._awaiting_model = model, pack, True
        self._standing_in = False
        self.models.show_use(self._model, model)
        self.performer.load(model, pack)

    def choose(self, **choices: object) -> None:
        """Keep choices, and put them in force."""
        self.remember(**choices)
        apply(self, choices)

    def _on_welcomed(self) -> None:
        self.remember(welcomed=True)
        self.page.setFocus()  # and not whatever button comes next

    def remember(self, **choices: object) -> None:
        """Keep choices for the next start."""
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
        self.remember(volume_db=float(self.header.volume.value()), geometry=bytes(self.saveGeometry().data()))
        self.closing.emit()
        self.takes.notes.save()
        self.hide()  # children and engine may need a moment to end their files whole
        for child in self.findChildren(Child):  # all at once, then each is waited for
            child.stop()
        self.takes.end()
        self.notifier.told.disconnect(self._toasts.show_message)
        self.remote.close()
        self.pages.close_all()
        self.models.work.close()
        self.bridge.close()
        self.background.close()
        event.accept()


def _idle_card() -> str | None:
    from engine.model.cards import idle_card  # loads torch

    return idle_card()


def _with(model: str, folders: tuple[str, ...]) -> tuple[str, ...]:
    """Folders of models, the one just opened first."""
    if not Path(model).is_dir():
        return folders
    return (model, *(other for other in folders if other != model))[:MOST_FOLDERS]
