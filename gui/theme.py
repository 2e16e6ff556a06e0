"""Colours, type and the style sheet: dark first, light second. Every text colour stands ≥ 4.5:1 on what it is written on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

RESOURCES = Path(__file__).resolve().parents[1] / "resources"
FONT_FILE = RESOURCES / "fonts" / "Inter.ttf"
RADIUS = 10


@dataclass(frozen=True)
class Palette:
    """One theme. ``genres`` follow the ring classical → electronic → jazz → rock; ``more`` serve knobs added later."""

    name: str
    window: str
    panel: str
    raised: str
    sunken: str
    line: str
    track: str
    text: str
    muted: str
    accent: str
    on_accent: str
    record: str
    warning: str
    good: str
    genres: dict[str, str]
    more: tuple[str, ...]

    def genre(self, genre: str, genres: Sequence[str]) -> QColor:
        """The colour of a genre: its own, or the one of its place among those that have none."""
        if genre in self.genres:
            return QColor(self.genres[genre])
        others = [name for name in genres if name not in self.genres]
        place = others.index(genre) if genre in others else 0
        return QColor(self.more[place % len(self.more)])


DARK = Palette(
    name="dark",
    window="#12151a",
    panel="#1a1e25",
    raised="#252b35",
    sunken="#0e1115",
    line="#2c333f",
    track="#333b48",
    text="#e8ecf2",
    muted="#98a3b3",
    accent="#8fb4ff",
    on_accent="#0e1115",
    record="#ff5a63",
    warning="#ffb454",
    good="#63d6a0",
    genres={"classical": "#e8b84a", "electronic": "#3cc8ee", "jazz": "#b18cff", "rock": "#ff7a52"},
    more=("#74d67a", "#f58cc6", "#a9c64f", "#7f9cff"),
)
LIGHT = Palette(
    name="light",
    window="#e6e9ee",
    panel="#f6f7f9",
    raised="#ffffff",
    sunken="#eceff3",
    line="#cfd5de",
    track="#d3d9e2",
    text="#171b21",
    muted="#545f6e",
    accent="#2f5fc4",
    on_accent="#ffffff",
    record="#c21f31",
    warning="#8a5300",
    good="#0f7047",
    genres={"classical": "#885d00", "electronic": "#006f8f", "jazz": "#6b3fd1", "rock": "#b5390f"},
    more=("#2a7631", "#b0297c", "#5b6e00", "#3d55c4"),
)
PALETTES = {palette.name: palette for palette in (DARK, LIGHT)}

_current = DARK
_zoom = 1.0


def current() -> Palette:
    """The palette in force; painters ask anew at each paint."""
    return _current


def px(length: float) -> float:
    """A length of the design, at 1280 × 800, as it is in a window of the present size."""
    return length * _zoom


def zoom_for(width: int, height: int) -> float:
    """How much larger everything is in a large window: less than in proportion, so that there is more room as well."""
    room = min(width / 1280, height / 800)
    return min(max(round((1.0 + 0.62 * (room - 1.0)) * 8) / 8, 1.0), 2.5)


def is_theme_change(event: QEvent) -> bool:
    """Whether a ``changeEvent`` comes from :func:`apply`: what was cached from the palette is stale."""
    return event.type() == QEvent.Type.StyleChange


def font(pixels: float, weight: QFont.Weight = QFont.Weight.Medium, tabular: bool = False) -> QFont:
    """The interface's face at a size of the design; ``tabular`` keeps figures from dancing."""
    return _face(QApplication.font().family(), max(1, round(px(pixels))), weight, tabular)


@lru_cache(maxsize=256)
def _face(family: str, pixels: int, weight: QFont.Weight, tabular: bool) -> QFont:
    face = QFont(family)
    face.setPixelSize(pixels)
    face.setWeight(weight)
    if tabular:
        face.setFeature(QFont.Tag("tnum"), 1)
    return face


def fitting(width: float, height: float, widget: QWidget) -> QSize:
    """A size of the design as it is in the present window, or as much of it as the widget's screen has room for."""
    wanted, screen = QSize(round(px(width)), round(px(height))), widget.screen()
    return wanted if screen is None else wanted.boundedTo(screen.availableSize())


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of WCAG 2.2, 1 to 21."""

    def luminance(colour: QColor) -> float:
        parts = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """``one`` with a share of ``other``."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def faded(colour: QColor | str, alpha: float) -> QColor:
    """A colour with another opacity."""
    copy = QColor(colour)
    copy.setAlphaF(alpha)
    return copy


