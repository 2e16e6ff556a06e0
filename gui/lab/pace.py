"""How long work will still take, from how it went lately."""

from __future__ import annotations

from collections import deque

WINDOW_S = 20.0
SHORTEST_S = 2.0  # before that, a guess would jump


class Pace:
    """Fed with every word of progress. What was there already when a stage began (a run that goes on) is no pace."""

    def __init__(self) -> None:
        self._stage = ""
        self._seen: deque[tuple[float, float]] = deque()  # (when, how much was done)

    def seconds_left(self, stage: str, done: float, total: float, now_s: float) -> float | None:
        """None while there is nothing to go by."""
        if stage != self._stage:
            self._stage = stage
            self._seen.clear()
        self._seen.append((now_s, done))
        while now_s - self._seen[0][0] > WINDOW_S and len(self._seen) > 2:
            self._seen.popleft()
        # The second word is the first that tells of work done now: the first two may be far apart on a run that goes on.
        began_s, before = self._seen[min(1, len(self._seen) - 1)]
        if not total or done <= before or now_s - began_s < SHORTEST_S:
            return None
        return max(total - done, 0.0) * (now_s - began_s) / (done - before)


def in_words(seconds: float) -> str:
    """As precise as a guess may be."""
    if seconds < 10:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 10) * 10} s left"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
