"""Which labelled music to learn from: composed here, a folder of genre folders, or a data set of the hub."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from gui.buttons import Segmented
from gui.child import Child
from gui.lab.card import prose_label
from gui.lab.drop_zone import DropZone
from gui.panel import muted_label

COUNTS = (60, 120, 240, 480)
USUAL_COUNT = 2  # of those
COMPOSED, FOLDER, HUB = range(3)
SOURCES = (
    ("Composed", "Music that Segue composes and renders itself: nothing to fetch, labels that are certain"),
    ("Folder", "Your own music: a folder in which every folder is a genre"),
    ("Hub", "A data set of the Hugging Face hub: needs the network"),
)
HUB_HINT = "By its name, in the layout of lewtun/music_genres. It is downloaded once, by the network."
MOST_PROBLEMS = 20


class CorpusChoice(QWidget):
    """``changed`` says that another corpus is meant; ``refused`` why a folder will not do."""

    changed = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.source = Segmented("music to learn from", *zip(*SOURCES, strict=True))
        self.count = Segmented("clips of each genre", [str(n) for n in COUNTS], [f"{n} clips of 10 s" for n in COUNTS])
        self.count.show_choice(USUAL_COUNT)
        self.folder = DropZone("folder of genre folders", "Drop a folder of genre folders", folders=True)
        self.hub = QLineEdit()
        self.hub.setAcceptDrops(False)
        self.hub.setPlaceholderText("lewtun/music_genres")
        self.hub.setAccessibleName("data set of the hub")
        self.look = Child(self)
        self._next_look: Path | None = None
        self.found = prose_label()
        self.found.setTextFormat(Qt.TextFormat.PlainText)
        self.found.setAccessibleName("what the folder holds")
        self._pages = QStackedWidget()
        counts = muted_label("Clips of each genre: more take longer, and say more")
        for widgets in ((counts, self.count), (self.folder, self.found), (self.hub, _hint(HUB_HINT))):
            self._pages.addWidget(_column(*widgets))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.source)
        layout.addWidget(self._pages)
        self.source.chosen.connect(self._on_source)
        self.count.chosen.connect(lambda _: self.changed.emit())
        self.hub.textChanged.connect(lambda _: self.changed.emit())
        self.folder.chosen.connect(self._on_folder)
        self.folder.refused.connect(self.refused)
        self.look.finished.connect(self._on_looked)
        self.look.failed.connect(self._on_unusable)
        self.look.stopped.connect(self._on_stopped)

    @property
    def word(self) -> str:
        """As ``segue probe train`` takes it; "" while nothing is chosen."""
        if self.source.choice == COMPOSED:
            return f"composed:{COUNTS[self.count.choice]}"
        if self.source.choice == FOLDER:
            return "" if self.folder.path is None else str(self.folder.path.absolute())
        return f"hub:{name}" if (name := self.hub.text().strip()) else ""

    @property
    def name(self) -> str:
        """For a file: what the music is."""
        if self.source.choice == FOLDER and self.folder.path is not None:
            return self.folder.path.name
        if self.source.choice == HUB and self.hub.text().strip():
            return self.hub.text().strip().rsplit("/")[-1]
        return "composed" if self.source.choice == COMPOSED else "knobs"

    def offer(self, path: Path) -> None:
        """A folder was dropped somewhere near."""
        self.source.show_choice(FOLDER)
        self._on_source(FOLDER)
        self.folder.offer(path)

    def _on_source(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self.changed.emit()

    # A look at the folder

    def _on_folder(self, path: Path) -> None:
        self.changed.emit()
        self.found.setText("Looking …")
        if self.look.running:  # a newer folder overtakes it
            self._next_look = path
            self.look.stop()
        else:
            self.look.start(["corpus", "show", str(path.absolute())])

    def _on_stopped(self) -> None:
        if (path := self._next_look) is not None:
            self._next_look = None
            self.look.start(["corpus", "show", str(path.absolute())])

    def end(self) -> None:
        """The window is closing: no newer folder is looked at either."""
        self._next_look = None
        self.look.close()

    def _on_looked(self, result: Mapping[str, Any]) -> None:
        self.found.setText(contents_in_words(result))
        skipped = result["skipped"]
        more = f"\n… and {len(skipped) - MOST_PROBLEMS} more" if len(skipped) > MOST_PROBLEMS else ""
        self.found.setToolTip("\n".join(skipped[:MOST_PROBLEMS]) + more)

    def _on_unusable(self, words: str) -> None:
        self.found.setText(f"{words[:1].upper()}{words[1:]}")
        self.found.setToolTip("")
        self.refused.emit(words)


def contents_in_words(result: Mapping[str, Any]) -> str:
    """Genres, clips, minutes, problems."""
    genres, skipped = result["genres"], result["skipped"]
    clips, minutes = sum(each["clips"] for each in genres), sum(each["seconds"] for each in genres) / 60
    each = genres[0]["clips"]
    words = f"{len(genres)} genres · {clips} clips · {minutes:.0f} minutes\n"
    words += f"{each} clips of each: " + ", ".join(f"{g['genre']} ({g['songs']} recordings)" for g in genres)
    if skipped:
        path, _, reason = skipped[0].rpartition(": ")
        words += f"\n{len(skipped)} left out: {Path(path).name}: {reason}" + (" …" if len(skipped) > 1 else "")
    return words


def _hint(text: str) -> QWidget:
    label = prose_label()
    label.setText(text)
    return label


def _column(*widgets: QWidget) -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return page