def apply(application: QApplication, name: str, zoom: float = 1.0) -> None:
    """Put a theme in force, for every window."""
    global _current, _zoom
    palette = PALETTES.get(name, DARK)
    _current, _zoom = palette, zoom
    if application.styleSheet():
        # Qt is ten times as quick with a sheet in no sheet's place as with one in another's.
        application.setStyleSheet("")
    if FONT_FILE.is_file() and "Inter" not in application.font().family():
        families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(FONT_FILE)))
        if families:
            application.setFont(QFont(families[0]))
    face = QFont(application.font())
    face.setPixelSize(round(px(13)))
    application.setFont(face)
    if application.style().name().casefold() != "fusion":
        application.setStyle("Fusion")
    colours = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, palette.window),
        (QPalette.ColorRole.Base, palette.sunken),
        (QPalette.ColorRole.AlternateBase, palette.panel),
        (QPalette.ColorRole.Button, palette.raised),
        (QPalette.ColorRole.Text, palette.text),
        (QPalette.ColorRole.WindowText, palette.text),
        (QPalette.ColorRole.ButtonText, palette.text),
        (QPalette.ColorRole.PlaceholderText, palette.muted),
        (QPalette.ColorRole.ToolTipBase, palette.raised),
        (QPalette.ColorRole.ToolTipText, palette.text),
        (QPalette.ColorRole.Highlight, palette.accent),
        (QPalette.ColorRole.HighlightedText, palette.on_accent),
    ):
        colours.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
        colours.setColor(QPalette.ColorGroup.Disabled, role, QColor(palette.muted))
    application.setPalette(colours)
    hints = application.styleHints()
    hints.setColorScheme(Qt.ColorScheme.Light if palette is LIGHT else Qt.ColorScheme.Dark)
    application.setStyleSheet(_zoomed(_sheet(palette)))


def _zoomed(sheet: str) -> str:
    """Hairlines stay hairlines."""
    return re.sub(r"\b([2-9]|\d\d+)px", lambda match: f"{round(px(float(match[1])))}px", sheet)


def _sheet(p: Palette) -> str:
    return f"""
    QToolTip {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; padding: 5px 8px; }}
    QLabel {{ background: transparent; }}
    QLabel[role="caption"] {{ color: {p.muted}; font-size: 11px; font-weight: 600; letter-spacing: 1px; }}
    QLabel[role="muted"] {{ color: {p.muted}; font-size: 12px; }}
    QLabel[role="title"] {{ font-size: 15px; font-weight: 650; }}
    QLabel[role="failure"] {{ color: {p.record}; font-size: 12px; }}
    QLineEdit, QPlainTextEdit {{ background: {p.sunken}; color: {p.text}; border: 1px solid {p.line}; border-radius: 7px;
        padding: 6px 10px; selection-background-color: {p.accent}; selection-color: {p.on_accent};
        placeholder-text-color: {p.muted}; }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border: 1px solid {p.accent}; }}
    QLineEdit[invalid="true"] {{ border: 1px solid {p.record}; }}
    QLabel[role="key"] {{ background: {p.sunken}; border: 1px solid {p.line}; border-radius: 5px; padding: 2px 8px;
        font-size: 12px; font-weight: 600; }}
    QComboBox {{ background: {p.sunken}; color: {p.text}; border: 1px solid {p.line}; border-radius: 7px;
        padding: 6px 10px; selection-background-color: {p.accent}; selection-color: {p.on_accent}; }}
    QComboBox:focus {{ border: 1px solid {p.accent}; }}
    QComboBox QAbstractItemView {{ background: {p.raised}; color: {p.text}; selection-background-color: {p.accent};
        selection-color: {p.on_accent}; }}
    QCheckBox::indicator {{ width: 16px; height: 16px; border: 1px solid {p.muted}; border-radius: 4px;
        background: {p.sunken}; }}
    QCheckBox::indicator:focus {{ border: 1px solid {p.accent}; }}
    QCheckBox::indicator:checked {{ background: {p.accent}; border-color: {p.accent};
        image: url({(RESOURCES / "images" / f"check-{p.name}.svg").as_posix()}); }}
    QCheckBox:focus {{ color: {p.accent}; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QPushButton, QToolButton {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; border-radius: 7px;
        padding: 6px 12px; font-weight: 550; }}
    QPushButton:hover, QToolButton:hover {{ border-color: {p.muted}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {p.line}; }}
    QPushButton:focus, QToolButton:focus {{ border: 1px solid {p.accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {p.muted}; background: {p.panel}; }}
    QPushButton[primary="true"]:enabled {{ background: {p.accent}; color: {p.on_accent}; border-color: {p.accent}; }}
    QPushButton[primary="true"]:enabled:focus {{ border: 2px solid {p.text}; padding: 5px 11px; }}
    QToolButton::menu-indicator {{ image: none; width: 0; }}
    QMenu {{ background: {p.raised}; color: {p.text}; border: 1px solid {p.line}; padding: 6px; }}
    QMenu::item {{ padding: 6px 26px 6px 14px; border-radius: 5px; }}
    QMenu::item:selected {{ background: {p.accent}; color: {p.on_accent}; }}
    QMenu::item:disabled {{ color: {p.muted}; }}
    QMenu::separator {{ height: 1px; background: {p.line}; margin: 6px 8px; }}
    QListView {{ background: transparent; border: none; outline: none; }}
    QListWidget::item {{ padding: 8px 10px; border-radius: 6px; color: {p.text}; }}
    QListWidget::item:hover {{ background: {p.raised}; }}
    QListWidget::item:selected {{ background: {p.raised}; border: 1px solid {p.line}; }}
    QListWidget::item:selected:active {{ border: 1px solid {p.accent}; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {p.track}; border-radius: 4px; min-height: 32px; margin: 1px; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none; height: 0; }}
    QMessageBox, QDialog {{ background: {p.panel}; }}
    """
