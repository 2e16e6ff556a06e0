"""The takes panel: find, star, rename, note, reveal, throw away, and drag out as a file."""

from __future__ import annotations

import subprocess
import sys

from PySide6.QtCore import QFile, QModelIndex, QPersistentModelIndex, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QListView, QMenu, QPlainTextEdit, QSizePolicy

from engine.takes.library import Library
from engine.takes.take import Take
from gui.background import Background
from gui.buttons import IconButton
from gui.icons import Icon
from gui.panel import Panel, muted_label
from gui.takes.delegate import TakeDelegate
from gui.takes.list_model import TAKE_ROLE, TakeFilter, TakeListModel

NOTES_PAUSE_MS = 600
EMPTY = "No takes yet.\n\nR records what you play.\nK keeps the last minute,\neven if you did not record."


class TakesPanel(Panel):
    """A folder's takes. ``told`` reports what was done, ``failed`` what could not be."""

    told = Signal(str)
    failed = Signal(str)

    def __init__(self, library: Library, background: Background) -> None:
        super().__init__("Takes")
        self.model = TakeListModel(library, background)
        self._filter = TakeFilter(self.model)
        self._count = muted_label()
        reveal = IconButton(Icon.FOLDER, "Open the folder of takes", side=28)
        self.head.addWidget(self._count)
        self.head.addWidget(reveal)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find by name, notes, genre, or *")
        self.search.setAccessibleName("find takes")
        self.search.setClearButtonEnabled(True)
        self.body.addWidget(self.search)
        self.list = QListView()
        self.list.setModel(self._filter)
        self.list.setItemDelegate(TakeDelegate(self.list, self._toggle_star))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setMouseTracking(True)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked
        )
        self.list.setAccessibleName("takes")
        self._empty = QLabel(EMPTY)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._empty, 1)
        self.notes = QPlainTextEdit()
        self.notes.setPlaceholderText("Notes on this take")
        self.notes.setAccessibleName("notes")
        self.notes.setMaximumHeight(84)
        self.notes.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.notes.setTabChangesFocus(True)
        self.body.addWidget(self.notes)
        self._noted = QPersistentModelIndex()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(NOTES_PAUSE_MS)
        self._pause.timeout.connect(self.save_notes)
        self.notes.textChanged.connect(lambda: self._pause.start() if self.notes.hasFocus() else None)
        reveal.clicked.connect(lambda: self._open_folder())
        self.search.textChanged.connect(self._filter.search)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.selectionModel().currentChanged.connect(lambda current, _previous: self._on_current(current))
        self.model.failed.connect(self.failed)
        for signal in (self.model.modelReset, self.model.rowsInserted, self.model.rowsRemoved):
            signal.connect(self._on_rows)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self.throw_away(self.list.currentIndex()))
        self._on_rows()
        self.model.refresh()

    def add(self, take: Take) -> None:
        """A take has been finished: it is listed at once, and selected."""
        index = self._filter.mapFromSource(self.model.index(self.model.add(take)))
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _on_rows(self) -> None:
        count = self.model.rowCount()
        self._count.setText(str(count) if count else "")
        self._empty.setVisible(not count)
        for widget in (self.list, self.notes, self.search):
            widget.setVisible(bool(count))

    def _row(self, index: QModelIndex | QPersistentModelIndex) -> int:
        return self._filter.mapToSource(index).row()

    def _toggle_star(self, index: QModelIndex | QPersistentModelIndex) -> None:
        take: Take = index.data(TAKE_ROLE)
        self.model.set_star(self._row(index), not take.star)

    # Notes

    def _on_current(self, index: QModelIndex) -> None:
        self.save_notes()
        take: Take | None = index.data(TAKE_ROLE) if index.isValid() else None
        self._noted = QPersistentModelIndex(self._filter.mapToSource(index))
        self.notes.setPlainText("" if take is None else take.notes)
        self.notes.setEnabled(take is not None)

    def save_notes(self) -> None:
        """Write what has been typed, if it differs."""
        self._pause.stop()
        if self._noted.isValid():
            take: Take = self._noted.data(TAKE_ROLE)
            if take.notes != self.notes.toPlainText():
                self.model.set_notes(self._noted.row(), self.notes.toPlainText())

    # Files

    def _open_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if not index.isValid():
            return
        take: Take = index.data(TAKE_ROLE)
        menu = QMenu(self)
        menu.addAction("Rename\tF2", lambda: self.list.edit(index))
        menu.addAction("Take the star off" if take.star else "Star", lambda: self._toggle_star(index))
        menu.addAction("Show in folder", lambda: self.reveal(take))
        menu.addSeparator()
        menu.addAction("Move to the bin\tDel", lambda: self.throw_away(index))
        menu.exec(self.list.viewport().mapToGlobal(at))

    def reveal(self, take: Take) -> None:
        """Show the file where it lies."""
        try:
            if sys.platform == "win32":
                subprocess.Popen(["explorer", f"/select,{take.path}"])
            elif sys.platform == "darwin":
                subprocess.Popen(["open", "-R", str(take.path)])
            else:
                self._open_folder()
        except OSError as error:
            self.failed.emit(f"the folder cannot be shown ({error}): it is {take.path.parent}")

    def _open_folder(self) -> None:
        folder = self.model.library.folder
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.told.emit(f"takes go to {folder}")

    def throw_away(self, index: QModelIndex) -> None:
        """Move a take, sound and score, to the system's bin."""
        if not index.isValid():
            return
        take: Take = index.data(TAKE_ROLE)
        if not QFile.moveToTrash(str(take.path)):
            self.failed.emit(f"{take.path.name} cannot be moved to the bin: delete it in its folder")
            return
        QFile.moveToTrash(str(take.score_path))
        self._noted = QPersistentModelIndex()
        self.model.remove(self._row(index))
        self.told.emit(f"{take.path.stem} is in the bin")
