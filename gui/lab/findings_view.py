"""What is known of the layers: curves, effects and matrices, of a run under way or of a pack that was opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.messages import ModelLoaded
from engine.steering.pack import ProbePack
from gui import theme
from gui.buttons import TextButton
from gui.lab.card import Card, MatrixCard, prose_label, scrolled
from gui.lab.findings import (
    Findings,
    LayerFinding,
    Matrix,
    confusion_in_words,
    cross_talk_in_words,
    effects_in_words,
    jaccard_in_words,
    layers_in_words,
)
from gui.lab.pack_facts import pack_facts
from gui.models.words import title as model_title
from gui.panel import Panel
from gui.play.page import GAP_PX

if TYPE_CHECKING:
    from gui.lab.curves import EffectBars, LayerCurves, Legend

NOTHING = "Nothing to show yet: make knobs, or open a pack."
AWAITED = "Layers appear here as they are analysed, once the music has passed through the model."
NOT_ORTHOGONAL = "Not possible here: two of these directions are the same."
UNKNOWN = LayerFinding(0, 0.0)

InWords: TypeAlias = Callable[[Matrix, Sequence[str]], str]


class FindingsView(QWidget):
    """``use_wanted`` asks to steer with the pack that is shown."""

    use_wanted = Signal(object)  #: its path

    def __init__(self) -> None:
        super().__init__()
        self._findings, self._layers, self._chosen = Findings(), 0, 0
        self._path: Path | None = None
        self._pack: ProbePack | None = None
        self._instrument: ModelLoaded | None = None
        self._running = False
        self._plots: ModuleType | None = None
        self._curves: LayerCurves | None = None
        self._legend: Legend | None = None
        self._bars: EffectBars | None = None
        self.layers, self.effects = Card("By layer"), Card("Effect by layer")
        self.jaccard = MatrixCard("Clusters × genres", "Jaccard similarity of clusters and genres")
        self.confusion = MatrixCard("Confusion", "confusion: row true, column told", counts=True)
        self.cross_talk = MatrixCard("Cross-talk", "cosines of the directions")
        self.orthogonal = MatrixCard("Orthogonalised", "cosines of the orthogonalised directions")
        self.use = TextButton("Use it now", primary=True)
        self._title, self._facts = QLabel(), prose_label()
        self.use.setToolTip("Steer with this pack: the music stands still until you play on")
        self._lay_out()
        self.use.clicked.connect(lambda: self.use_wanted.emit(self._path))
        self._show()

    def _lay_out(self) -> None:
        about = Panel("The pack")
        self._title.setProperty("role", "title")
        about.body.addWidget(self._title)
        about.body.addWidget(scrolled(self._facts), 1)
        about.body.addWidget(self.use)
        above, below = QHBoxLayout(), QHBoxLayout()
        for line in (above, below):
            line.setSpacing(GAP_PX)
        above.addWidget(self.layers, 52)
        above.addWidget(self.effects, 26)
        above.addWidget(about, 30)
        for card in (self.jaccard, self.confusion, self.cross_talk, self.orthogonal):
            below.addWidget(card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_PX)
        layout.addLayout(above, 56)
        layout.addLayout(below, 44)

    def add_curves(self, curves: ModuleType) -> None:
        """The plotting library has been loaded."""
        self._plots = curves
        self._legend, self._curves = curves.Legend(), curves.LayerCurves()
        assert self._legend is not None
        assert self._curves is not None
        self.layers.body.insertWidget(0, self._legend)
        self.layers.add_picture(self._curves, row=1)
        self._curves.picked.connect(self._on_picked)
        QTimer.singleShot(0, self, self._show_curves)

    # What is shown

    @property
    def findings(self) -> Findings:
        return self._findings

    @property
    def empty(self) -> bool:
        """Nothing has been shown yet."""
        return self._pack is None and not self._running

    def show_run(self, findings: Findings, layers: int) -> None:
        """A run that has come so far, on a model of so many layers."""
        self._path = self._pack = None
        self._running = True
        self._become(findings, layers)

    def show_pack(self, path: Path | None, pack: ProbePack, findings: Findings) -> None:
        """A pack with what is known of it; without a path it is the model's own."""
        self._path, self._pack, self._running = path, pack, False
        self._become(findings, pack.model.layers)

    def end_run(self) -> None:
        """A run has ended without a pack; what it found stays."""
        self._running = False
        self._show()

    def show_instrument(self, instrument: ModelLoaded | None) -> None:
        """What plays: it decides whether the pack can be used."""
        self._instrument = instrument
        self._show_about()

    def _become(self, findings: Findings, layers: int) -> None:
        self._findings, self._layers = findings, layers
        if findings.layers:
            self._chosen = self._first_of(findings)
        self._show()

    @staticmethod
    def _first_of(findings: Findings) -> int:
        """Of the layers that are steered, the one that is read best."""
        steered = [finding for finding in findings.layers if finding.layer in findings.steered]
        return (max(steered, key=lambda finding: finding.accuracy) if steered else findings.best).layer

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._show_about()
        super().changeEvent(event)

    def _on_picked(self, layer: int) -> None:
        self._chosen = layer
        self._show_matrices()

    def _show(self) -> None:
        nothing = AWAITED if self._running else NOTHING
        self.layers.words.setText(layers_in_words(self._findings) if self._findings.layers else nothing)
        effects = self._findings.effects
        self.effects.setVisible(bool(effects))
        self.effects.words.setText(effects_in_words(effects) if effects else "")
        self._show_matrices()
        self._show_about()
        QTimer.singleShot(0, self, self._show_curves)  # a step of its own, so that no step takes long

    def _show_curves(self) -> None:
        if self._curves is not None and self._legend is not None:
            self._curves.show_findings(self._findings, self._layers, self._chosen)
            self._legend.show_series(self._curves.shown_series())
        if self._findings.effects:
            QTimer.singleShot(0, self, self._show_bars)

    def _show_bars(self) -> None:
        if self._bars is None and self._plots is not None:
            self._bars = self._plots.EffectBars()
            assert self._bars is not None
            self.effects.add_picture(self._bars)
        if self._bars is not None:
            self._bars.show_findings(self._findings, self._layers)

    def _show_matrices(self) -> None:
        genres, finding = self._findings.genres, self._findings.at(self._chosen) or UNKNOWN
        opened = self._pack is not None
        rows: tuple[tuple[MatrixCard, Matrix | None, InWords, str], ...] = (
            (self.jaccard, finding.jaccard, jaccard_in_words, ""),
            (self.confusion, finding.confusion, confusion_in_words, ""),
            (self.cross_talk, finding.cross_talk, cross_talk_in_words, ""),
            (self.orthogonal, finding.orthogonal, cross_talk_in_words, NOT_ORTHOGONAL if opened else ""),
        )
        for card, matrix, words, otherwise in rows:
            said = otherwise if matrix is None else f"Layer {finding.layer}. {words(matrix, genres)}"
            card.show_matrix(matrix, genres, said)
            card.setVisible(bool(said) or not opened)  # clusters and confusion are known to runs, not to packs

    def _show_about(self) -> None:
        pack, instrument = self._pack, self._instrument
        self.use.setVisible(pack is not None)
        if pack is None:
            self._title.setText("A run under way" if self._running else "None opened")
            self._facts.setText(
                "It is written when the run is through." if self._running else "Drop one anywhere here."
            )
            return
        self._title.setText(self._path.stem if self._path is not None else f"{model_title(pack.model.name)}'s own")
        rows = [(what, _plain(value)) for what, value in pack_facts(pack)]
        fits = instrument is not None and (instrument.name, instrument.layers) == (pack.model.name, pack.model.layers)
        in_use = fits and instrument is not None and instrument.pack == self._path
        if instrument is not None and not fits:
            rows.insert(
                0, ("Not for what plays", f"to use it, choose {_plain(model_title(pack.model.name))} as the model")
            )
        self._facts.setText(_table(rows))
        self.use.setEnabled(fits and not in_use)
        self.use.setText("In use" if in_use else "Use it now")


def _table(rows: Sequence[tuple[str, str]]) -> str:
    ink = theme.current().text
    cells = "".join(
        f'<tr><td style="padding-right:8px">{_plain(what)}</td><td style="color:{ink}">{value}</td></tr>'
        for what, value in rows
    )
    return f'<table cellspacing="0" cellpadding="2">{cells}</table>'


def _plain(text: str) -> str:
    """Names from files are text, not markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;")
