"""What was done during one performance, from frame 0 on.

Thread contract: the engine thread appends; the writer thread reads. Both lists only ever grow.
"""

from engine.takes.score import Change, Dropout, Origin, Score, State, difference


class History:
    """Every control change and every dropout of a performance; a restart begins a new history."""

    def __init__(self, origin: Origin, initial: State) -> None:
        """`initial` is the control state of frame 0."""
        self.origin = origin
        self.initial = initial
        self.changes: list[Change] = []
        self.dropouts: list[Dropout] = []
        self._newest = initial

    def change(self, frame: int, state: State) -> None:
        """From `frame` on, `state` holds."""
        assert not self.changes or frame >= self.changes[-1].frame, (frame, self.changes[-1].frame)
        self.changes.append(Change(frame, difference(self._newest, state)))
        self._newest = state

    def dropout(self, sample: int, missing_samples: int) -> None:
        """The listener heard a gap of `missing_samples` before sample `sample` of the performance."""
        self.dropouts.append(Dropout(sample, missing_samples))

    def score(
        self, *, start_frame: int, end_frame: int, start_sample: int, end_sample: int, codes_sha256: str
    ) -> Score:
        """The score of one take of this performance."""
        return Score(
            origin=self.origin,
            initial=self.initial,
            changes=tuple(change for change in self.changes if change.frame < end_frame),
            dropouts=tuple(gap for gap in self.dropouts if start_sample <= gap.sample < end_sample),
            start_frame=start_frame,
            end_frame=end_frame,
            start_sample=start_sample,
            codes_sha256=codes_sha256,
        )
