"""The takes panel: find, hear, compare, star, rename, note, export, play again, reveal, throw away, and drag out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QMenu

from engine.takes.library import Library
from engine.takes.take import Heading
from gui.background import Background
from gui.bridge import EngineBridge
from gui.buttons import IconButton
from gui.icons import Icon
from gui.panel import Panel, muted_label
from gui.takes.audition import SIDES, Audition
from gui.takes.delegate import TakeDelegate
from gui.takes.files import open_folder, reveal
from gui.takes.jobs import TakeJobs
from gui.takes.list_model import TAKE_ROLE, TakeFilter, TakeListModel
from gui.takes.notes import NotesField
from gui.takes.pair_bar import PairBar
from gui.takes.take_list import TakeList
from gui.takes.words import length_text

EMPTY = "No takes yet.\n\nR records what you play.\nK keeps the last minute,\neven if you did not record."
NONE_FITS = "No take fits.\n\nNames, notes, the genre heard\nmost, and * for the starred\nare looked through."

Index = QModelIndex | QPersistentModelIndex


class TakesPanel(Panel):
    """A folder's takes. ``told`` reports what was done, ``failed`` what could not be."""

    told = Signal(str)
    failed = Signal(str)
    moves_asked = Signal(object)  #: Heading: the moves of that take are to be edited

    def __init__(self, library: Library, background: Background, bridge: EngineBridge) -> None:
        super().__init__("Takes")
        self.model = TakeListModel(library, background)
        self.audition = Audition(bridge, self)
        self.jobs = TakeJobs(self)
        self._filter = TakeFilter(self.model)
        self._count = muted_label()
        self._folder = IconButton(Icon.FOLDER, "Open the folder of takes", side=28)
        self.search = QLineEdit()
        self.list = TakeList()
        self.list.setModel(self._filter)
        self.list.setItemDelegate(TakeDelegate(self.list, self.audition))
        self.pair = PairBar(self.audition)
        self.notes = NotesField()
        self._empty = QLabel()
        self._lay_out()
        self._connect(bridge)
        self._on_rows()
        self.model.refresh()

    def _lay_out(self) -> None:
        self.head.addWidget(self._count)
        self.head.addWidget(self._folder)
        self.search.setPlaceholderText("Find by name, notes, genre, or *")
        self.search.setAccessibleName("find takes")
        self.search.setClearButtonEnabled(True)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self.body.addWidget(self.search)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self.pair)
        self.body.addWidget(self.notes)
        for bar in self.jobs.bars:
            self.body.addWidget(bar)

    def _connect(self, bridge: EngineBridge) -> None:
        takes, audition = self.list, self.audition
        takes.play_asked.connect(lambda index: audition.toggle(self._take(index)))
        takes.star_asked.connect(self._toggle_star)
        takes.bin_asked.connect(self.throw_away)
        takes.export_asked.connect(lambda index: self.jobs.ask_export(self._take(index)))
        takes.edit_begun.connect(self._on_edit)
        takes.sought.connect(self._on_sought)
        takes.stepped.connect(lambda index, seconds: audition.step(self._take(index), seconds))
        takes.marked.connect(lambda side, index: audition.mark(side, self._take(index)))
        takes.switch_asked.connect(audition.switch)
        takes.customContextMenuRequested.connect(self._open_menu)
        takes.selectionModel().currentChanged.connect(lambda current, _previous: self._on_current(current))
        audition.moved.connect(self._on_moved)
        audition.changed.connect(self._on_audition)
        audition.refused.connect(self.failed)
        self.jobs.told.connect(self.told)
        self.jobs.failed.connect(self.failed)
        self.jobs.made.connect(self.add)
        self.model.failed.connect(self.failed)
        self.model.is_held = lambda: self._names_are_typed
        self.model.replaced.connect(self._on_replaced)
        self.model.binned.connect(lambda take: self.told.emit(f"{take.path.stem} is in the bin"))
        self.model.outlines.arrived.connect(self._on_moved)
        self.model.modelReset.connect(self._on_reset)
        shown = self._filter
        for signal in (shown.modelReset, shown.layoutChanged, shown.rowsInserted, shown.rowsRemoved):
            signal.connect(self._on_rows)
        self.search.textChanged.connect(self._filter.search)
        self._folder.clicked.connect(lambda: self._show(open_folder(self.model.library.folder)))
        self.notes.written.connect(self._on_notes)
        self.notes.left.connect(lambda: self._on_current(self.list.currentIndex()))
        bridge.take_recovered.connect(lambda _take: self.model.refresh())
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.applicationStateChanged.connect(self._on_application)

    def _on_application(self, state: Qt.ApplicationState) -> None:
        if state is Qt.ApplicationState.ApplicationActive:
            self.model.refresh()  # other programs may have changed the folder

    # The list

    @staticmethod
    def _take(index: Index) -> Heading:
        take = index.data(TAKE_ROLE)
        assert isinstance(take, Heading)
        return take

    def _row(self, index: Index) -> int:
        return self._filter.mapToSource(index).row()

    def _index(self, path: Path | None) -> QModelIndex:
        row = self.model.row_of(path)
        return QModelIndex() if row is None else self._filter.mapFromSource(self.model.index(row))

    @property
    def _names_are_typed(self) -> bool:
        return self.list.state() is QAbstractItemView.State.EditingState

    def add(self, take: Heading) -> None:
        """A take has been finished: it is listed at once; and selected, unless the player is typing into another one.

        One that lies in another folder, as when the folder was changed while it was recorded, is not listed here.
        """
        if take.path.parent != self.model.library.folder:
            return
        index = self._filter.mapFromSource(self.model.index(self.model.add(take)))
        if not self.notes.is_typed_in and not self._names_are_typed:
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def show_folder(self, folder: Path) -> None:
        """List the takes of another folder."""
        self.audition.pause()
        self.notes.save()
        self.model.show_folder(folder)

    def _on_rows(self) -> None:
        count, shown = self.model.rowCount(), self._filter.rowCount()
        self._count.setText(str(count) if count else "")
        self._empty.setText(NONE_FITS if count else EMPTY)
        self._empty.setVisible(not shown)
        self.list.setVisible(bool(shown))
        for widget in (self.notes, self.search):
            widget.setVisible(bool(count))

    def _on_reset(self) -> None:
        index = self._index(self.notes.path)
        if index.isValid():
            self.list.setCurrentIndex(index)
        self._on_current(index)
        heard = self.audition.heard
        if heard is not None and self.model.row_of(heard.path) is None:
            self.audition.pause()

    def _on_replaced(self, old: Path, take: Heading) -> None:
        self.notes.follow(old, take)
        self.audition.follow(old, take)

    def _toggle_star(self, index: Index) -> None:
        self.model.set_star(self._row(index), not self._take(index).star)

    def _on_edit(self, index: Index) -> None:
        if self.audition.is_heard(self._take(index)):
            self.audition.pause()  # Windows does not rename a file that is open

    # Hearing

    def _on_sought(self, index: Index, share: float, found: bool) -> None:
        take = self._take(index)
        (self.audition.seek if found else self.audition.drag)(take, share * take.seconds)

    def _on_moved(self, path: Path) -> None:
        index = self._index(path)
        if index.isValid():
            self.list.viewport().update(self.list.visualRect(index).intersected(self.list.viewport().rect()))

    def _on_audition(self) -> None:
        heard = self.audition.heard
        words = "" if heard is None else f"{heard.path.stem} is heard, {length_text(heard.seconds)} long"
        self.list.setAccessibleDescription(words)
        self.model.show_sides({take.path: side for side, take in self.audition.pair.items()})
        self.list.viewport().update()

    # Notes

    def _on_current(self, index: QModelIndex) -> None:
        self.notes.save()
        self.notes.show_take(self._take(index) if index.isValid() else None)

    def _on_notes(self, path: Path, text: str) -> None:
        row = self.model.row_of(path)
        if row is not None:
            self.model.set_notes(row, text)

    # Files

    def _open_menu(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        if index.isValid():
            self.menu(index).popup(self.list.viewport().mapToGlobal(at))

    def menu(self, index: QModelIndex) -> QMenu:
        """All that can be done with a take."""
        take, audition = self._take(index), self.audition
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heard = audition.is_heard(take)

        def on_row(act: Callable[[QModelIndex], None]) -> None:
            # Where the take is now: one that was finished while the menu was open has moved it on.
            now = self._index(take.path)
            if now.isValid():
                act(now)

        menu.addAction("Pause\tEnter" if heard else "Play\tEnter", lambda: audition.toggle(take))
        for side in SIDES:
            action = menu.addAction(f"Compare as {side}\t{side}", partial(audition.mark, side, take))
            action.setEnabled(audition.side_of(take) != side)
        menu.addSeparator()
        menu.addAction("Rename\tF2", lambda: on_row(self.list.rename))
        menu.addAction("Take the star off" if take.star else "Star", lambda: on_row(self._toggle_star))
        menu.addAction("Show in folder", lambda: self._show(reveal(take.path)))
        menu.addSeparator()
        menu.addAction("Export …\tCtrl+E", lambda: self.jobs.ask_export(take)).setEnabled(not self.jobs.exporting)
        again = menu.addAction("Play again from its score", lambda: self.jobs.replay(take))
        again.setEnabled(not self.jobs.replaying)
        menu.addAction("Edit its moves …", lambda: self.moves_asked.emit(take))
        menu.addSeparator()
        menu.addAction("Move to the bin\tDel", lambda: on_row(self.throw_away))
        return menu

    def _show(self, shown: bool) -> None:
        if not shown:
            self.told.emit(f"takes go to {self.model.library.folder}")

    def throw_away(self, index: Index) -> None:
        """Move a take, sound and score, to the system's bin; one that is heard falls silent first."""
        path = self._take(index).path
        self.audition.release(path, lambda: self._throw_away(path))

    def _throw_away(self, path: Path) -> None:
        self.notes.save()  # so that they are in the bin too
        row = self.model.row_of(path)
        if row is not None:
            self.model.throw_away(row)
            self.audition.forget(path)
            self.notes.forget(path)
            self._on_current(self.list.currentIndex())

    def end(self) -> None:
        """The window is closing: what has been typed is kept, what is being done is ended."""
        self.notes.save()
        self.model.close()
        self.jobs.close()
