"""The moves of a take: edit a lane of them, and render the take anew with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel

from engine.messages import ModelLoaded
from engine.status import Status
from engine.takes.take import Heading, Take, load_take
from gui.automation.lane_desk import SIDE, LaneDesk
from gui.automation.lane_kind import lane_kinds
from gui.automation.lane_model import LaneModel
from gui.automation.take_moves import TakeMoves
from gui.automation.variation_job import VariationJob
from gui.background import Background
from gui.buttons import IconButton, TextButton
from gui.control_model import ControlModel
from gui.icons import Icon
from gui.panel import Panel
from gui.takes.job_bar import JobBar


class TakeMovesPanel(Panel):
    """Edits one take at a time.

    ``opened``: a take's moves have been read and stand on the desk. ``taken_up``: they are wanted as live lanes, with their
    length. ``rendered``: a new :class:`Take` is beside the old one.
    """

    opened = Signal()
    closed = Signal()
    taken_up = Signal(object, float)  #: lanes by name, seconds
    rendered = Signal(object)  #: Take
    told = Signal(str)
    failed = Signal(str)

    def __init__(self, controls: ControlModel, background: Background) -> None:
        super().__init__("Moves of a take")
        self._background = background
        self._moves: TakeMoves | None = None
        self._reads = 0
        self._genres: tuple[str, ...] = ()
        self.lanes = LaneModel(parent=self)
        self.desk = LaneDesk(self.lanes)
        self.job = VariationJob(background, self)
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.render_button = TextButton("Render as a new take")
        self.live_button = TextButton("Use as live lanes")
        self.close_button = IconButton(Icon.CLOSE, "Close", side=SIDE)
        self.bar = JobBar()
        self.head.insertWidget(1, self.title)
        self.head.insertWidget(2, self.bar, 8)
        for widget in (self.live_button, self.render_button):
            widget.setStyleSheet("padding: 2px 10px;")
            self.head.addWidget(widget)
        self.head.addSpacing(14)
        for tool in self.desk.tools:
            self.head.addWidget(tool)
        self.head.addSpacing(14)
        self.head.addWidget(self.close_button)
        self.body.addWidget(self.desk, 1)
        self._connect()
        controls.instrument_changed.connect(self._on_instrument)

    def _connect(self) -> None:
        job = self.job
        self.render_button.clicked.connect(self.render_take)
        self.live_button.clicked.connect(lambda: self.taken_up.emit(dict(self.lanes.lanes), self.lanes.length_s))
        self.close_button.clicked.connect(self.closed)
        self.desk.told.connect(self.told)
        self.desk.failed.connect(self.failed)
        self.lanes.changed.connect(self._follow)
        self.bar.stop_asked.connect(job.stop)
        job.progressed.connect(self.bar.show_share)
        job.finished.connect(self._on_rendered)
        job.failed.connect(self.failed)
        job.stopped.connect(lambda: self.told.emit("rendering was stopped; no take was made"))
        for ended in (job.finished, job.failed, job.stopped):
            ended.connect(self.bar.hide)
            ended.connect(self._follow)

    @property
    def take(self) -> Heading | None:
        """The take that is on the desk."""
        return None if self._moves is None else self._moves.take

    def edit_take(self, take: Heading) -> None:
        """Put a take's moves on the desk, as soon as its score is read. Edits of another take are forgotten."""
        self._reads += 1
        number = self._reads
        if self.take is not None and (self.take.path, self.take.created) == (take.path, take.created):
            self.opened.emit()
            return

        def done(moves: TakeMoves) -> None:
            if number == self._reads:
                self._show(moves)

        self._background.start(
            lambda: TakeMoves.of(load_take(take.score_path)),
            done,
            lambda error: self.failed.emit(f"{take.path.name}: {error}"),
        )

    def follow_take(self, old: Path, take: Heading) -> None:
        """A take has been renamed, or noted otherwise."""
        if self._moves is not None and self._moves.take.path == old:
            self._moves = replace(self._moves, take=take)
            self.title.setText(take.title)

    def _show(self, moves: TakeMoves) -> None:
        self._moves = moves
        take = moves.take
        self.title.setText(take.title)
        self.lanes.start_with(moves.shown, take.seconds)
        self._show_kinds()
        self.desk.show_resting(moves.resting)
        if moves.shown:
            self.desk.choose(next(kind.name for kind in lane_kinds(self._take_genres()) if kind.name in moves.shown))
        self.desk.editor.show_everything()
        self._follow()
        self.opened.emit()

    def _take_genres(self) -> tuple[str, ...]:
        """The pack's, and what the take knows besides."""
        known = {kind.name for kind in lane_kinds(self._genres)}
        names = [] if self._moves is None else [*self._moves.exact, *self._moves.resting]
        return (*self._genres, *dict.fromkeys(name for name in names if name not in known))

    def _show_kinds(self) -> None:
        self.desk.show_genres(self._take_genres())

    def _on_instrument(self, instrument: ModelLoaded) -> None:
        self._genres = instrument.genres
        self._show_kinds()

    def show_status(self, status: Status) -> None:
        """Follow the take while it is heard."""
        take = self.take
        heard = take is not None and status.take is not None and status.take == take.path
        self.desk.editor.show_place(status.take_s if heard else None)

    def _follow(self, *_outcome: object) -> None:
        changed = self._moves is not None and self._moves.differs(self.lanes.lanes)
        self.render_button.setEnabled(changed and not self.job.running)
        self.render_button.setToolTip("" if changed else "Change a lane first")
        for button in (self.live_button, self.render_button):
            button.setVisible(not self.job.running)
        self.live_button.setEnabled(bool(self.lanes.lanes))

    def render_take(self) -> None:
        """Render the take anew, with the lanes that have been changed."""
        if self._moves is None or self.job.running:
            return
        automation = self._moves.changes(self.lanes.lanes)
        if automation.lanes:
            self.bar.begin(f"Rendering it with other moves of {', '.join(automation.lanes)}")
            self.job.start(self._moves.take, automation)
            self._follow()

    def _on_rendered(self, take: Take) -> None:
        self.rendered.emit(take)
        self.told.emit(f"{take.title} is rendered, {take.seconds:.1f} s")

    def end(self) -> None:
        """End a rendering with the window."""
        self.job.close()
