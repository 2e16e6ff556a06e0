"""A take played again from its score: ``segue takes replay`` beside the window."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from PySide6.QtCore import Signal

from engine.takes.take import Heading
from gui.takes.take_job import TakeJob


class ReplayJob(TakeJob):
    """One replay at a time; it becomes a take beside the old one."""

    finished = Signal(object, str)  #: the new take, and what came of the comparison

    def start(self, take: Heading) -> None:
        """Begin; the music plays on, if it does."""
        again = f"{take.path.stem} again"
        self.make(take, [], itertools.chain([again], (f"{again} {n}" for n in itertools.count(2))))

    def on_made(self, take: Heading, result: Mapping[str, object]) -> None:
        verdict = "identical, token for token" if result["identical"] else "NOT identical"
        if not result["identical"] and result["device"] != result["device_recorded"]:
            verdict += f": recorded on {result['device_recorded']}, played again on {result['device']}"
        self.finished.emit(take, verdict)
