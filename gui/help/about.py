"""About Segue: what it is, and the licences of all that it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QTextBrowser, QVBoxLayout, QWidget

from engine.messages import ModelLoaded
from engine.model.checkpoint_files import POCKET
from gui import theme
from gui.help.licences import LIBRARIES, OURS, Part
from gui.models import words

WIDTH_PX, HEIGHT_PX = 600, 620


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # not before somebody asks: the start waits for it

    try:
        return version("segue")
    except PackageNotFoundError:  # run from its folder, not installed
        return ""


def _table(groups: Sequence[tuple[str, Sequence[Part]]]) -> str:
    muted = theme.current().muted
    rows = []
    for caption, parts in groups:
        rows.append(f"<tr><td colspan='3' style='padding:10px 0 4px 0; color:{muted}'>{escape(caption)}</td></tr>")
        rows += [
            f"<tr><td style='padding:2px 18px 2px 0'>{escape(part.name)}</td>"
            f"<td style='padding:2px 18px 2px 0; color:{muted}'>{escape(part.what)}</td>"
            f"<td style='padding:2px 0'>{escape(part.licence)}</td></tr>"
            for part in parts
        ]
    return f"<table>{''.join(rows)}</table>"


class About(QDialog):
    """``instrument``: the model that plays, whose licence counts for what is played."""

    def __init__(self, parent: QWidget, instrument: ModelLoaded | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Segue")
        title = QLabel(f"Segue {_version()}".strip())
        title.setProperty("role", "title")
        what = QLabel("Bends a MusicGen towards genres while it plays.")
        ours = list(OURS)
        if instrument is not None and instrument.name != POCKET:
            name = words.title(instrument.name)
            ours.append(Part(name, "the model that plays", words.licence(instrument.licence)))
        self.text = QTextBrowser()
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.viewport().setAutoFillBackground(False)
        self.text.setAccessibleName("licences")
        self.text.setHtml(_table((("What you play", ours), ("What it stands on", LIBRARIES))))
        close = QPushButton("Close")
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        side = round(theme.px(20))
        layout.setContentsMargins(side, side, side, side)
        layout.setSpacing(round(theme.px(10)))
        layout.addWidget(title)
        layout.addWidget(what)
        layout.addWidget(self.text, 1)
        layout.addLayout(foot)
        self.resize(theme.fitting(WIDTH_PX, HEIGHT_PX, self))
