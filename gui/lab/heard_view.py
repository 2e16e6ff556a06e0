"""What the probes hear in a recording, over time, and the knobs that would go there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.buttons import TextButton
from gui.lab.card import Card
from gui.lab.findings import percent

if TYPE_CHECKING:
    from gui.lab.heard_areas import HeardAreas

NOTHING = "Drop a recording, and see what the probes hear in it."


class HeardView(QWidget):
    """``wanted`` asks for the knobs that would go where the recording is."""

    wanted = Signal(object)  #: {genre: knob}, 0 for those that are not heard above chance

    def __init__(self) -> None:
        super().__init__()
        self._result: Mapping[str, Any] | None = None
        self._knobs: dict[str, float] = {}
        self._plots: ModuleType | None = None
        self._areas: HeardAreas | None = None
        self._known: tuple[str, ...] = ()
        self.card = Card("Heard over time")
        self.card.words.setText(NOTHING)
        self.set = TextButton("Set the knobs so", primary=True)
        self.card.body.addWidget(self.set)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.card)
        self.set.clicked.connect(lambda: self.wanted.emit(dict(self._knobs)))
        self._dress_button()

    def add_areas(self, plots: ModuleType) -> None:
        """The plotting library has been loaded; the plot is made when it is first seen."""
        self._plots = plots
        if self.isVisible():
            self._make_areas()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._areas is None and self._plots is not None:
            QTimer.singleShot(0, self, self._make_areas)

    def _make_areas(self) -> None:
        if self._areas is None and self._plots is not None:
            self._areas = self._plots.HeardAreas()
            assert self._areas is not None
            self.card.add_picture(self._areas)
            self._draw()

    def show_reading(self, result: Mapping[str, Any]) -> None:
        """What ``segue probe read`` ended with."""
        self._result = result
        heard: Mapping[str, float] = result["heard"]
        self._knobs = {genre: float(result["knobs"].get(genre, 0.0)) for genre in heard}
        self.card.words.setText(reading_in_words(heard, self._knobs))
        self._draw()
        self._dress_button()

    def show_genres(self, genres: Sequence[str]) -> None:
        """The knobs that there are."""
        self._known = tuple(genres)
        self._dress_button()

    def _draw(self) -> None:
        if self._areas is not None and self._result is not None:
            genres = tuple(self._result["heard"])
            shares = np.array([self._result["shares"][genre] for genre in genres], np.float64).T
            self._areas.show_shares(self._result["times_s"], shares, genres, self.card.words.text())

    def _dress_button(self) -> None:
        raised = [genre for genre, knob in self._knobs.items() if knob]
        fits = bool(raised) and set(self._knobs) <= set(self._known)
        self.set.setVisible(self._result is not None)
        self.set.setEnabled(fits)
        self.set.setToolTip(
            "One step of undo" if fits else "Nothing is heard above chance, or another pack plays: read it again"
        )


def reading_in_words(heard: Mapping[str, float], knobs: Mapping[str, float]) -> str:
    """Shares, largest first, and the knobs."""
    shares = ", ".join(f"{genre} {percent(share)}" for genre, share in sorted(heard.items(), key=lambda i: -i[1]))
    turned = ", ".join(f"{genre} {knob:.2f}" for genre, knob in knobs.items() if knob)
    return f"Heard, on the whole: {shares}. " + (
        f"Knobs that go there: {turned}." if turned else "Nothing stands out above chance, so no knob would go there."
    )
