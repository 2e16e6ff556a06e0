"""One trial after the other: listen, choose, confirm. Nothing here says which clip is which."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from engine.study.plan import Arm, Study, Trial
from engine.study.sheet import Answer, Sheet
from gui.background import Background
from gui.bridge import EngineBridge
from gui.buttons import TextButton, press_on_enter
from gui.notify import Notifier
from gui.panel import Panel, muted_label
from gui.study.clip_pad import ClipPad
from gui.study.clip_player import ClipPlayer
from gui.study.headline import Headline
from gui.study.steps import Steps

KEYS = {Qt.Key.Key_A: "a", Qt.Key.Key_B: "b", Qt.Key.Key_X: "x"}
CHOICES = {Qt.Key.Key_1: "a", Qt.Key.Key_Left: "a", Qt.Key.Key_2: "b", Qt.Key.Key_Right: "b"}
HINT = "A  B  listen      Space  stop or again      1  2  or  ←  →  choose      Enter  confirm      Esc  pause"
HINT_ABX = f"A  B  X{HINT[4:]}"


class TrialButton(TextButton):
    """A button that leaves every key but Enter to the trial, and the keyboard where it was when it is clicked."""

    def __init__(self, text: str, primary: bool = False) -> None:
        super().__init__(text, primary)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        press_on_enter(self, event)


class TrialView(QWidget):
    """Goes through a sheet. An answer counts once it is on the disk; ``finished`` and ``paused`` bring the sheet."""

    finished = Signal(object)  #: Sheet
    paused = Signal(object)  #: Sheet

    def __init__(self, bridge: EngineBridge, background: Background, notifier: Notifier) -> None:
        super().__init__()
        self._background, self._notifier = background, notifier
        self.player = ClipPlayer(bridge)
        self.sheet: Sheet | None = None
        self._study: Study | None = None
        self._choice, self._shown_at, self._saving = "", 0.0, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.steps, self.question, self.task = Steps(), Headline(22), muted_label()
        self.pause = TrialButton("Pause")
        self.pads = {side: ClipPad(side) for side in ("a", "x", "b")}
        self.choose = {side: TrialButton("") for side in ("a", "b")}
        self.confirm = TrialButton("Confirm", primary=True)
        self.hint = muted_label()
        self._grid = QGridLayout()  # margin, A, X, B, margin
        self._lay_out()
        for side, pad in self.pads.items():
            pad.clicked.connect(lambda _checked=False, side=side: self.player.toggle(side))
        for side, button in self.choose.items():
            button.clicked.connect(lambda _checked=False, side=side: self.choose_side(side))
        self.confirm.clicked.connect(self.confirm_choice)
        self.pause.clicked.connect(self._on_pause)
        self.player.changed.connect(self._show)
        self.player.silent.connect(
            lambda: notifier.fail("nothing can be heard: wait for the model, or connect an audio output")
        )

    def _lay_out(self) -> None:
        panel = Panel()
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.steps, 1)
        top.addWidget(self.pause)
        panel.body.addLayout(top)
        panel.body.addStretch(2)
        for label in (self.question, self.task, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        panel.body.addWidget(self.question)
        panel.body.addWidget(self.task)
        panel.body.addStretch(1)
        self._grid.setHorizontalSpacing(20)
        self._grid.setVerticalSpacing(12)
        self._grid.setRowStretch(0, 1)
        for column, (side, pad) in enumerate(self.pads.items(), 1):
            self._grid.addWidget(pad, 0, column)
            if side in self.choose:
                self._grid.addWidget(self.choose[side], 1, column)
        panel.body.addLayout(self._grid, 12)
        panel.body.addStretch(1)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.confirm)
        line.addStretch(1)
        panel.body.addLayout(line)
        panel.body.addSpacing(6)
        panel.body.addWidget(self.hint)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel)

    # Trials

    def begin(self, study: Study, sheet: Sheet) -> None:
        """Go on with the first trial that has no answer."""
        self._study, self.sheet = study, sheet
        self._next()

    @property
    def trial(self) -> Trial | None:
        """The trial that is shown."""
        return None if self.sheet is None or self.sheet.finished else self.sheet.trials[len(self.sheet.answers)]

    def _next(self) -> None:
        trial, study, sheet = self.trial, self._study, self.sheet
        assert trial is not None
        assert study is not None
        assert sheet is not None
        clips: dict[str, Path] = {"a": study.clip(trial.a), "b": study.clip(trial.b)}
        abx = trial.arm is Arm.ABX
        if abx:
            clips["x"] = study.clip(trial.x)
        self._choice, self._shown_at, self._saving = "", time.monotonic(), False
        self.question.setText("Which of the two is X?" if abx else f"Which one is more {trial.target}?")
        self.task.setText("X is A or B once more, note for note." if abx else f"The music comes from {trial.source}.")
        self.hint.setText(HINT_ABX if abx else HINT)
        self.pads["x"].setVisible(abx)
        for column, stretch in enumerate((1, 3, 3, 3, 1) if abx else (2, 3, 0, 3, 2)):
            self._grid.setColumnStretch(column, stretch)
        self.player.load(clips, float(study.facts.get("clip_s", 10.0)))
        self.steps.show_steps(len(sheet.answers), len(sheet.trials))
        self.setFocus()
        self._show()

    def _show(self) -> None:
        player, trial, abx = self.player, self.trial, "x" in self.player.sides
        if trial is None:
            return
        for side in player.sides:
            share = player.share if player.side == side else None
            self.pads[side].show_state(share, player.heard(side), side == self._choice)
        ready = player.all_heard and not self._saving
        for side, button in self.choose.items():
            letter, key = side.upper(), "1" if side == "a" else "2"
            words = f"X is {letter}" if abx else f"{letter} is more {trial.target}"
            button.setText(f"✓  {words}" if side == self._choice else words)
            button.setToolTip(f"{key}, or {'←' if side == 'a' else '→'}" if ready else "Listen to all of them first")
            button.setAccessibleName(f"Choose {letter}" + (", chosen" if side == self._choice else ""))
            button.setEnabled(ready)
        self.confirm.setEnabled(ready and bool(self._choice))
        self.confirm.setToolTip("Enter" if self._choice else "Choose first")

    def choose_side(self, side: str) -> None:
        """Decide, as long as it is not confirmed; only after all clips have been heard."""
        if self.player.all_heard and not self._saving:
            self._choice = side
            self._show()

    def confirm_choice(self) -> None:
        """Save the answer; then the next trial."""
        sheet = self.sheet
        if not self._choice or self._saving or sheet is None:
            return
        self.player.stop()
        answer = Answer(self._choice, round(time.monotonic() - self._shown_at, 2), dict(self.player.plays))
        self._saving = True
        self._show()
        # The disk may take its time, the window must not; nor may a closing window lose it.
        self._background.save(lambda: sheet.with_answer(answer), self._on_saved, self._on_refused)

    def _on_saved(self, sheet: Sheet) -> None:
        self.sheet = sheet
        if sheet.finished:
            self._saving = False
            self.finished.emit(sheet)
        else:
            self._next()

    def _on_refused(self, error: Exception) -> None:
        self._saving = False
        self._notifier.fail(f"{error}; this answer is not saved yet, confirm it again")
        self._show()

    def _on_pause(self) -> None:
        self.player.stop()
        if not self._saving:
            self.paused.emit(self.sheet)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        side = KEYS.get(key, "")
        if not plain or event.isAutoRepeat():
            event.ignore()
        elif side in self.player.sides:
            self.player.play(side)
        elif key in CHOICES:
            self.choose_side(CHOICES[key])
        elif key == Qt.Key.Key_Space:
            self.player.toggle(self.player.side or self.player.last or "a")
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.confirm_choice()
        elif key == Qt.Key.Key_Escape:
            self._on_pause()
        else:
            event.ignore()

    def hideEvent(self, event: QHideEvent) -> None:
        self.player.stop()
        super().hideEvent(event)
