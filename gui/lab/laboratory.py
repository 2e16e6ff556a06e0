"""Benches on the left, what they find on the right."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from engine.errors import PackError
from engine.messages import ModelLoaded
from engine.steering.pack import ProbePack
from gui import theme
from gui.background import Background
from gui.bridge import EngineBridge
from gui.buttons import Segmented, TextButton
from gui.control_model import ControlModel
from gui.lab.add import AddBench
from gui.lab.bench import Bench
from gui.lab.drop_zone import dropped_path
from gui.lab.findings import Findings
from gui.lab.findings_view import FindingsView
from gui.lab.heard_view import HeardView
from gui.lab.packs import SUFFIX, kept_packs, own_pack
from gui.lab.read import ReadBench
from gui.lab.train import TrainBench
from gui.models.words import title
from gui.notify import Kind, Notifier
from gui.panel import muted_label
from gui.play.page import GAP_PX

BENCHES = (
    ("Make knobs", "From labelled music"),
    ("Add a knob", "From a folder of music"),
    ("Eyedropper", "What the probes hear in a recording"),
)
TRAIN, ADD, READ = range(3)
BENCH_PX = 330
MOST_PACKS = 12


class Laboratory(QWidget):
    """Everything on the page. :meth:`end` ends the children."""

    def __init__(
        self,
        bridge: EngineBridge,
        controls: ControlModel,
        background: Background,
        notifier: Notifier,
        folder: Path,
    ) -> None:
        super().__init__()
        self._bridge, self._controls, self._background, self._notifier = bridge, controls, background, notifier
        self._folder = folder
        self.train, self.add, self.read = TrainBench(self._folder), AddBench(self._folder), ReadBench(background)
        self.benches: tuple[Bench, ...] = (self.train, self.add, self.read)
        self.switch = Segmented("bench", *zip(*BENCHES, strict=True))
        self.open = TextButton("Open a pack …")
        self._playing = muted_label()
        self.findings, self.heard = FindingsView(), HeardView()
        self._left, self._right = QStackedWidget(), QStackedWidget()
        self.setAcceptDrops(True)
        self.setAccessibleName("Lab")
        self._lay_out()
        self._connect()
        self._follow(controls.instrument)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(GAP_PX)
        below.setSpacing(GAP_PX)
        above.addWidget(self.switch)
        above.addStretch(1)
        above.addWidget(self._playing)
        above.addWidget(self.open)
        for bench in self.benches:
            self._left.addWidget(bench)
        below.addWidget(self._left)
        below.addWidget(self._right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP_PX)
        layout.addLayout(above)
        layout.addLayout(below, 1)
        self._fit()

    def add_view(self, view: QWidget) -> None:
        """Show one of the two views, findings first. Apart from all else, since a view takes some time to appear."""
        self._right.addWidget(view)

    def _connect(self) -> None:
        self.switch.chosen.connect(self._on_bench)
        self.open.clicked.connect(self._open_menu)
        for bench in self.benches:
            bench.refused.connect(self._notifier.fail)
        self.train.begun.connect(self._on_begun)
        self.train.found.connect(self._on_found)
        self.train.made.connect(self._on_made)
        self.train.child.failed.connect(self.findings.end_run)
        self.train.child.stopped.connect(self.findings.end_run)
        self.add.made.connect(self.show_pack)
        self.read.heard.connect(self.heard.show_reading)
        self.findings.use_wanted.connect(self._bridge.use_pack)
        self.heard.wanted.connect(self._set_knobs)
        self._controls.instrument_changed.connect(self._follow)

    # The model and the pack that play

    def _follow(self, instrument: ModelLoaded | None) -> None:
        for bench in self.benches:
            bench.follow(instrument)
        self.findings.show_instrument(instrument)
        self.heard.show_genres(() if instrument is None else instrument.genres)
        if instrument is None:
            self._playing.setText("No model yet")
            return
        if self.findings.empty and not self.train.child.running:
            self._show_playing(instrument)
        pack = "its own pack" if instrument.pack is None else instrument.pack.stem
        name = title(instrument.name)
        self._playing.setText(f"{name} plays with {pack if instrument.genres else 'no pack'}")

    def _show_playing(self, instrument: ModelLoaded) -> None:
        if instrument.pack is not None:
            self.show_pack(instrument.pack)
        elif (own := own_pack(instrument)) is not None:
            self.show_pack(own, own=True)

    def _set_knobs(self, knobs: Mapping[str, float]) -> None:
        self._controls.turn_knobs("eyedropper", knobs)
        self._controls.end()  # a step of undo of its own
        self._notifier.tell("the knobs stand where the recording is", Kind.DONE)

    # Benches

    def _on_bench(self, index: int) -> None:
        self._left.setCurrentIndex(index)
        self._right.setCurrentIndex(1 if index == READ else 0)

    def show_bench(self, index: int) -> None:
        """Change to a bench."""
        self.switch.show_choice(index)
        self._on_bench(index)

    def _on_begun(self) -> None:
        self.findings.show_run(Findings(), self._layers)

    def _on_found(self, told: Mapping[str, Any]) -> None:
        if "finding" in told:
            self.findings.show_run(self.findings.findings.with_told(told), self._layers)

    @property
    def _layers(self) -> int:
        return 0 if self._controls.instrument is None else self._controls.instrument.layers

    def _on_made(self, path: Path, result: Mapping[str, Any]) -> None:
        self.show_pack(path, Findings.of_result(result))

    # Packs

    def show_pack(self, path: Path, findings: Findings | None = None, own: bool = False) -> None:
        """Open a pack, beside the window, and show it unless knobs are being made; ``own``: of the model that plays."""

        def load() -> tuple[ProbePack, Findings]:
            pack = ProbePack.load(path)
            return pack, Findings.of_pack(pack, findings)

        def show(loaded: tuple[ProbePack, Findings]) -> None:
            if not self.train.child.running:  # its findings are on display, and more are to come
                self.findings.show_pack(None if own else path, *loaded)

        self._background.start(load, show, lambda error: self._on_bad_pack(path, error))

    def _on_bad_pack(self, path: Path, error: Exception) -> None:
        known = isinstance(error, PackError)
        self._notifier.fail(str(error) if known else f"{path.name} cannot be read ({error}): open another pack")

    def _open_menu(self) -> None:
        menu = QMenu(self)
        instrument = self._controls.instrument
        if (own := own_pack(instrument)) is not None and instrument is not None:
            menu.addAction(f"{title(instrument.name)}'s own", lambda: self._open(own, own=True))
        for path in kept_packs(self._folder)[:MOST_PACKS]:
            menu.addAction(path.stem, partial(self._open, path))
        menu.addSeparator()
        menu.addAction("Another …", self._browse)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.open.mapToGlobal(self.open.rect().bottomLeft()))

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "A pack", str(self._folder), f"Packs (*{SUFFIX});;All files (*)")
        if name:
            self._open(Path(name))

    def _open(self, path: Path, own: bool = False) -> None:
        if self.train.child.running:
            self._notifier.fail("knobs are being made, and their findings are shown here: wait, or cancel that first")
            return
        if self.switch.choice == READ:
            self.show_bench(TRAIN)
        self.show_pack(path, own=own)

    # Drops beside the fields

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path, bench = dropped_path(event.mimeData()), self.benches[self.switch.choice]
        if path is None:
            self._notifier.fail("that is nothing on this machine: save it first, then drop it")
        elif path.suffix == SUFFIX:
            self._open(path)
        elif bench.child.running:
            self._notifier.fail("work is still going on here: wait, or cancel it first")
        else:
            event.acceptProposedAction()
            bench.offer(path)

    # Size and end

    def _fit(self) -> None:
        self._left.setFixedWidth(round(theme.px(BENCH_PX)))
        self.switch.setFixedWidth(self.switch.sizeHint().width() + round(theme.px(60)))

    def changeEvent(self, event: QEvent) -> None:
        if theme.is_theme_change(event):
            self._fit()
        super().changeEvent(event)

    def end(self) -> None:
        """End what has been begun; it closes its files whole."""
        for bench in self.benches:  # all at once, then wait for each
            bench.child.stop()
        self.train.corpus.end()
        for bench in self.benches:
            bench.child.close()
