"""The Study page: start, trials, thanks, one after the other; and results for whoever may see them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from engine.study.plan import Study
from engine.study.sheet import Group, Sheet, open_sheet, sheets_of
from gui.background import Background
from gui.bridge import EngineBridge
from gui.control_model import ControlModel
from gui.notify import Kind, Notifier
from gui.study.results_view import ResultsView
from gui.study.shelf import checked
from gui.study.start_view import StartView
from gui.study.thanks_view import ThanksView
from gui.study.trial_view import TrialView

WHY = "Results show which answers are right. Whoever has seen them, or sits beside the screen, can no longer take part blind."


class StudyPage(QWidget):
    """Take and score the blind listening study.

    Args:
        bridge: through which clips are heard.
        controls: not turned here; they know the model that makes studies.
        background: reads studies and saves answers.
        notifier: for what went wrong.
        shelf: the folder of studies; without it, beside the user's music.
    """

    def __init__(
        self,
        bridge: EngineBridge,
        controls: ControlModel,
        background: Background,
        notifier: Notifier,
        shelf: Path | None = None,
    ) -> None:
        super().__init__()
        self._background, self._notifier = background, notifier
        self._opening = False
        self._study: Study | None = None
        self.start = StartView(background, notifier, controls, shelf)
        self.trials = TrialView(bridge, background, notifier)
        self.thanks, self.results = ThanksView(), ResultsView(notifier)
        self.stack = QStackedWidget()
        for view in (self.start, self.trials, self.thanks, self.results):
            self.stack.addWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self.start.begin_asked.connect(self._on_begin)
        self.start.results_asked.connect(self._on_results)
        self.trials.finished.connect(self._on_finished)
        self.trials.paused.connect(self._on_paused)
        self.thanks.left.connect(self._show_start)
        self.thanks.results_asked.connect(lambda: self._study is not None and self._on_results(self._study))
        self.results.left.connect(self._show_start)
        self.setFocusProxy(self.start)

    def _on_begin(self, folder: Path, code: str, group: Group) -> None:
        if self._opening:
            return

        def open_it() -> tuple[Study, Sheet]:
            study = checked(folder).study
            assert study is not None
            return study, open_sheet(study, code, group)

        self._opening = True
        self._background.start(open_it, self._on_opened, self._on_refused)

    def _on_opened(self, opened: tuple[Study, Sheet]) -> None:
        self._opening = False
        study, sheet = opened
        self._study = study
        if sheet.finished:
            self._notifier.tell(f"{sheet.participant} has answered every trial already", Kind.NOTICE)
            return
        if sheet.answers:
            self._notifier.tell(f"{sheet.participant} goes on with trial {len(sheet.answers) + 1}", Kind.DONE)
        self._turn_to(self.trials)
        self.trials.begin(study, sheet)

    def _on_refused(self, error: Exception) -> None:
        self._opening = False
        self._notifier.fail(str(error))
        self.start.refresh()

    def _on_paused(self, sheet: Sheet) -> None:
        self._notifier.tell(
            f"{len(sheet.answers)} of {len(sheet.trials)} answers of {sheet.participant} are kept; the same code goes on",
            Kind.DONE,
        )
        self._show_start()

    def _on_finished(self, sheet: Sheet) -> None:
        self.start.clear_participant()
        self.thanks.thank(sheet.participant)
        self._turn_to(self.thanks)

    def _on_results(self, study: Study) -> None:
        """Look whether somebody is still to be kept from seeing them; then ask, or show them."""

        def show(sheets: list[Sheet]) -> None:
            waiting = [sheet.participant for sheet in sheets if not sheet.finished]
            if not waiting or self._may_show(waiting):
                self._turn_to(self.results)
                self.results.open(study)

        self._background.start(lambda: sheets_of(study), show, lambda error: self._notifier.fail(str(error)))

    def _may_show(self, waiting: list[str]) -> bool:
        """Ask whoever leads the study."""
        box = QMessageBox(QMessageBox.Icon.Question, "Show results?", "", parent=self)
        box.setText(f"{', '.join(waiting)} {'has' if len(waiting) == 1 else 'have'} not finished. Show the results?")
        box.setInformativeText(WHY)
        show = box.addButton("Show results", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        box.exec()
        return box.clickedButton() is show

    def _show_start(self) -> None:
        self._turn_to(self.start)
        self.start.refresh()

    def _turn_to(self, view: QWidget) -> None:
        self.stack.setCurrentWidget(view)
        self.setFocusProxy(view)
        view.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window is closing: end what has been begun. An answer that is being saved is waited for by ``background``."""
        self.trials.player.stop()
        self.start.end()
        self.results.end()
        super().closeEvent(event)
