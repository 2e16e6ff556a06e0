"""What was done during one performance, from frame 0 on.

Thread contract: the engine thread appends; the writer thread reads. Everything only ever grows.
"""

import json
from array import array

from engine.takes.fields import LARGEST_BYTES
from engine.takes.score import Change, Dropout, Origin, Score, State, difference

#: differences that are held once, however often they come again: a loop of lanes asks for the same states over and over
SHARED = 4096
#: what a change takes in a sidecar besides its difference: frame, brackets and commas
FRAME_BYTES = 14


class History:
    """Every control change and every dropout of a performance; a restart begins a new history.

    An hour of moving lanes is 180,000 changes, and a replay needs all of them: they are held as the JSON that a score stores.
    The number of a state says nothing of the music and is left out.
    """

    def __init__(self, origin: Origin, initial: State) -> None:
        """`initial` is the control state of frame 0."""
        self.origin = origin
        self.initial = initial
        self.dropouts: list[Dropout] = []
        self._newest = initial
        self._frames = array("q")
        self._differences: list[bytes] = []
        self._shared: dict[bytes, bytes] = {}
        self._score_bytes = 0

    @property
    def full(self) -> bool:
        """Whether a take that begins now may outgrow what a score can hold: half of that is taken."""
        return self._score_bytes > LARGEST_BYTES // 2

    def change(self, frame: int, state: State) -> None:
        """From `frame` on, `state` holds."""
        assert not self._frames or frame >= self._frames[-1], (frame, self._frames[-1])
        changed = difference(self._newest, state)
        changed.pop("number", None)
        self._newest = state
        if not changed:
            return
        text = json.dumps(changed, allow_nan=False, separators=(",", ":")).encode()
        shared = self._shared
        text = shared.setdefault(text, text) if len(shared) < SHARED else shared.get(text, text)
        self._differences.append(text)
        self._frames.append(frame)  # last: a reader counts these
        self._score_bytes += len(text) + FRAME_BYTES

    def changes(self, first: int = 0) -> list[Change]:
        """All from the `first` on, in order."""
        read: dict[bytes, State] = {}
        found = []
        for frame, text in zip(self._frames[first:], self._differences[first:], strict=False):
            state = read.get(text)
            if state is None:
                state = read[text] = json.loads(text)
            found.append(Change(frame, state))
        return found

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
            changes=tuple(change for change in self.changes() if change.frame < end_frame),
            dropouts=tuple(gap for gap in self.dropouts if start_sample <= gap.sample < end_sample),
            start_frame=start_frame,
            end_frame=end_frame,
            start_sample=start_sample,
            codes_sha256=codes_sha256,
        )
