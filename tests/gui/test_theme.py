"""Both themes can be read, and every genre has a colour."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.lab.matrix import MatrixView, ink_on

RATIO = 4.5  # WCAG 2.2, AA


@pytest.mark.parametrize("palette", theme.PALETTES.values(), ids=lambda palette: palette.name)
def test_all_text_stands_out_from_what_it_is_written_on(palette: theme.Palette) -> None:
    inks = {name: getattr(palette, name) for name in ("text", "muted", "record", "good", "warning", "accent")}
    inks |= palette.genres | dict(zip(palette.more, palette.more, strict=True))
    faint = {
        f"{name} on {ground}": round(ratio, 2)
        for (name, ink), ground in itertools.product(inks.items(), ("window", "panel", "sunken", "raised"))
        if (ratio := theme.contrast(QColor(ink), QColor(getattr(palette, ground)))) < RATIO
    }
    assert faint == {}
    assert theme.contrast(QColor(palette.on_accent), QColor(palette.accent)) >= RATIO


@pytest.mark.parametrize("name", theme.PALETTES)
def test_figures_stand_out_from_the_cells_of_a_matrix(qapp: QApplication, name: str) -> None:
    theme.apply(qapp, name)
    for value in np.linspace(-1.0, 1.0, 41):
        fill = MatrixView._shade(float(value))
        assert theme.contrast(ink_on(fill), fill) >= RATIO


def test_contrast_is_that_of_the_recommendation() -> None:
    assert theme.contrast(QColor("white"), QColor("black")) == pytest.approx(21.0)
    assert theme.contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", theme.PALETTES.values(), ids=lambda palette: palette.name)
def test_added_genres_have_colours_of_their_own(palette: theme.Palette) -> None:
    genres = ("classical", "electronic", "jazz", "rock", "ska", "polka")
    assert len({palette.genre(genre, genres).name() for genre in genres}) == len(genres)


@pytest.mark.parametrize(
    ("size", "zoom"), [((1280, 800), 1.0), ((1000, 600), 1.0), ((2560, 800), 1.0), ((2560, 1600), 1.625)]
)
def test_a_large_window_is_zoomed_by_its_smaller_side(size: tuple[int, int], zoom: float) -> None:
    assert theme.zoom_for(*size) == zoom


@pytest.mark.parametrize("name", theme.PALETTES)
def test_hints_in_empty_fields_can_be_read(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    """Left to itself, a style sheet draws them in half the ink of the text."""
    theme.apply(qapp, name)
    field = QLineEdit()
    qtbot.addWidget(field)
    field.ensurePolished()
    assert field.palette().color(QPalette.ColorRole.PlaceholderText) == QColor(theme.current().muted)


def test_no_dialog_is_larger_than_its_screen(qapp: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    room = widget.screen().availableSize()
    assert theme.fitting(100, 90, widget) == QSize(100, 90)
    assert theme.fitting(10_000, 90, widget) == QSize(room.width(), 90)
