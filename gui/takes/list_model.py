"""The takes of a folder as a Qt model, newest first, with their outlines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
    QUrl,
    Signal,
)

from engine.audio.outline import Outline, read_outline
from engine.errors import TakeError
from engine.takes.library import Library, Scan
from engine.takes.take import Take
from gui.background import Background
from gui.takes.words import dominant, remark, spoken

OUTLINE_COLUMNS = 240
TAKE_ROLE = Qt.ItemDataRole.UserRole
OUTLINE_ROLE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


class TakeListModel(QAbstractListModel):
    """Scans in the background; changes go through the library at once, and what it refuses is told by ``failed``."""

    failed = Signal(str)
    replaced = Signal(object, object)  #: the path that a take had, and the take as it is now

    def __init__(self, library: Library, background: Background) -> None:
        super().__init__()
        self.library, self._background = library, background
        self._takes: list[Take] = []
        self._outlines: dict[Path, Outline] = {}
        self._added: list[Take] = []  # since the scan in progress began: it may not have seen them
        self._problems: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Read the folder anew."""
        library = self.library
        self._added = []
        self._background.start(
            library.scan, lambda scan: self._on_scanned(library, scan), lambda error: self.failed.emit(str(error))
        )

    def show_folder(self, folder: Path) -> None:
        """List another folder."""
        self.library = Library(folder)
        self.refresh()

    def _on_scanned(self, library: Library, scan: Scan) -> None:
        if library is not self.library:
            return
        seen = {take.path for take in scan.takes}
        missed = [take for take in self._added if take.path not in seen and take.score_path.exists()]
        takes = sorted([*scan.takes, *missed], key=lambda take: (take.created, take.path.name), reverse=True)
        if takes != self._takes:
            self.beginResetModel()
            self._takes = takes
            self.endResetModel()
        for problem in scan.problems:
            if problem not in self._problems:
                self.failed.emit(problem)
        self._problems = scan.problems
        for take in self._takes:
            if take.path not in self._outlines:
                self._read_outline(take.path)

    def row_of(self, path: Path | None) -> int | None:
        """Where a take stands."""
        return next((row for row, take in enumerate(self._takes) if take.path == path), None)

    def add(self, take: Take) -> int:
        """A take has been finished; returns its row. One that was kept meanwhile may have begun later."""
        self._added.append(take)
        known = self.row_of(take.path)
        if known is not None:
            self._takes[known] = take
            self.dataChanged.emit(self.index(known), self.index(known))
            return known
        row = next((n for n, other in enumerate(self._takes) if other.created <= take.created), len(self._takes))
        self.beginInsertRows(QModelIndex(), row, row)
        self._takes.insert(row, take)
        self.endInsertRows()
        self._read_outline(take.path)
        return row

    def _read_outline(self, path: Path) -> None:
        self._background.start(
            lambda: read_outline(path, OUTLINE_COLUMNS),
            lambda outline: self._on_outline(path, outline),
            lambda _error: None,  # a take without a picture is a take all the same
        )

    def _on_outline(self, path: Path, outline: Outline) -> None:
        self._outlines[path] = outline
        for row, take in enumerate(self._takes):
            if take.path == path:
                self.dataChanged.emit(self.index(row), self.index(row), [OUTLINE_ROLE])

    # Changes

    def rename(self, row: int, name: str) -> bool:
        """Give a take another name."""
        old = self._takes[row]

        def change() -> Take:
            renamed = self.library.rename(old, name)
            if old.path in self._outlines:
                self._outlines[renamed.path] = self._outlines.pop(old.path)
            return renamed

        return self._change(row, change)

    def set_star(self, row: int, star: bool) -> bool:
        """Mark a take, or not."""
        return self._change(row, lambda: self.library.set_star(self._takes[row], star))

    def set_notes(self, row: int, notes: str) -> bool:
        """What the player thinks of it."""
        return self._change(row, lambda: self.library.set_notes(self._takes[row], notes))

    def _change(self, row: int, change: Callable[[], Take]) -> bool:
        old = self._takes[row]
        try:
            self._takes[row] = change()
        except TakeError as error:
            self.failed.emit(str(error))
            self.refresh()
            return False
        self.replaced.emit(old.path, self._takes[row])
        self.dataChanged.emit(self.index(row), self.index(row))
        return True

    def remove(self, row: int) -> None:
        """Take it off the list; its files have gone."""
        self.beginRemoveRows(QModelIndex(), row, row)
        self._outlines.pop(self._takes[row].path, None)
        del self._takes[row]
        self.endRemoveRows()

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._takes)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        take = self._takes[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return take.path.stem
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(take)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(filter(None, (str(take.path), take.notes, remark(take))))
            case _ if role == TAKE_ROLE:
                return take
            case _ if role == OUTLINE_ROLE:
                return self._outlines.get(take.path)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return role == Qt.ItemDataRole.EditRole and bool(str(value).strip()) and self.rename(index.row(), str(value))

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
    """Takes whose name, notes or genres heard hold every word; “*” alone stands for the starred."""

    def __init__(self, source: TakeListModel) -> None:
        super().__init__()
        self._words: list[str] = []
        self.setSourceModel(source)

    def search(self, text: str) -> None:
        """Show what fits."""
        self._words = text.casefold().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        take: Take = self.sourceModel().index(row, 0).data(TAKE_ROLE)
        text = f"{take.path.stem} {take.notes} {dominant(take)} {'*' if take.star else ''}".casefold()
        return all(word in text for word in self._words)
