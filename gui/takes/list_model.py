"""The takes of a folder as a Qt model, newest first, with their outlines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    QTimer,
    QUrl,
    Signal,
)

from engine.takes.library import Library, Scan
from engine.takes.naming import clean_name
from engine.takes.take import Heading, Take
from gui.background import Background
from gui.takes.files import move_to_bin
from gui.takes.outlines import Outlines
from gui.takes.words import dominant, remark, shares_text, spoken

HELD_MS = 300
TAKE_ROLE = Qt.ItemDataRole.UserRole
OUTLINE_ROLE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


class TakeListModel(QAbstractListModel):
    """Reads the folder in the background. A change is listed at once, and written behind the list.

    What the disk refuses is taken back, and told by ``failed``. No reading that is older than a change replaces the list.
    """

    failed = Signal(str)
    replaced = Signal(object, object)  #: the path that a take had, and the take as it is now
    binned = Signal(object)  #: a take that is in the system's bin

    def __init__(self, library: Library, background: Background) -> None:
        super().__init__()
        self.library, self._background = library, background
        self.outlines = Outlines(background, self)
        self.is_held: Callable[[], bool] = lambda: False  # a name is being typed: no row may go away under it
        self._writer = Background(self)  # what has been typed does not wait for a long reading
        self._takes: list[Heading] = []
        self._sides: Mapping[Path, str] = {}
        self._problems: tuple[str, ...] = ()
        self._stale = self._scanning = False
        self._unwritten = 0

    # Reading

    def refresh(self) -> None:
        """Read the folder anew."""
        self._stale = True
        self._scan()

    def show_folder(self, folder: Path) -> None:
        """List another folder."""
        self.library = Library(folder)
        self._show([])
        self.refresh()

    def _scan(self) -> None:
        if self._stale and not self._scanning and not self._unwritten:
            self._stale, self._scanning = False, True
            library = self.library
            self._background.start(library.scan, lambda scan: self._on_scanned(library, scan), self._on_scan_failed)

    def _on_scanned(self, library: Library, scan: Scan[Heading]) -> None:
        self._scanning = False
        if self._stale or library is not self.library:
            self.refresh()
            return
        takes = list(reversed(scan.takes))
        if takes != self._takes:
            if self.is_held():
                QTimer.singleShot(HELD_MS, self, self.refresh)
                return
            self._show(takes)
        for problem in scan.problems:
            if problem not in self._problems:
                self.failed.emit(problem)
        self._problems = scan.problems

    def _on_scan_failed(self, error: Exception) -> None:
        self._scanning = False
        self.failed.emit(str(error))

    def _show(self, takes: list[Heading]) -> None:
        self.beginResetModel()
        self._takes = takes
        self.endResetModel()

    def _outdate(self) -> None:
        """The list has changed: a reading that is under way may not have seen it."""
        self._stale |= self._scanning

    def row_of(self, path: Path | None) -> int | None:
        """Where a take stands."""
        return next((row for row, take in enumerate(self._takes) if take.path == path), None)

    def take(self, row: int) -> Heading:
        """The take in a row."""
        return self._takes[row]

    # Changes

    def add(self, take: Heading) -> int:
        """A take has been finished; returns its row. One that was kept meanwhile may have begun later."""
        take = take.heading if isinstance(take, Take) else take
        self._outdate()
        known = self.row_of(take.path)
        if known is not None:
            self._put(known, take)
            return known
        place = take.created, take.path.name
        older = (row for row, other in enumerate(self._takes) if (other.created, other.path.name) < place)
        row = next(older, len(self._takes))
        self.beginInsertRows(QModelIndex(), row, row)
        self._takes.insert(row, take)
        self.endInsertRows()
        return row

    def rename(self, row: int, name: str) -> None:
        """Give a take another name."""
        old, stem, library = self._takes[row], clean_name(name), self.library
        if stem != old.path.stem:
            new = replace(old, path=old.path.with_name(stem + old.path.suffix), title=stem)
            self._change(row, new, lambda: library.rename(old, stem))

    def set_star(self, row: int, star: bool) -> None:
        """Mark a take, or not."""
        old, library = self._takes[row], self.library
        self._change(row, replace(old, star=star), lambda: library.set_star(old, star))

    def set_notes(self, row: int, notes: str) -> None:
        """What the player thinks of it."""
        old, library = self._takes[row], self.library
        self._change(row, replace(old, notes=notes), lambda: library.set_notes(old, notes))

    def _change(self, row: int, new: Heading, write: Callable[[], Heading]) -> None:
        old = self._takes[row]

        def done(written: Heading) -> None:
            now = self.row_of(new.path)
            if now is not None and self._takes[now] is new and written != new:
                self._put(now, written)  # another window's changes with it

        def undo() -> None:
            now = self.row_of(new.path)
            if now is not None and self._takes[now] is new:
                self._put(now, old)

        self._put(row, new)
        self._write(write, done, undo)

    def throw_away(self, row: int) -> None:
        """Move a take, sound and score, to the system's bin."""
        take = self._takes[row]
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._takes[row]
        self.endRemoveRows()
        self.outlines.forget(take.path)
        self._write(lambda: move_to_bin(take), lambda _nothing: self.binned.emit(take), lambda: None)

    def _put(self, row: int, take: Heading) -> None:
        old, self._takes[row] = self._takes[row], take
        self.outlines.follow(old.path, take.path)
        self.replaced.emit(old.path, take)
        self.dataChanged.emit(self.index(row), self.index(row))

    def _write(self, work: Callable[[], Any], done: Callable[[Any], None], undo: Callable[[], None]) -> None:
        """In the order of the changes; each of ``done`` and ``undo`` finds the list as later changes have left it."""

        def settle() -> None:
            self._unwritten -= 1
            self._scan()

        def written(result: Any) -> None:
            done(result)
            settle()

        def refused(error: Exception) -> None:
            undo()
            self._stale = True
            self.failed.emit(str(error))
            settle()

        self._unwritten += 1
        self._outdate()
        self._writer.start(work, written, refused)

    def close(self) -> None:
        """Bring every change to the disk; nothing more is told."""
        self._writer.finish()

    # The pair that is compared

    def show_sides(self, sides: Mapping[Path, str]) -> None:
        """Which takes are A and B, for those who hear the list."""
        changed = [row for row in map(self.row_of, {*sides, *self._sides}) if row is not None]
        if sides != self._sides:
            self._sides = sides
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row), [Qt.ItemDataRole.AccessibleTextRole])

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._takes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        take = self._takes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return take.path.stem
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(take, self._sides.get(take.path, ""))
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(take.path), shares_text(take), take.notes, remark(take))))
            case _ if role == TAKE_ROLE:
                return take
            case _ if role == OUTLINE_ROLE:
                return self.outlines.of(take.path)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not str(value).strip():
            return False
        self.rename(index.row(), str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        usable = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return usable | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The sound files themselves, as any other program takes them."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self._takes[index.row()].path)) for index in indexes])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction


class TakeFilter(QSortFilterProxyModel):
    """Takes whose name, notes and the genre heard most hold every word; “*” stands for the starred."""

    def __init__(self, source: TakeListModel) -> None:
        super().__init__()
        self._source = source
        self._words: list[str] = []
        self.setSourceModel(source)

    def search(self, text: str) -> None:
        """Show what fits."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        if not self._words:
            return True
        take = self._source.take(row)
        text = f"{take.path.stem} {take.notes} {dominant(take)} {'*' if take.star else ''}".casefold()
        return all(word in text for word in self._words)
